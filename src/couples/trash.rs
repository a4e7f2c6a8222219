//! Couples that nobody is in any more: kept for 30 days, then gone with their calendar and their children.

use super::candidate;
use super::couple;
use crate::app::App;
use crate::children;
use crate::clock::{DAY_MS, Millis};
use crate::db::Tx;
use crate::error::Result;
use crate::ids::CoupleId;
use crate::schedules;
use crate::storage::Links;

const KEPT_MS: i64 = 30 * DAY_MS;
/// Rows removed in one commit: others want to write, too.
const AT_ONCE: usize = 500;

/// Removes what has been in the trash for 30 days. Looked for on a reader; one that cannot be removed stops no other.
pub(crate) async fn remove_trashed(app: &App, now: Millis) -> Result<()> {
    let before = now.plus(-KEPT_MS);
    for couple in app.db.read(move |db| couple::select_trashed(db, before)).await? {
        match remove(app, couple).await {
            Ok(()) => {
                tracing::info!(couple.id = %couple, "removed a couple 30 days after nobody was left in it")
            }
            Err(error) => {
                tracing::warn!(couple.id = %couple, "a couple that nobody is left in was not removed: {error}")
            }
        }
    }
    Ok(())
}

async fn remove(app: &App, couple: CoupleId) -> Result<()> {
    loop {
        let links = app.links.clone();
        if !app.db.write(move |tx| remove_some(tx, &links, couple)).await? {
            return Ok(());
        }
    }
}

/// True while there is more to remove.
fn remove_some(tx: &Tx<'_>, links: &Links, couple: CoupleId) -> Result<bool> {
    let removed = schedules::delete_some(tx, links, couple, AT_ONCE)?
        + children::delete_some(tx, couple, AT_ONCE)?;
    if removed > 0 {
        return Ok(true);
    }
    candidate::forget_couple(tx, couple)?;
    couple::delete_empty(tx, couple)?;
    Ok(false)
}
