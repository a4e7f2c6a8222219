//! Files that may lie in the store without a row: uploads that are running, removals that are.
//!
//! What a start finds noted here was cut off, and is cleared away.

use rusqlite::Connection;
use tokio::task::spawn_blocking;

use crate::app::App;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::MediaId;

/// Notes a file that may lie there without a row.
pub(super) fn insert(tx: &Tx<'_>, id: MediaId) -> Result<()> {
    tx.prepare_cached("insert into stray (id, since) values (?1, ?2)")?.execute((id, tx.now))?;
    Ok(())
}

/// The file has its row, or is gone.
pub(super) fn delete(tx: &Tx<'_>, id: MediaId) -> Result<()> {
    tx.prepare_cached("delete from stray where id = ?1")?.execute([id])?;
    Ok(())
}

/// Removes the files of this id, then the note of them. A failure leaves the note for the next start.
pub(super) async fn remove(app: &App, id: MediaId) -> Result<()> {
    let store = app.store.clone();
    let removed = spawn_blocking(move || store.remove(id)).await;
    removed.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?;
    app.db.write(move |tx| delete(tx, id)).await
}

/// Removes what the last run left half done. At the start only, when no upload runs.
///
/// # Errors
/// When the database cannot be read; a file that cannot be removed is tried again at the next start.
pub(crate) async fn clear_away(app: &App) -> anyhow::Result<()> {
    let strays = app.db.read(select_all).await?;
    for id in strays {
        match remove(app, id).await {
            Ok(()) => {
                tracing::info!(media.id = %id, "cleared away an upload or a removal that was cut off")
            }
            Err(error) => {
                tracing::warn!(media.id = %id, "a cut-off upload could not be cleared away: {error}")
            }
        }
    }
    Ok(())
}

fn select_all(db: &Connection) -> Result<Vec<MediaId>> {
    let mut query = db.prepare_cached("select id from stray")?;
    let ids = query.query_map([], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}
