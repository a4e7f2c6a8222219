//! Who is in a room, and how far each has read.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use utoipa::ToSchema;

use super::room;
use crate::accounts::user::RoleOrGuest;
use crate::clock::Millis;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{CoupleId, MediaId, MessageId, RoomId, UserId};
use crate::live::Announcement;
use crate::storage::{Links, Variant};

/// A person in a room.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoomMember {
    pub(super) user_id: UserId,
    #[schema(examples("안나"))]
    nickname: String,
    #[schema(value_type = RoleOrGuest)]
    role: String,
    #[serde(skip)]
    avatar: Option<MediaId>,
    #[schema(required)]
    avatar_url: Option<String>,
    #[schema(value_type = i64)]
    pub(super) last_read_id: MessageId,
    #[serde(skip)]
    pub(super) joined_id: MessageId,
    #[serde(skip)]
    joined_at: Millis,
    #[serde(skip)]
    left_at: Option<Millis>,
    rev: i64,
    /// No longer in the room; only catching up shows these.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub(super) left: bool,
}

/// Seats a person, who sees what comes after `joined_id`. Who was here before starts anew.
pub(super) fn seat(
    tx: &Tx<'_>,
    room: RoomId,
    user: UserId,
    joined_id: MessageId,
    rev: i64,
) -> Result<()> {
    let sql = "
        insert into room_member (room_id, user_id, joined_id, first_joined_id, last_read_id, rev, joined_at)
        values (?1, ?2, ?3, ?3, ?3, ?4, ?5)
        on conflict do update set joined_id = ?3, last_read_id = ?3, rev = ?4, joined_at = ?5, muted = 0, brought = 0,
            left_at = null";
    tx.prepare_cached(sql)?.execute((room, user, joined_id, rev, tx.now))?;
    Ok(())
}

/// Somebody else brought them in.
pub(super) fn update_brought(tx: &Tx<'_>, room: RoomId, user: UserId) -> Result<()> {
    tx.prepare_cached("update room_member set brought = 1 where room_id = ?1 and user_id = ?2")?
        .execute((room, user))?;
    Ok(())
}

/// Seats `to` where `from` sits, with what they have seen and read.
pub(super) fn seat_in_place_of(
    tx: &Tx<'_>,
    room: RoomId,
    from: UserId,
    to: UserId,
    rev: i64,
) -> Result<()> {
    let sql = "
        insert into room_member
            (room_id, user_id, joined_id, first_joined_id, last_read_id, rev, muted, brought, joined_at)
        select room_id, ?3, joined_id, first_joined_id, last_read_id, ?4, muted, brought, joined_at from room_member
        where room_id = ?1 and user_id = ?2
        on conflict do update set joined_id = excluded.joined_id,
            first_joined_id = min(first_joined_id, excluded.first_joined_id), last_read_id = excluded.last_read_id,
            rev = excluded.rev, muted = excluded.muted, brought = excluded.brought, joined_at = excluded.joined_at,
            left_at = null";
    tx.prepare_cached(sql)?.execute((room, from, to, rev))?;
    Ok(())
}

/// Takes a person's seat.
pub(super) fn update_left(tx: &Tx<'_>, room: RoomId, user: UserId, rev: i64) -> Result<()> {
    let sql = "
        update room_member set left_at = ?3, rev = ?4, nickname = null where room_id = ?1 and user_id = ?2";
    tx.prepare_cached(sql)?.execute((room, user, tx.now, rev))?;
    Ok(())
}

/// Whoever is in the room is shown there as they are called now, and without a picture, whatever becomes of them.
pub(super) fn update_names(tx: &Tx<'_>, room: RoomId) -> Result<()> {
    let sql = "
        update room_member set nickname = (select nickname from user where id = room_member.user_id)
        where room_id = ?1 and left_at is null";
    tx.prepare_cached(sql)?.execute([room])?;
    Ok(())
}

/// What is shown of a person has changed, in every room they are in and whose names are not those of then.
pub(crate) fn touch_member(tx: &Tx<'_>, user: UserId) -> Result<()> {
    let sql = "
        select room_id from room_member where user_id = ?1 and left_at is null and nickname is null";
    let mut query = tx.prepare_cached(sql)?;
    let rooms = query.query_map([user], |row| row.get(0))?;
    for room in rooms.collect::<rusqlite::Result<Vec<RoomId>>>()? {
        let rev = room::next_rev(tx, room)?;
        let sql = "update room_member set rev = ?3 where room_id = ?1 and user_id = ?2";
        tx.prepare_cached(sql)?.execute((room, user, rev))?;
        tx.announce(Announcement::act(move |live| live.room_changed(room)));
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

/// The rooms that nobody has been in since `?1`, once for each who left.
pub(super) const DESERTED: &str = "
    select room_id from room_member
    where left_at <= ?1 and not exists (
        select 1 from room_member other
        where other.room_id = room_member.room_id and (other.left_at is null or other.left_at > ?1))";

/// The rooms that nobody has been in since `before`.
pub(super) fn select_deserted(db: &Connection, before: Millis) -> Result<HashSet<RoomId>> {
    let mut query = db.prepare_cached(DESERTED)?;
    let rooms = query.query_map([before], |row| row.get(0))?;
    Ok(rooms.collect::<rusqlite::Result<_>>()?)
}

/// Whether nobody has been in this room since `before`.
pub(super) fn is_deserted(db: &Connection, room: RoomId, before: Millis) -> Result<bool> {
    let sql = format!("select exists ({DESERTED} and room_id = ?2)");
    Ok(db.prepare_cached(&sql)?.query_row((before, room), |row| row.get(0))?)
}

/// Nobody has ever been in the room.
pub(super) fn delete_all(tx: &Tx<'_>, room: RoomId) -> Result<()> {
    tx.prepare_cached("delete from room_member where room_id = ?1")?.execute([room])?;
    Ok(())
}

/// Nothing that somebody wrote in a room, or felt about anything there, is before this.
pub(super) fn first_joined_id(db: &Connection, room: RoomId, user: UserId) -> Result<MessageId> {
    let sql = "select first_joined_id from room_member where room_id = ?1 and user_id = ?2";
    let first = db.prepare_cached(sql)?.query_row((room, user), |row| row.get(0)).optional()?;
    Ok(first.unwrap_or(0))
}

/// How many rooms a person is in.
pub(super) fn count_rooms(db: &Connection, user: UserId) -> Result<usize> {
    let sql = "select count(*) from room_member where user_id = ?1 and left_at is null";
    Ok(db.prepare_cached(sql)?.query_row([user], |row| row.get(0))?)
}

/// Into how many of them somebody else brought them.
pub(super) fn count_brought(db: &Connection, user: UserId) -> Result<usize> {
    let sql = "
        select count(*) from room_member where user_id = ?1 and brought = 1 and left_at is null";
    Ok(db.prepare_cached(sql)?.query_row([user], |row| row.get(0))?)
}

/// Whether two people are in a room together that is still written in.
pub(super) fn share_a_room(db: &Connection, one: UserId, other: UserId) -> Result<bool> {
    let sql = "
        select exists (
            select 1 from room_member mine
            join room on room.id = mine.room_id
            join room_member theirs on theirs.room_id = mine.room_id and theirs.user_id = ?2
            where mine.user_id = ?1 and mine.left_at is null and theirs.left_at is null and room.archived_at is null)";
    Ok(db.prepare_cached(sql)?.query_row((one, other), |row| row.get(0))?)
}

/// Which couple each person in a room is of, and since when they are in it.
pub(super) fn couples(
    db: &Connection,
    room: RoomId,
) -> Result<Vec<(Millis, UserId, Option<CoupleId>)>> {
    let sql = "
        select room_member.joined_at, user.id, user.couple_id
        from room_member join user on user.id = room_member.user_id
        where room_member.room_id = ?1 and room_member.left_at is null";
    let mut query = db.prepare_cached(sql)?;
    let couples = query.query_map([room], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(couples.collect::<rusqlite::Result<_>>()?)
}

const COLUMNS: &str = "
    room_member.user_id, coalesce(room_member.nickname, user.nickname), user.role, room_member.last_read_id,
    room_member.joined_id, room_member.rev, room_member.left_at, iif(room_member.nickname is null, user.avatar_id, null),
    room_member.joined_at
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
    /// As people see them: with a link to their picture.
    pub(super) fn with_links(self, links: &Links) -> Self {
        Self { avatar_url: self.avatar.map(|id| links.path(id, Variant::Thumb)), ..self }
    }

    /// Whether this one had left when `other` came.
    pub(super) fn left_before(&self, other: &Self) -> bool {
        self.left_at.is_some_and(|left_at| left_at < other.joined_at)
    }

    /// Whether this member changed after `since`, up to `until`.
    pub(super) fn changed_within(&self, since: i64, until: i64) -> bool {
        since < self.rev && self.rev <= until
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<RoomMember> {
    let left_at: Option<Millis> = row.get(6)?;
    Ok(RoomMember {
        user_id: row.get(0)?,
        nickname: row.get(1)?,
        role: row.get(2)?,
        last_read_id: row.get(3)?,
        joined_id: row.get(4)?,
        rev: row.get(5)?,
        left: left_at.is_some(),
        left_at,
        joined_at: row.get(8)?,
        avatar: row.get(7)?,
        avatar_url: None,
    })
}
