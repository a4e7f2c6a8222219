//! Checkpoints on a thread of their own, so that no message waits for one.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use anyhow::Result;
use rusqlite::Connection;

/// WAL pages from which a checkpoint is worth it.
pub(super) const PAGES: i32 = 1_000;
/// What that many pages take in the log, with their headers.
const LOG_BYTES: usize = PAGES as usize * 4_120;

/// Gives an empty log its usual size before anybody opens it: a commit into blocks that are there takes two thirds of the
/// time of one that needs new ones. SQLite takes a log that begins with zeros for an empty one (file format, section 4.1).
/// Without room it stays as it is.
pub(super) fn presize(log: &Path) {
    let is_empty = std::fs::metadata(log).map_or(true, |log| log.len() == 0);
    if is_empty && let Err(error) = write_zeros(log) {
        tracing::debug!("the log keeps its size: {error}");
        let _ = std::fs::remove_file(log);
    }
}

fn write_zeros(log: &Path) -> std::io::Result<()> {
    let mut file = File::create(log)?;
    file.write_all(&vec![0; LOG_BYTES])?;
    file.sync_all()
}

/// Wakes the checkpoint thread; it ends when this is dropped.
pub(super) struct Checkpoints(SyncSender<()>);

impl Checkpoints {
    /// Asks for a checkpoint soon; asking twice is asking once.
    pub(super) fn wake(&self) {
        let _ = self.0.try_send(());
    }
}

/// Starts the thread with its own connection.
pub(super) fn start(path: &Path) -> Result<Checkpoints> {
    let connection = super::connect(path)?;
    let (wake, woken) = sync_channel(1);
    std::thread::Builder::new()
        .name("checkpoint".to_owned())
        .spawn(move || work(&connection, &woken))?;
    Ok(Checkpoints(wake))
}

fn work(connection: &Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        // PASSIVE waits for nobody; what it cannot move yet is moved next time.
        if let Err(error) = connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())) {
            tracing::warn!("checkpoint: {error}");
        }
    }
}
