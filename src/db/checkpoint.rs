//! Checkpoints on a thread of their own, so that no message waits for one.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use anyhow::Result;
use rusqlite::Connection;

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
