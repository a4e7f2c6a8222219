//! A disk that is short of room: what is refused before, and what is answered when it is too late for that.

use std::io;

use tokio::task::spawn_blocking;

use crate::app::App;
use crate::error::{Error, Result};

/// Refuses where so much more would take the database's room. What all running uploads are going to write is of it.
pub(super) async fn refuse_if_full(app: &App, bytes: u64) -> Result<()> {
    let store = app.store.clone();
    let has_room = spawn_blocking(move || store.has_room_for(bytes));
    match has_room.await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)? {
        true => Ok(()),
        false => Err(Error::DiskFull),
    }
}

/// A full disk is named; anything else is the server's own trouble.
pub(super) fn on_disk(error: anyhow::Error) -> Error {
    let is_full = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| {
            matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        })
    };
    if error.chain().any(is_full) { Error::DiskFull } else { Error::Internal(error) }
}
