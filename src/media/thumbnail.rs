//! Thumbnails: made off the path, one at a time, in a process of their own.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::{Notify, watch};
use tokio::task::spawn_blocking;

use super::drawer::{self, Failure};
use super::item;
use super::picture::Drawn;
use crate::app::App;
use crate::ids::MediaId;
use crate::storage::Variant;

/// What cannot be tried to its end is not tried for ever.
const TRIES_MAX: u32 = 5;
const RETRY_AFTER: Duration = Duration::from_secs(10);
const RETRY_AFTER_MAX: Duration = Duration::from_secs(600);

/// Wakes the maker, and those who wait for it.
#[derive(Clone)]
pub(crate) struct Thumbnails {
    waiting: Arc<Notify>,
    made: watch::Sender<()>,
}

impl Default for Thumbnails {
    fn default() -> Self {
        Self { waiting: Arc::default(), made: watch::Sender::new(()) }
    }
}

impl Thumbnails {
    /// There is something to make.
    pub(super) fn wake(&self) {
        self.waiting.notify_one();
    }

    /// Changes whenever one was made, or was given up.
    pub(super) fn made(&self) -> watch::Receiver<()> {
        self.made.subscribe()
    }
}

/// Makes what waits, for as long as the server runs.
pub(crate) async fn make_thumbnails(app: App) {
    let mut pause = RETRY_AFTER;
    loop {
        match make_next(&app).await {
            Ok(true) => pause = RETRY_AFTER,
            Ok(false) => app.thumbnails.waiting.notified().await,
            Err(error) => {
                // The least tried is next: a picture that cannot be read does not keep the others from their turn.
                tracing::warn!("a thumbnail was not made, trying again in a while: {error:#}");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(RETRY_AFTER_MAX);
            }
        }
    }
}

/// Makes the one that waits longest; false when none does.
async fn make_next(app: &App) -> Result<bool> {
    let Some((id, source)) = app.db.read(item::select_waiting).await? else { return Ok(false) };
    let is_tried = app.db.write(move |tx| item::count_thumb_try(tx, id, TRIES_MAX)).await?;
    let hash = if is_tried { make(app, id, source).await? } else { None };
    app.db.write(move |tx| item::update_thumb(tx, id, hash.as_deref())).await?;
    let _ = app.thumbnails.made.send(());
    Ok(true)
}

/// Draws it and brings it to disk; answers its hash, or none where it cannot be drawn.
async fn make(app: &App, id: MediaId, source: Variant) -> Result<Option<Vec<u8>>> {
    let Drawn { jpeg, hash } = match drawer::draw(&app.store, id, source).await {
        Ok(drawn) => drawn,
        Err(Failure::Picture(error)) => {
            tracing::info!(media.id = %id, "no thumbnail: {error:#}");
            return Ok(None);
        }
        Err(Failure::Machine(error)) => return Err(error),
    };
    let store = app.store.clone();
    spawn_blocking(move || store.put(id, Variant::Thumb, &jpeg)).await??;
    Ok(Some(hash))
}
