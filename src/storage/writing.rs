//! An object on its way to disk: collected into parts, hashed and written off the async threads.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::{Bytes, BytesMut};
use object_store::MultipartUpload;
use ring::digest::{self, SHA256};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, spawn_blocking};

/// Written at a time. Two of these are in memory: one fills while the other is hashed and written.
const PART_BYTES: usize = 1 << 20;

/// Flushed at a time, while more comes in: the flush at the end is short then, and a message that is committed meanwhile
/// does not wait behind hundreds of megabytes.
const FLUSH_PARTS: u32 = 16;

/// A SHA-256.
pub(crate) type Digest = [u8; 32];

/// All that was hashed, and the buffer it stood in: two buffers change places, so that memory stays flat.
struct Written {
    hash: digest::Context,
    buffer: BytesMut,
}

/// An object that is being written. Dropped unfinished it leaves nothing behind.
pub(crate) struct Writing {
    upload: Box<dyn MultipartUpload>,
    part: BytesMut,
    /// Hashing and writing the part before.
    under_way: Option<JoinHandle<Result<Written>>>,
    /// What the parts before were; none while they are under way.
    written: Option<Written>,
    length: u64,
    parts: u32,
    turns: Arc<Semaphore>,
    flushing: Flushing,
}

/// Brings the beginning of an unfinished object to disk.
pub(super) struct Flushing {
    /// The object's own name begins the name of its unfinished file.
    pub(super) path: PathBuf,
    /// One at a time, whoever's: a slow disk must not take all the threads that the database is read on.
    pub(super) turn: Arc<Semaphore>,
}

impl Flushing {
    /// Begins to flush what is written so far, unless somebody is at it. Nobody hears of a failure here: the flush at the
    /// end, on the handle that wrote, is told of it by the system and fails.
    fn begin(&self) {
        let Ok(turn) = self.turn.clone().try_acquire_owned() else { return };
        let path = self.path.clone();
        spawn_blocking(move || {
            let _turn = turn;
            open_unfinished(&path).and_then(|file| file.sync_data())
        });
    }
}

fn open_unfinished(path: &Path) -> io::Result<File> {
    let missing = || io::Error::from(io::ErrorKind::NotFound);
    let (folder, name) = path.parent().zip(path.file_name()).ok_or_else(missing)?;
    let name = name.to_string_lossy();
    let mut entries = fs::read_dir(folder)?.flatten();
    let entry = entries.find(|entry| entry.file_name().to_string_lossy().starts_with(&*name));
    File::open(entry.ok_or_else(missing)?.path())
}

impl Writing {
    pub(super) fn new(
        upload: Box<dyn MultipartUpload>,
        turns: Arc<Semaphore>,
        flushing: Flushing,
    ) -> Self {
        let written = Written { hash: digest::Context::new(&SHA256), buffer: BytesMut::new() };
        Self {
            upload,
            part: BytesMut::new(),
            under_way: None,
            written: Some(written),
            length: 0,
            parts: 0,
            turns,
            flushing,
        }
    }

    /// Bytes taken so far.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Takes some more; waits while the disk is behind.
    pub(crate) async fn write(&mut self, mut chunk: Bytes) -> Result<()> {
        self.length += chunk.len() as u64;
        while !chunk.is_empty() {
            self.part.reserve(PART_BYTES - self.part.len());
            let fits = chunk.split_to(chunk.len().min(PART_BYTES - self.part.len()));
            self.part.extend_from_slice(&fits);
            if self.part.len() == PART_BYTES {
                self.send_part().await?;
            }
        }
        Ok(())
    }

    /// Everything is on disk under its name when this returns; answers its SHA-256.
    pub(crate) async fn finish(mut self) -> Result<Digest> {
        if !self.part.is_empty() {
            self.send_part().await?;
        }
        let written = self.written().await?;
        let _turn = self.turns.acquire().await?;
        self.upload.complete().await?;
        written.hash.finish().as_ref().try_into().context("a SHA-256 has 32 bytes")
    }

    /// Gives up; nothing is left behind.
    pub(crate) async fn abandon(mut self) {
        let _ = self.written().await;
        if let Err(error) = self.upload.abort().await {
            tracing::warn!("an unfinished upload could not be removed: {error}");
        }
    }

    async fn send_part(&mut self) -> Result<()> {
        let Written { mut hash, buffer } = self.written().await?;
        if self.parts.is_multiple_of(FLUSH_PARTS) && self.parts > 0 {
            self.flushing.begin();
        }
        self.parts += 1;
        let part = std::mem::replace(&mut self.part, buffer).freeze();
        let writing = self.upload.put_part(part.clone().into());
        let turns = self.turns.clone();
        self.under_way = Some(tokio::spawn(async move {
            let _turn = turns.acquire().await?;
            let hashing = spawn_blocking(move || {
                hash.update(&part);
                (hash, part)
            });
            let (hashed, written) = tokio::join!(hashing, writing);
            written?;
            let (hash, part) = hashed?;
            let mut buffer = part.try_into_mut().unwrap_or_default();
            buffer.clear();
            Ok(Written { hash, buffer })
        }));
        Ok(())
    }

    /// The end of all parts sent.
    async fn written(&mut self) -> Result<Written> {
        match self.under_way.take() {
            Some(under_way) => under_way.await?,
            None => self.written.take().context("the part before failed"),
        }
    }
}
