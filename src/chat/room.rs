//! A room: who is in it, its revision and its last number.

use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::member;
use crate::accounts::{self, Member};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CoupleId, MessageId, RoomId, SessionId, UserId, number};

/// What a room is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What somebody writes alone.
    Own,
    /// A couple's.
    Couple,
    /// The family's, or whoever else is asked in.
    Group,
}

impl Kind {
    fn named(name: &str) -> Self {
        match name {
            "COUPLE" => Self::Couple,
            "GROUP" => Self::Group,
            _ => Self::Own,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Own => "SELF",
            Self::Couple => "COUPLE",
            Self::Group => "GROUP",
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
        left join couple on couple.id = user.couple_id
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
        // Only members have a room without saying which.
        None if room.is_none() => accounts::current(db, session).and(Err(Error::NoSuchRoom)),
        None => accounts::current_person(db, session).and(Err(Error::NoSuchRoom)),
    }
}

/// Parses a room's id from a path; what is no number is no room.
pub(super) fn id_of(text: &str) -> Result<RoomId> {
    number(text).map(RoomId::new).ok_or(Error::NoSuchRoom)
}

/// The room that `user` and nobody else is in.
pub(crate) fn create_own(tx: &Tx<'_>, user: UserId) -> Result<RoomId> {
    let room = insert(tx, Kind::Own, None)?;
    seat_first(tx, room, &[user])?;
    Ok(room)
}

/// A fresh, empty room for a couple.
pub(crate) fn create_couples(
    tx: &Tx<'_>,
    couple: CoupleId,
    members: [UserId; 2],
) -> Result<RoomId> {
    let room = insert(tx, Kind::Couple, Some(couple))?;
    seat_first(tx, room, &members)?;
    Ok(room)
}

/// The first people in a room that is empty.
fn seat_first(tx: &Tx<'_>, room: RoomId, users: &[UserId]) -> Result<()> {
    let rev = next_rev(tx, room)?;
    users.iter().try_for_each(|user| member::seat(tx, room, *user, 0, rev))
}

/// A group to be.
pub(super) struct NewGroup {
    pub(super) client_id: Option<Uuid>,
    pub(super) title: String,
}

/// Makes a group of the creator's couple, with nobody in it yet.
pub(super) fn insert_group(tx: &Tx<'_>, creator: Member, new: &NewGroup) -> Result<RoomId> {
    let sql = "
        insert into room (kind, couple_id, title, creator_id, client_id, created_at)
        values ('GROUP', ?1, ?2, ?3, ?4, ?5) returning id";
    let client_id = new.client_id.as_ref().map(|id| id.as_bytes().as_slice());
    let row = (creator.couple, &new.title, creator.user, client_id, tx.now);
    Ok(tx.prepare_cached(sql)?.query_row(row, |row| row.get(0))?)
}

/// The group this person made with the same client id.
pub(super) fn select_by_client(
    db: &Connection,
    creator: UserId,
    client_id: Uuid,
) -> Result<Option<RoomId>> {
    let sql = "select id from room where creator_id = ?1 and client_id = ?2";
    let key = (creator, client_id.as_bytes().as_slice());
    Ok(db.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?)
}

/// What decides who may do what in a room.
pub(super) struct Rules {
    pub(super) kind: Kind,
    /// Whose members look after it.
    pub(super) couple: Option<CoupleId>,
    pub(super) title: Option<String>,
    pub(super) is_archived: bool,
}

pub(super) fn rules(db: &Connection, room: RoomId) -> Result<Rules> {
    let sql = "select kind, couple_id, title, archived_at is not null from room where id = ?1";
    let read = |row: &Row<'_>| {
        let kind: String = row.get(0)?;
        Ok(Rules {
            kind: Kind::named(&kind),
            couple: row.get(1)?,
            title: row.get(2)?,
            is_archived: row.get(3)?,
        })
    };
    db.prepare_cached(sql)?.query_row([room], read).optional()?.ok_or(Error::NoSuchRoom)
}

/// Calls a room something else.
pub(super) fn update_title(tx: &Tx<'_>, room: RoomId, title: &str) -> Result<()> {
    tx.prepare_cached("update room set title = ?2 where id = ?1")?.execute((room, title))?;
    Ok(())
}

/// Gives a group to another couple's care.
pub(super) fn update_couple(tx: &Tx<'_>, room: RoomId, couple: CoupleId) -> Result<()> {
    tx.prepare_cached("update room set couple_id = ?2 where id = ?1")?.execute((room, couple))?;
    Ok(())
}

/// What was one couple's is the other's from now on.
pub(crate) fn move_all(tx: &Tx<'_>, from: CoupleId, to: CoupleId) -> Result<()> {
    tx.prepare_cached("update room set couple_id = ?2 where couple_id = ?1")?
        .execute((from, to))?;
    Ok(())
}

/// What `from` made, `to` has made.
pub(super) fn update_creator(tx: &Tx<'_>, room: RoomId, from: UserId, to: UserId) -> Result<()> {
    let sql = "
        update room set creator_id = ?3,
            client_id = iif(exists (
                select 1 from room known where known.creator_id = ?3 and known.client_id = room.client_id
            ), null, client_id)
        where id = ?1 and creator_id = ?2";
    tx.prepare_cached(sql)?.execute((room, from, to))?;
    Ok(())
}

/// Of the groups that two looked after, those that one of them is in go along into the couple that they leave for: where
/// they made it, and where the other one is not.
pub(crate) fn move_along(
    tx: &Tx<'_>,
    from: CoupleId,
    to: CoupleId,
    leaver: UserId,
    stayer: UserId,
) -> Result<()> {
    let sql = "
        update room set couple_id = ?2
        where couple_id = ?1 and kind = 'GROUP'
            and exists (
                select 1 from room_member
                where room_id = room.id and user_id = ?3 and left_at is null)
            and (creator_id = ?3 or not exists (
                select 1 from room_member
                where room_id = room.id and user_id = ?4 and left_at is null))";
    tx.prepare_cached(sql)?.execute((from, to, leaver, stayer))?;
    Ok(())
}

/// The groups that a couple looks after.
pub(super) fn groups_of(db: &Connection, couple: CoupleId) -> Result<Vec<RoomId>> {
    let sql = "select id from room where couple_id = ?1 and kind = 'GROUP' and archived_at is null";
    let mut query = db.prepare_cached(sql)?;
    let rooms = query.query_map([couple], |row| row.get(0))?;
    Ok(rooms.collect::<rusqlite::Result<_>>()?)
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
#[derive(Clone, Copy)]
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
    next.ok_or(Error::Archived)
}

/// Takes `count` numbers and revisions at once; answers the ones before them.
pub(super) fn reserve(tx: &Tx<'_>, room: RoomId, count: i64) -> Result<Next> {
    let sql = "
        update room set rev = rev + ?2, last_message_id = last_message_id + ?2
        where id = ?1 returning last_message_id - ?2, rev - ?2";
    Ok(tx
        .prepare_cached(sql)?
        .query_row((room, count), |row| Ok(Next { id: row.get(0)?, rev: row.get(1)? }))?)
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

/// Nothing more is written into this room; its members go on reading it, whatever becomes of the couple it was of, and
/// learn nothing more of each other.
pub(crate) fn archive(tx: &Tx<'_>, room: RoomId) -> Result<()> {
    let rev = next_rev(tx, room)?;
    tx.prepare_cached(
        "update room set archived_at = ?2, couple_id = null, rev = ?3 where id = ?1",
    )?
    .execute((room, tx.now, rev))?;
    member::update_names(tx, room)
}

/// The room itself; what was in it is gone.
pub(super) fn delete(tx: &Tx<'_>, room: RoomId) -> Result<()> {
    tx.prepare_cached("delete from room where id = ?1")?.execute([room])?;
    Ok(())
}

fn insert(tx: &Tx<'_>, kind: Kind, couple: Option<CoupleId>) -> Result<RoomId> {
    let sql = "insert into room (kind, couple_id, created_at) values (?1, ?2, ?3) returning id";
    Ok(tx.prepare_cached(sql)?.query_row((kind.name(), couple, tx.now), |row| row.get(0))?)
}

/// How far a room goes, and how far it is indexed.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) last_message_id: MessageId,
    pub(super) indexed_id: MessageId,
}

impl Extent {
    pub(super) fn is_behind(self) -> bool {
        self.indexed_id < self.last_message_id
    }
}

pub(super) fn extent(db: &Connection, room: RoomId) -> Result<Option<Extent>> {
    let sql = "select last_message_id, indexed_id from room where id = ?1";
    let read = |row: &Row<'_>| Ok(Extent { last_message_id: row.get(0)?, indexed_id: row.get(1)? });
    Ok(db.prepare_cached(sql)?.query_row([room], read).optional()?)
}

/// Everything up to this message is indexed.
pub(super) fn update_indexed(tx: &Tx<'_>, room: RoomId, id: MessageId) -> Result<()> {
    tx.prepare_cached("update room set indexed_id = ?2 where id = ?1")?.execute((room, id))?;
    Ok(())
}

/// Which of the next rooms after `after` are not indexed to their end, and the last room that was looked at; none when
/// there are no more.
pub(super) fn select_behind(
    db: &Connection,
    after: RoomId,
) -> Result<(Vec<RoomId>, Option<RoomId>)> {
    const AT_ONCE: usize = 1_000;
    let sql = "
        select id, indexed_id < last_message_id from room where id > ?1 order by id limit ?2";
    let mut query = db.prepare_cached(sql)?;
    let rooms = query.query_map((after, AT_ONCE), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rooms = rooms.collect::<rusqlite::Result<Vec<(RoomId, bool)>>>()?;
    let last = rooms.last().map(|(room, _)| *room);
    Ok((
        rooms.into_iter().filter_map(|(room, is_behind)| is_behind.then_some(room)).collect(),
        last,
    ))
}
