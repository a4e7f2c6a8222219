//! Where files lie: one folder of immutable objects, and the signed links by which phones read them.
//!
//! Knows no feature. An object is on disk, its folder's entry included, when [`Writing::finish`] has returned.

mod link;
mod reading;
mod writing;

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use object_store::ObjectStoreExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Location;
use tokio::sync::Semaphore;

pub(crate) use link::{Link, Links, Variant};
pub(crate) use reading::stream;
pub(crate) use writing::{Digest, Writing};

use self::writing::Flushing;
use crate::ids::MediaId;

/// Uploads stop where less than the smaller of these is left: the database must always find room (RELIABILITY D2).
const FREE_MIN_BYTES: u64 = 200 << 20;
const FREE_MIN_PERCENT: u64 = 5;

/// Parts that are hashed and written at once.
const TURNS: usize = 2;

/// The media folder. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    objects: Arc<LocalFileSystem>,
    folder: Arc<Path>,
    /// Who writes takes turns: a slow disk must not take all the threads that the database is read on.
    turns: Arc<Semaphore>,
    /// And one at most flushes what is not finished.
    flushes: Arc<Semaphore>,
}

impl Store {
    /// Opens `media` in the data folder, and makes it if it is not there.
    pub(crate) fn open(data: &Path) -> Result<Self> {
        let folder = data.join("media");
        let name = folder.display();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("cannot make the media folder {name}; check who owns it"))?;
        let objects = LocalFileSystem::new_with_prefix(&folder)
            .with_context(|| format!("cannot open the media folder {name}"))?
            .with_fsync(true);
        Ok(Self {
            objects: Arc::new(objects),
            folder: folder.into(),
            turns: Arc::new(Semaphore::new(TURNS)),
            flushes: Arc::new(Semaphore::new(1)),
        })
    }

    /// Begins an object; nothing of it is visible before it is finished.
    pub(crate) async fn begin(&self, id: MediaId, variant: Variant) -> Result<Writing> {
        let upload = self.objects.put_multipart(&location(id, variant)).await?;
        let flushing = Flushing { path: self.path(id, variant), turn: self.flushes.clone() };
        Ok(Writing::new(upload, self.turns.clone(), flushing))
    }

    /// Writes a small object beside the original, on disk when this returns. Blocks. Under its own name at once: what a
    /// crash cuts off is written over by the next try, for nobody reads it before its row says so. What finds no room
    /// takes none.
    pub(crate) fn put(&self, id: MediaId, variant: Variant, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(id, variant);
        let mut file = File::create(&path)?;
        if let Err(error) = file.write_all(bytes).and_then(|()| file.sync_all()) {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        File::open(self.folder.join(shard(id)))?.sync_all()
    }

    /// Opens an object to read. Blocks.
    pub(crate) fn open_file(&self, id: MediaId, variant: Variant) -> io::Result<File> {
        File::open(self.path(id, variant))
    }

    /// Removes all that may lie there under this id, unfinished parts included. Blocks. What is gone already is fine.
    pub(crate) fn remove(&self, id: MediaId) -> io::Result<()> {
        let shard = self.folder.join(shard(id));
        let entries = match fs::read_dir(&shard) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let name = id.to_string();
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&name) {
                remove_file(&entry.path())?;
            }
        }
        File::open(&shard)?.sync_all()
    }

    /// Whether `bytes` more may be written. Blocks for a moment.
    pub(crate) fn has_room_for(&self, bytes: u64) -> io::Result<bool> {
        let space = rustix::fs::statvfs(&*self.folder)?;
        let free = space.f_bavail.saturating_mul(space.f_frsize);
        let total = space.f_blocks.saturating_mul(space.f_frsize);
        let floor = FREE_MIN_BYTES.min(total / 100 * FREE_MIN_PERCENT);
        Ok(free >= floor.saturating_add(bytes))
    }

    fn path(&self, id: MediaId, variant: Variant) -> PathBuf {
        self.folder.join(shard(id)).join(file_name(id, variant))
    }
}

/// Somebody else may have been faster.
fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Folders of a few thousand files each, however many there are.
fn shard(id: MediaId) -> String {
    id.to_string()[..2].to_owned()
}

fn file_name(id: MediaId, variant: Variant) -> String {
    match variant {
        Variant::Original => id.to_string(),
        Variant::Thumb => format!("{id}.thumb"),
        Variant::Poster => format!("{id}.poster"),
    }
}

fn location(id: MediaId, variant: Variant) -> Location {
    Location::from_iter([shard(id), file_name(id, variant)])
}
