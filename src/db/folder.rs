//! The data folder: who owns it, where things lie in it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// In the lock file once a database was made here: an empty one is never silently put in its place.
const INHABITED: &str = "a database was made in this folder\n";

/// How long to wait for a folder that somebody else has.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

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
        take(&lock, &name)?;
        let folder = Self { path: path.to_owned(), lock };
        folder.refuse_if_deserted()?;
        Ok(folder)
    }

    fn refuse_if_deserted(&self) -> Result<()> {
        if self.database().exists() {
            return Ok(());
        }
        let (database, lock) = (self.database(), self.path.join("bambitalk.lock"));
        let (database, lock) = (database.display(), lock.display());
        if self.mark()?.starts_with(INHABITED) {
            bail!(
                "{database} is missing, but there was one; \
                 put it or a backup back, or remove {lock} to start anew"
            );
        }
        if self.log().exists() {
            bail!(
                "{database} is missing, but its log is there; put the database back, or move both away"
            );
        }
        Ok(())
    }

    fn mark(&self) -> Result<String> {
        let mut mark = String::new();
        (&self.lock).rewind()?;
        (&self.lock).read_to_string(&mut mark)?;
        Ok(mark)
    }

    /// The eras that the database may be in: the last one, and the one before it if the last start was cut off.
    pub(super) fn eras(&self) -> Result<Vec<String>> {
        let mark = self.mark()?;
        let eras = mark.strip_prefix(INHABITED).unwrap_or_default().lines();
        Ok(eras.map(str::trim).filter(|era| !era.is_empty()).map(str::to_owned).collect())
    }

    /// Remembers that a database was made here, and which eras it may be in. Written over what is there, which is as
    /// long: a full disk or a power cut in between must not take the mark away.
    pub(super) fn remember(&self, eras: [&str; 2]) -> Result<()> {
        let mark = format!("{INHABITED}{}\n", eras.join("\n"));
        (&self.lock).rewind()?;
        (&self.lock).write_all(mark.as_bytes())?;
        self.lock.set_len(mark.len() as u64)?;
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

    /// The database's write-ahead log.
    pub(super) fn log(&self) -> PathBuf {
        self.path.join("bambitalk.db-wal")
    }

    /// Where snapshots go; made when first asked for.
    pub(crate) fn backups(&self) -> Result<PathBuf> {
        let path = self.path.join("backups");
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    }
}

/// Takes the lock; a command holds it for a moment only, so it is worth a little wait.
fn take(lock: &File, name: &impl std::fmt::Display) -> Result<()> {
    let start = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                std::thread::sleep(PAUSE)
            }
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "another BambiTalk is using {name}; stop it first, or choose another folder with --data-dir"
                )
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {name}"));
            }
        }
    }
}
