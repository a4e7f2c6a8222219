//! Deleting for me alone: the message stays where it is, and I see it no more, on any device.

use std::collections::HashSet;

use rusqlite::Connection;

use super::member::RoomMember;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{MessageId, RoomId, UserId};

/// Holds where the reader (`?2`) has not hidden the row of `message`.
pub(super) const UNHIDDEN: &str = "
    not exists (select 1 from hiding
        where hiding.user_id = ?2 and hiding.room_id = message.room_id and hiding.message_id = message.id)";

/// Hides a message; hidden before, it stays so.
pub(super) fn insert(
    tx: &Tx<'_>,
    user: UserId,
    room: RoomId,
    message: MessageId,
    rev: i64,
) -> Result<()> {
    let sql = "
        insert into hiding (user_id, room_id, message_id, rev) values (?1, ?2, ?3, ?4)
        on conflict do nothing";
    tx.prepare_cached(sql)?.execute((user, room, message, rev))?;
    Ok(())
}

/// What `from` hid in their own room is hidden where it was copied to, `base` numbers on.
pub(super) fn copy(
    tx: &Tx<'_>,
    from: (UserId, RoomId),
    to: (UserId, RoomId),
    base: MessageId,
) -> Result<()> {
    let sql = "
        insert into hiding (user_id, room_id, message_id, rev)
        select ?3, ?4, message_id + ?5, rev from hiding where user_id = ?1 and room_id = ?2";
    tx.prepare_cached(sql)?.execute((from.0, from.1, to.0, to.1, base))?;
    Ok(())
}

/// What `from` hid in a room, `to` sees no more.
pub(super) fn hand_over(
    tx: &Tx<'_>,
    room: RoomId,
    from: UserId,
    to: UserId,
    rev: i64,
) -> Result<()> {
    let sql = "
        update or replace hiding set user_id = ?3, rev = ?4 where room_id = ?1 and user_id = ?2";
    tx.prepare_cached(sql)?.execute((room, from, to, rev))?;
    Ok(())
}

/// Nobody hides the oldest messages of a room any more.
pub(super) fn delete_oldest(tx: &Tx<'_>, room: RoomId, messages: usize) -> Result<()> {
    let sql = "
        delete from hiding where room_id = ?1
            and message_id in (select id from message where room_id = ?1 order by id limit ?2)";
    tx.prepare_cached(sql)?.execute((room, messages))?;
    Ok(())
}

pub(super) fn is_hidden(
    db: &Connection,
    user: UserId,
    room: RoomId,
    message: MessageId,
) -> Result<bool> {
    let sql = "
        select exists (select 1 from hiding where user_id = ?1 and room_id = ?2 and message_id = ?3)";
    Ok(db.prepare_cached(sql)?.query_row((user, room, message), |row| row.get(0))?)
}

/// Whether a member may not see the message with this number: it was there before them, or they hid it.
pub(super) fn is_blind(
    db: &Connection,
    member: &RoomMember,
    room: RoomId,
    message: MessageId,
) -> Result<bool> {
    Ok(message <= member.joined_id || is_hidden(db, member.user_id, room, message)?)
}

/// Who of a room's `members` may not see the message with this number.
pub(super) fn blind(
    db: &Connection,
    members: &[RoomMember],
    room: RoomId,
    message: MessageId,
) -> Result<HashSet<UserId>> {
    let sql = "select user_id from hiding where room_id = ?1 and message_id = ?2";
    let mut query = db.prepare_cached(sql)?;
    let hidden = query.query_map((room, message), |row| row.get(0))?;
    let mut blind = hidden.collect::<rusqlite::Result<HashSet<UserId>>>()?;
    let late = members.iter().filter(|member| message <= member.joined_id);
    blind.extend(late.map(|member| member.user_id));
    Ok(blind)
}

/// What the reader hid after `since`, up to `until`.
pub(super) fn select_since(
    db: &Connection,
    user: UserId,
    room: RoomId,
    since: i64,
    until: i64,
) -> Result<Vec<MessageId>> {
    let sql = "
        select message_id from hiding where user_id = ?1 and room_id = ?2 and rev > ?3 and rev <= ?4
        order by rev";
    let mut query = db.prepare_cached(sql)?;
    let ids = query.query_map((user, room, since, until), |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}
