//! The data folder: who owns it, where things lie in it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// In the lock file once a database was made here: an empty one is never silently put in its place.
const INHABITED: &str = "a database was made in this folder\n";

/// A data folder that this process owns until it ends.
pub(crate) struct Folder {
    path: PathBuf,
    /// Holds the lock; the system lets go when the process ends, however it ends.
    lock: File,
}

impl Folder {
    /// Makes the folder if it is not there, and takes it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let name = path.display();
        DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(|| {
            format!("cannot make the data folder {name}; choose another with --data-dir")
        })?;
        let lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join("bambitalk.lock"))
            .with_context(|| format!("cannot write to the data folder {name}; check who owns it, or choose another with --data-dir"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "another BambiTalk is using {name}; stop it first, or choose another folder with --data-dir"
                )
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {name}"));
            }
        }
        let folder = Self { path: path.to_owned(), lock };
        folder.refuse_if_deserted()?;
        Ok(folder)
    }

    /// True when a process owns this folder now.
    pub(crate) fn is_taken(path: &Path) -> bool {
        match File::open(path.join("bambitalk.lock")) {
            Ok(lock) => matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
            Err(_) => false,
        }
    }

    fn refuse_if_deserted(&self) -> Result<()> {
        let mut mark = String::new();
        (&self.lock).read_to_string(&mut mark)?;
        if mark == INHABITED && !self.database().exists() {
            bail!(
                "{} is missing, but there was one; put it or a backup back, or remove {} to start anew",
                self.database().display(),
                self.path.join("bambitalk.lock").display()
            );
        }
        Ok(())
    }

    /// Remembers that a database was made here.
    pub(super) fn mark_inhabited(&self) -> Result<()> {
        if self.lock.metadata()?.len() > 0 {
            return Ok(());
        }
        (&self.lock).write_all(INHABITED.as_bytes())?;
        self.lock.sync_all()?;
        Ok(())
    }

    /// Makes names in the folder as durable as the files behind them.
    pub(crate) fn sync(&self) -> Result<()> {
        File::open(&self.path)?.sync_all()?;
        Ok(())
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// `bambitalk.db`.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("bambitalk.db")
    }

    /// Where snapshots go; made when first asked for.
    pub(crate) fn backups(&self) -> Result<PathBuf> {
        let path = self.path.join("backups");
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    }
}
