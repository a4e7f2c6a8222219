//! Who is in a room, and how far each has read.

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;

use super::room;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{MessageId, RoomId, UserId};

/// A person in a room.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoomMember {
    pub(super) user_id: UserId,
    nickname: String,
    role: String,
    pub(super) last_read_id: MessageId,
    #[serde(skip)]
    pub(super) joined_id: MessageId,
    rev: i64,
    /// No longer in the room; only catching up shows these.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) left: bool,
}

/// Adds a person, who sees what comes from now on.
pub(super) fn insert(tx: &Tx<'_>, room: RoomId, user: UserId) -> Result<()> {
    let rev = room::next_rev(tx, room)?;
    let last = room::state(tx, room)?.last_message_id;
    let sql = "
        insert into room_member (room_id, user_id, joined_id, last_read_id, rev, joined_at)
        values (?1, ?2, ?3, ?3, ?4, ?5)";
    tx.prepare_cached(sql)?.execute((room, user, last, rev, tx.now))?;
    Ok(())
}

/// Takes a person out of every room they are in.
pub(crate) fn leave_all(tx: &Tx<'_>, user: UserId) -> Result<()> {
    for room in rooms_of(tx, user)? {
        let rev = room::next_rev(tx, room)?;
        let sql =
            "update room_member set left_at = ?3, rev = ?4 where room_id = ?1 and user_id = ?2";
        tx.prepare_cached(sql)?.execute((room, user, tx.now, rev))?;
    }
    Ok(())
}

/// Moves a read mark forward.
pub(super) fn update_read(
    tx: &Tx<'_>,
    room: RoomId,
    user: UserId,
    last_read_id: MessageId,
    rev: i64,
) -> Result<()> {
    let sql =
        "update room_member set last_read_id = ?3, rev = ?4 where room_id = ?1 and user_id = ?2";
    tx.prepare_cached(sql)?.execute((room, user, last_read_id, rev))?;
    Ok(())
}

/// The rooms a person is in.
pub(super) fn rooms_of(db: &Connection, user: UserId) -> Result<Vec<RoomId>> {
    let mut query = db
        .prepare_cached("select room_id from room_member where user_id = ?1 and left_at is null")?;
    let rooms = query.query_map([user], |row| row.get(0))?;
    Ok(rooms.collect::<rusqlite::Result<_>>()?)
}

const COLUMNS: &str = "
    room_member.user_id, user.nickname, user.role, room_member.last_read_id, room_member.joined_id, room_member.rev,
    room_member.left_at is not null
    from room_member join user on user.id = room_member.user_id";

/// Everybody in a room.
pub(super) fn all(db: &Connection, room: RoomId) -> Result<Vec<RoomMember>> {
    let sql =
        format!("select {COLUMNS} where room_member.room_id = ?1 and room_member.left_at is null");
    let mut query = db.prepare_cached(&sql)?;
    let members = query.query_map([room], from_row)?;
    Ok(members.collect::<rusqlite::Result<_>>()?)
}

/// Everybody who is or was in a room.
pub(super) fn all_ever(db: &Connection, room: RoomId) -> Result<Vec<RoomMember>> {
    let mut query =
        db.prepare_cached(&format!("select {COLUMNS} where room_member.room_id = ?1"))?;
    let members = query.query_map([room], from_row)?;
    Ok(members.collect::<rusqlite::Result<_>>()?)
}

/// One person in a room, if they are in it.
pub(super) fn one(db: &Connection, room: RoomId, user: UserId) -> Result<Option<RoomMember>> {
    let sql = format!(
        "select {COLUMNS} where room_member.room_id = ?1 and room_member.user_id = ?2 and room_member.left_at is null"
    );
    Ok(db.prepare_cached(&sql)?.query_row((room, user), from_row).optional()?)
}

/// How many of `members`, its sender aside, were there and have not read the message.
pub(super) fn unread_count(members: &[RoomMember], sender: UserId, id: MessageId) -> usize {
    members
        .iter()
        .filter(|member| {
            member.user_id != sender && member.joined_id < id && member.last_read_id < id
        })
        .count()
}

/// The same without reading who they are.
pub(super) fn count_unread(
    db: &Connection,
    room: RoomId,
    sender: UserId,
    id: MessageId,
) -> Result<usize> {
    let sql = "
        select count(*) from room_member
        where room_id = ?1 and user_id <> ?2 and left_at is null and joined_id < ?3 and last_read_id < ?3";
    Ok(db.prepare_cached(sql)?.query_row((room, sender, id), |row| row.get(0))?)
}

/// Whether the mark of anybody but its sender has passed the message.
pub(super) fn is_read(members: &[RoomMember], sender: UserId, id: MessageId) -> bool {
    members.iter().any(|member| member.user_id != sender && member.last_read_id >= id)
}

impl RoomMember {
    /// Whether this member changed after `since`, up to `until`.
    pub(super) fn changed_within(&self, since: i64, until: i64) -> bool {
        since < self.rev && self.rev <= until
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<RoomMember> {
    Ok(RoomMember {
        user_id: row.get(0)?,
        nickname: row.get(1)?,
        role: row.get(2)?,
        last_read_id: row.get(3)?,
        joined_id: row.get(4)?,
        rev: row.get(5)?,
        left: row.get(6)?,
    })
}
