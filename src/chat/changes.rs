//! Catching up: all that changed in a room since a revision, as it is now.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use super::member::{self, RoomMember};
use super::message::{self, Message};
use super::room;
use crate::error::{Error, Result};
use crate::ids::{MessageId, RoomId, UserId};

/// With more changes in between, loading the room anew is cheaper.
const CHANGES_MAX: i64 = 1_000;

/// What a phone missed. `rev` is where it stands after these; `more` says to ask again from there.
#[derive(Serialize)]
pub(super) struct Changes {
    rev: i64,
    more: bool,
    reload: bool,
    messages: Vec<Message>,
    members: Vec<RoomMember>,
}

/// All that changed after `since`, in the order of the changes, at most `limit` messages.
pub(super) fn since(
    db: &Connection,
    room: RoomId,
    reader: UserId,
    since: i64,
    limit: usize,
) -> Result<Changes> {
    let mut members = member::all_ever(db, room)?;
    let floor = members
        .iter()
        .find(|member| member.user_id == reader && !member.left)
        .ok_or(Error::NoSuchRoom)?
        .joined_id;
    let rev = room::state(db, room)?.rev;
    if since > 0 && rev - since > CHANGES_MAX {
        return Ok(Changes {
            rev,
            more: false,
            reload: true,
            messages: Vec::new(),
            members: Vec::new(),
        });
    }
    let floor = if since > 0 { floor.max(last_known(db, room, since)?) } else { floor };
    let mut messages = message::select_after(db, room, floor, limit + 1)?;
    let more = messages.len() > limit;
    messages.truncate(limit);
    let rev = messages.last().filter(|_| more).map_or(rev, |last| last.rev);
    let present: Vec<_> = members.iter().filter(|member| !member.left).cloned().collect();
    let messages = message::with_unread(messages, &present);
    members.retain(|member| member.changed_within(since, rev));
    Ok(Changes { rev, more, reload: false, messages, members })
}

/// The newest message that was there at `since`. Looks at no more rows than there were changes since.
fn last_known(db: &Connection, room: RoomId, since: i64) -> Result<MessageId> {
    let sql = "select id from message where room_id = ?1 and rev <= ?2 order by id desc limit 1";
    let last = db.prepare_cached(sql)?.query_row((room, since), |row| row.get(0)).optional()?;
    Ok(last.unwrap_or(0))
}
