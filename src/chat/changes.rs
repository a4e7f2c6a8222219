//! Catching up: all that changed in a room since a revision, as it is now.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use utoipa::ToSchema;

use super::hiding::{self, UNHIDDEN};
use super::member::{self, RoomMember};
use super::message::{self, Message};
use super::room;
use crate::error::{Error, Result};
use crate::ids::{MessageId, RoomId, UserId};
use crate::storage::Links;

/// With more changes in between, loading the room anew is cheaper.
const CHANGES_MAX: i64 = 1_000;

/// What a phone missed. `rev` is where it stands after these; `more` says to ask again from there.
#[derive(Serialize, ToSchema)]
pub(super) struct Changes {
    pub(super) rev: i64,
    pub(super) more: bool,
    pub(super) reload: bool,
    /// New ones and changed ones, in the order of their revisions.
    pub(super) messages: Vec<Message>,
    pub(super) members: Vec<RoomMember>,
    /// What I deleted for me alone.
    #[schema(value_type = Vec<i64>)]
    pub(super) hidden: Vec<MessageId>,
}

/// All that changed after `since`, in the order of the changes, at most `limit` messages.
pub(super) fn since(
    db: &Connection,
    links: &Links,
    reader: UserId,
    room: RoomId,
    since: i64,
    limit: usize,
) -> Result<Changes> {
    let mut members = member::all_ever(db, room)?;
    let present: Vec<_> = members.iter().filter(|member| !member.left).cloned().collect();
    let me =
        present.iter().find(|member| member.user_id == reader).ok_or(Error::NoSuchRoom)?.clone();
    let rev = room::state(db, room)?.rev;
    if since > 0 && (rev - since > CHANGES_MAX || since < seated_rev(db, room, &me)?) {
        return Ok(reload(rev));
    }
    let mut messages = select_new(db, room, &me, since, limit + 1)?;
    messages.append(&mut select_changed(db, room, &me, since, limit + 1)?);
    messages.sort_by_key(|message| message.rev);
    let more = messages.len() > limit;
    messages.truncate(limit);
    let rev = messages.last().filter(|_| more).map_or(rev, |last| last.rev);
    let messages = message::shown(db, links, &present, &me, messages)?;
    // Who left before the reader came was never there for them.
    members.retain(|member| member.changed_within(since, rev) && !member.left_before(&me));
    let members = members.into_iter().map(|member| member.with_links(links)).collect();
    let hidden = hiding::select_since(db, reader, room, since, rev)?;
    Ok(Changes { rev, more, reload: false, messages, members, hidden })
}

/// The revision of the line with which the reader came, or came back: who remembers an older one was away, and nobody told
/// them who else came and went. 0 for who has been here from the first message on.
fn seated_rev(db: &Connection, room: RoomId, me: &RoomMember) -> Result<i64> {
    let sql = "select rev from message where room_id = ?1 and id = ?2";
    let rev = db.prepare_cached(sql)?.query_row((room, me.joined_id + 1), |row| row.get(0));
    Ok(if me.joined_id == 0 { 0 } else { rev.optional()?.unwrap_or(0) })
}

fn reload(rev: i64) -> Changes {
    let (messages, members, hidden) = (Vec::new(), Vec::new(), Vec::new());
    Changes { rev, more: false, reload: true, messages, members, hidden }
}

/// What was sent after `since` and has not changed: the order of the numbers is the order of the revisions.
fn select_new(
    db: &Connection,
    room: RoomId,
    reader: &RoomMember,
    since: i64,
    limit: usize,
) -> Result<Vec<Message>> {
    let floor = if since > 0 { last_known(db, room, since)? } else { 0 };
    let sql = message::select(&format!(
        "where message.room_id = ?1 and message.id > ?3 and message.changed_rev is null and {UNHIDDEN}
        order by message.id limit ?4"
    ));
    let mut query = db.prepare_cached(&sql)?;
    let key = (room, reader.user_id, floor.max(reader.joined_id), limit);
    let messages = query.query_map(key, message::from_row)?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}

/// What has changed after `since`, new or old.
fn select_changed(
    db: &Connection,
    room: RoomId,
    reader: &RoomMember,
    since: i64,
    limit: usize,
) -> Result<Vec<Message>> {
    let sql = message::select(&format!(
        "where message.room_id = ?1 and message.changed_rev > ?3 and +message.id > ?4 and {UNHIDDEN}
        order by message.changed_rev limit ?5"
    ));
    let mut query = db.prepare_cached(&sql)?;
    let key = (room, reader.user_id, since, reader.joined_id, limit);
    let messages = query.query_map(key, message::from_row)?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}

/// The newest message that was there at `since`. Looks at no more rows than there were changes since.
fn last_known(db: &Connection, room: RoomId, since: i64) -> Result<MessageId> {
    let sql = "select id from message where room_id = ?1 and rev <= ?2 order by id desc limit 1";
    let last = db.prepare_cached(sql)?.query_row((room, since), |row| row.get(0)).optional()?;
    Ok(last.unwrap_or(0))
}
