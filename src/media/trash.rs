//! The trash: what loses its last name goes into it, and an upload that nobody has named for 30 days; 30 days later it
//! is gone.
//!
//! The only thing that ever removes media. It logs each, and removes never more than what the database says is unnamed
//! and has had its time.

use fail::fail_point;

use super::{item, stray};
use crate::app::App;
use crate::clock::{DAY_MS, Millis};
use crate::db::Tx;
use crate::error::Result;
use crate::ids::MediaId;

const UNNAMED_MS: i64 = 30 * DAY_MS;
const TRASHED_MS: i64 = 30 * DAY_MS;
/// Put into the trash at once, the rest follows at the next look; or taken out of it for good in one commit.
const AT_ONCE: usize = 500;

/// Puts what nobody has named for 30 days into the trash. Looked for on a reader: no message waits for it.
pub(crate) async fn to_trash(app: &App, now: Millis) -> Result<()> {
    let before = now.plus(-UNNAMED_MS);
    let unnamed = app.db.read(move |db| item::select_unnamed(db, before, AT_ONCE)).await?;
    if unnamed.is_empty() {
        return Ok(());
    }
    let trashed = app.db.write(move |tx| {
        let trashed: Result<Vec<bool>> =
            unnamed.into_iter().map(|id| item::trash_unnamed(tx, id)).collect();
        Ok(trashed?.into_iter().filter(|is_trashed| *is_trashed).count())
    });
    let trashed = trashed.await?;
    tracing::info!("put {trashed} uploads that nobody named for 30 days into the trash");
    Ok(())
}

/// Removes what has been in the trash for 30 days, a little in each commit: the rows, then the files.
pub(crate) async fn empty_trash(app: &App, now: Millis) -> Result<()> {
    let before = now.plus(-TRASHED_MS);
    loop {
        let ids = app.db.write(move |tx| forget_some(tx, before)).await?;
        if ids.is_empty() {
            return Ok(());
        }
        for id in &ids {
            tracing::info!(media.id = %id, "removed from the trash after 30 days");
        }
        remove_files(app, ids).await;
    }
}

fn forget_some(tx: &Tx<'_>, before: Millis) -> Result<Vec<MediaId>> {
    let ids = item::delete_trashed(tx, before, AT_ONCE)?;
    ids.iter().try_for_each(|id| stray::insert(tx, *id))?;
    Ok(ids)
}

/// Removes the files of what was forgotten.
async fn remove_files(app: &App, ids: Vec<MediaId>) {
    for id in ids {
        fail_point!("before_trashed_file_goes");
        if let Err(error) = stray::remove(app, id).await {
            tracing::warn!(media.id = %id, "its files could not be removed; the next start tries again: {error}");
        }
    }
}
