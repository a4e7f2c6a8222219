//! Rooms that everybody has left: kept for 30 days, then gone with all that was written in them.

use super::{hiding, invite, member, message, reaction, room, search_index};
use crate::accounts::user;
use crate::app::App;
use crate::clock::{DAY_MS, Millis};
use crate::db::Tx;
use crate::error::Result;
use crate::ids::RoomId;
use crate::media;

const KEPT_MS: i64 = 30 * DAY_MS;
/// Messages removed in one commit: others want to write, too.
const AT_ONCE: usize = 500;

/// Removes the rooms that nobody has been in for 30 days. Looked for on a reader; one that cannot be removed stops no other.
pub(crate) async fn remove_deserted(app: &App, now: Millis) -> Result<()> {
    let before = now.plus(-KEPT_MS);
    for room in app.db.read(move |db| member::select_deserted(db, before)).await? {
        if let Err(error) = remove(app, room, before).await {
            tracing::warn!(room.id = %room, "a room that everybody left was not removed: {error}");
        }
    }
    Ok(())
}

async fn remove(app: &App, room: RoomId, before: Millis) -> Result<()> {
    loop {
        match app.db.write(move |tx| remove_some(tx, room, before)).await? {
            Removal::Begun => {}
            Removal::Done => {
                tracing::info!(room.id = %room, "removed a room 30 days after everybody had left it");
                return Ok(());
            }
            Removal::Needless => return Ok(()),
        }
    }
}

/// How far a room is removed.
enum Removal {
    Begun,
    Done,
    /// Somebody is in it again, or it is gone.
    Needless,
}

/// Whatever loses its last name here has its own 30 days in the trash from now on.
fn remove_some(tx: &Tx<'_>, room: RoomId, before: Millis) -> Result<Removal> {
    if !member::is_deserted(tx, room, before)? {
        return Ok(Removal::Needless);
    }
    hiding::delete_oldest(tx, room, AT_ONCE)?;
    reaction::delete_oldest(tx, room, AT_ONCE)?;
    search_index::delete_oldest(tx, room, AT_ONCE)?;
    let removed = message::delete_some(tx, room, AT_ONCE)?;
    for id in removed.iter().flatten() {
        media::trash_unnamed(tx, *id)?;
    }
    if !removed.is_empty() {
        return Ok(Removal::Begun);
    }
    invite::delete_of_room(tx, room)?;
    member::delete_all(tx, room)?;
    user::forget_self_room(tx, room)?;
    room::delete(tx, room)?;
    Ok(Removal::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rooms_that_somebody_left_are_looked_at() {
        let db = crate::db::scratch();
        let sql = format!("explain query plan {}", member::DESERTED);
        let mut query = db.prepare(&sql).expect("a query");
        let steps = query.query_map([1], |row| row.get(3)).expect("a plan");
        let steps = steps.collect::<rusqlite::Result<Vec<String>>>().expect("its steps");
        assert_eq!(
            steps,
            [
                "SEARCH room_member USING COVERING INDEX room_member_by_leaving (left_at<?)",
                "CORRELATED SCALAR SUBQUERY 1",
                "SEARCH other USING PRIMARY KEY (room_id=?)"
            ]
        );
    }
}
