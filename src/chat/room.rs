//! A room: who is in it, its revision and its last number.

use rusqlite::{Connection, OptionalExtension, Row};

use super::member;
use crate::accounts;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CoupleId, MessageId, RoomId, SessionId, UserId};

/// What a room is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What somebody writes alone.
    Own,
    /// A couple's.
    Couple,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Own => "SELF",
            Self::Couple => "COUPLE",
        }
    }
}

/// Which room an act is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// The one the mobile app shows: the couple's, or while unpaired one's own.
    Current,
    /// This one.
    Room(RoomId),
}

/// Somebody in a room they are in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    pub(super) user: UserId,
    pub(super) room: RoomId,
}

/// Who a session is and their seat in a room: asked again inside each change, in one query. A room they are not in does
/// not exist.
pub(super) fn seat(db: &Connection, session: SessionId, place: Place) -> Result<Seat> {
    let sql = "
        select user.id, room_member.room_id
        from session
        join user on user.id = session.user_id
        join couple on couple.id = user.couple_id
        join room_member on room_member.user_id = user.id
            and room_member.room_id = coalesce(?2, couple.room_id, user.self_room_id)
        where session.id = ?1 and session.ended_at is null
            and user.withdrawn_at is null and room_member.left_at is null";
    let room = match place {
        Place::Current => None,
        Place::Room(room) => Some(room),
    };
    let read = |row: &Row<'_>| Ok(Seat { user: row.get(0)?, room: row.get(1)? });
    match db.prepare_cached(sql)?.query_row((session, room), read).optional()? {
        Some(seat) => Ok(seat),
        None => accounts::current(db, session).and(Err(Error::NoSuchRoom)),
    }
}

/// Parses a room's id from a path; what is no number is no room.
pub(super) fn id_of(text: &str) -> Result<RoomId> {
    text.parse().map(RoomId::new).map_err(|_| Error::NoSuchRoom)
}

/// The room that `user` and nobody else is in.
pub(crate) fn create_own(tx: &Tx<'_>, user: UserId) -> Result<RoomId> {
    let room = insert(tx, Kind::Own, None)?;
    member::insert(tx, room, user)?;
    Ok(room)
}

/// A fresh, empty room for a couple.
pub(crate) fn create_couples(
    tx: &Tx<'_>,
    couple: CoupleId,
    members: [UserId; 2],
) -> Result<RoomId> {
    let room = insert(tx, Kind::Couple, Some(couple))?;
    for user in members {
        member::insert(tx, room, user)?;
    }
    Ok(room)
}

/// The couple's room, or while unpaired one's own.
pub(crate) fn current(db: &Connection, user: UserId) -> Result<RoomId> {
    let sql = "
        select coalesce(couple.room_id, user.self_room_id) from user left join couple on couple.id = user.couple_id
        where user.id = ?1";
    let room: Option<Option<RoomId>> =
        db.prepare_cached(sql)?.query_row([user], |row| row.get(0)).optional()?;
    room.flatten().ok_or(Error::NoSuchRoom)
}

/// A room's next message number and revision.
pub(super) struct Next {
    pub(super) id: MessageId,
    pub(super) rev: i64,
}

/// Takes the next number and revision; an archived room takes nothing more.
pub(super) fn next_message(tx: &Tx<'_>, room: RoomId) -> Result<Next> {
    let sql = "
        update room set rev = rev + 1, last_message_id = last_message_id + 1
        where id = ?1 and archived_at is null returning last_message_id, rev";
    let next = tx
        .prepare_cached(sql)?
        .query_row([room], |row| Ok(Next { id: row.get(0)?, rev: row.get(1)? }))
        .optional()?;
    next.ok_or(Error::NotYours)
}

/// Takes the next revision for any other change in the room.
pub(super) fn next_rev(tx: &Tx<'_>, room: RoomId) -> Result<i64> {
    let sql = "update room set rev = rev + 1 where id = ?1 returning rev";
    Ok(tx.prepare_cached(sql)?.query_row([room], |row| row.get(0))?)
}

/// Where a room stands.
pub(super) struct State {
    pub(super) rev: i64,
    pub(super) last_message_id: MessageId,
}

pub(super) fn state(db: &Connection, room: RoomId) -> Result<State> {
    let sql = "select rev, last_message_id from room where id = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([room], |row| Ok(State { rev: row.get(0)?, last_message_id: row.get(1)? }))?)
}

/// Nothing more is written into this room; it stays readable.
pub(crate) fn archive(tx: &Tx<'_>, room: RoomId) -> Result<()> {
    let rev = next_rev(tx, room)?;
    tx.prepare_cached("update room set archived_at = ?2, rev = ?3 where id = ?1")?
        .execute((room, tx.now, rev))?;
    Ok(())
}

fn insert(tx: &Tx<'_>, kind: Kind, couple: Option<CoupleId>) -> Result<RoomId> {
    let sql = "insert into room (kind, couple_id, created_at) values (?1, ?2, ?3) returning id";
    Ok(tx.prepare_cached(sql)?.query_row((kind.name(), couple, tx.now), |row| row.get(0))?)
}
