//! Read marks: one number a member, which only grows.

use rusqlite::Connection;
use serde::Serialize;
use socketioxide::extract::SocketRef;
use tokio::sync::oneshot;

use super::hiding::UNHIDDEN;
use super::member;
use super::room::{self, Place, Seat};
use super::sockets::tell_out;
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{MessageId, RoomId, SessionId, UserId};
use crate::live::{Announcement, Channel, Departed, Namespace, SocketKey};

/// Reads are counted up to here.
const COUNT_MAX: usize = 1_000;
/// Rows looked at to count them: the reader's own lie between.
const COUNT_ROWS_MAX: usize = 2_000;

/// How far somebody has read.
#[derive(Clone, Copy, Debug)]
pub(super) enum UpTo {
    Newest,
    Message(MessageId),
    /// Came in, read nothing.
    Nothing,
}

/// Somebody came in or read on: the messages in (`from_id`, `last_read_id`] that are not theirs lost one unread.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Info {
    room_id: RoomId,
    user_id: UserId,
    from_id: MessageId,
    last_read_id: MessageId,
    read_count: usize,
    rev: i64,
    /// Came in: who only reads on may have gone meanwhile.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    entered: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reads {
    reads: Vec<Read>,
    rev: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    user_id: UserId,
    last_read_id: MessageId,
}

/// Queues an act that carries no text; one session can only have so many waiting.
pub(super) fn queue<T, F>(
    app: &App,
    session: SessionId,
    act: F,
) -> impl Future<Output = Result<T>> + Send + use<T, F>
where
    T: Send + 'static,
    F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
{
    let queued = app.loads.take(session, 0).map(|ticket| {
        app.db.write(move |tx| {
            let _ticket = ticket;
            act(tx)
        })
    });
    async move { queued?.await }
}

/// Marks as read on `/rooms`. Queued at once.
pub(super) fn read(
    app: &App,
    reader: SessionId,
    room: RoomId,
    id: MessageId,
) -> impl Future<Output = Result<Info>> + Send + use<> {
    queue(app, reader, move |tx| {
        let Seat { user: reader, room } = room::seat(tx, reader, Place::Room(room))?;
        let moved = mark(tx, room, reader, UpTo::Message(id))?;
        if moved.is_news() {
            announce_info(tx, &moved);
        }
        Ok(moved)
    })
}

/// The mobile app's `read_all_messages`: it hears of it also when nothing was unread. Queued at once.
pub(super) fn read_all(
    app: &App,
    reader: SessionId,
) -> impl Future<Output = Result<()>> + Send + use<> {
    queue(app, reader, move |tx| {
        let Seat { user, room } = room::seat(tx, reader, Place::Current)?;
        read_newest(tx, room, user)
    })
}

fn read_newest(tx: &Tx<'_>, room: RoomId, reader: UserId) -> Result<()> {
    let info = mark(tx, room, reader, UpTo::Newest)?;
    if info.is_news() {
        announce_info_to_rooms(tx, &info);
    }
    announce_status(tx, room, reader);
    Ok(())
}

/// The mobile app's socket is connected for certain: whatever ended or moved while it was let in has missed it, so who it
/// is and where it belongs is asked once more. Queued at once.
pub(super) fn arrive(
    app: &App,
    reader: SessionId,
    socket: SocketRef,
    key: SocketKey,
) -> impl Future<Output = Result<()>> + Send + use<> {
    app.db.write(move |tx| {
        let Seat { user, room } = room::seat(tx, reader, Place::Current)?;
        tx.announce(Announcement::act(move |live| {
            live.confirm(&socket, key, user);
            live.settle(&socket, key, room);
        }));
        Ok(())
    })
}

/// The socket hears the room from now on, and others that its person came in. Queued at once.
pub(super) fn enter(
    app: &App,
    reader: SessionId,
    place: Place,
    up_to: UpTo,
    socket: SocketRef,
    key: SocketKey,
) -> impl Future<Output = Result<(Seat, Reads)>> + Send + use<> {
    queue(app, reader, move |tx| {
        let Seat { user: reader, room } = room::seat(tx, reader, place)?;
        let info = Info { entered: true, ..mark(tx, room, reader, up_to)? };
        if room::rules(tx, room)?.is_archived {
            // Whoever has parted is not to be watched where both go on reading.
            tx.announce(Announcement::act(move |live| live.hush(room)));
        }
        announce_info(tx, &info);
        tx.announce(Announcement::act(move |live| live.enter(&socket, key, room)));
        Ok((Seat { user: reader, room }, reads(tx, room)?))
    })
}

/// The socket no longer hears the room. Queued at once, so that it stays behind the entering.
pub(super) fn exit(
    app: &App,
    leaver: SessionId,
    room: RoomId,
    socket: SocketRef,
    key: SocketKey,
) -> impl Future<Output = Result<()>> + Send + use<> {
    queue(app, leaver, move |tx| {
        tx.announce(Announcement::act(move |live| {
            let person = live.person(key).filter(|_| live.exit(&socket, key, room));
            tell_out(live, person.map(|user| Departed { room, user }).into_iter().collect());
        }));
        Ok(())
    })
}

/// Says that somebody is typing in a room they are in, to the others there. Through the writer, to stay behind entering.
pub(super) fn typing(
    app: &App,
    typist: SessionId,
    room: RoomId,
    key: SocketKey,
) -> impl Future<Output = Result<()>> + Send + use<> {
    let (answered, is_in) = oneshot::channel();
    let queued = queue(app, typist, move |tx| {
        tx.announce(Announcement::act(move |live| {
            let person = live.person(key).filter(|_| live.is_in(key, room));
            let told = |_: &UserId| !live.is_quiet(room) && live.may_type(key, room);
            if let Some(person) = person.filter(told) {
                live.emit_typing(room, person);
            }
            let _ = answered.send(person.is_some());
        }));
        Ok(())
    });
    async move {
        queued.await?;
        if is_in.await.unwrap_or(false) { Ok(()) } else { Err(Error::NoSuchRoom) }
    }
}

/// Somebody has left a room's live chat, not the room.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Out {
    pub(crate) room_id: RoomId,
    pub(crate) user_id: UserId,
}

impl Info {
    fn is_news(&self) -> bool {
        self.from_id < self.last_read_id
    }
}

fn mark(tx: &Tx<'_>, room: RoomId, reader: UserId, up_to: UpTo) -> Result<Info> {
    let from_id = member::one(tx, room, reader)?.ok_or(Error::NoSuchRoom)?.last_read_id;
    let state = room::state(tx, room)?;
    let to = match up_to {
        UpTo::Newest => state.last_message_id,
        UpTo::Message(id) if (1..=state.last_message_id).contains(&id) => id.max(from_id),
        UpTo::Message(_) => return Err(Error::NoSuchRoom),
        UpTo::Nothing => from_id,
    };
    let mut info = Info {
        room_id: room,
        user_id: reader,
        from_id,
        last_read_id: to,
        read_count: 0,
        rev: state.rev,
        entered: false,
    };
    if info.is_news() {
        info.rev = room::next_rev(tx, room)?;
        info.read_count = count_read(tx, room, reader, from_id, to)?;
        member::update_read(tx, room, reader, to, info.rev)?;
        tx.announce(Announcement::act(move |live| live.room_changed(room)));
    }
    Ok(info)
}

/// On `/rooms`, and on `/chats` where the mark has reached the newest.
fn announce_info(tx: &Tx<'_>, info: &Info) {
    announce_info_to_rooms(tx, info);
    let is_newest =
        room::state(tx, info.room_id).is_ok_and(|state| state.last_message_id == info.last_read_id);
    if info.is_news() && is_newest {
        announce_status(tx, info.room_id, info.user_id);
    }
}

/// Who is in the room as `from` is there as `to`.
pub(super) fn announce_as(tx: &Tx<'_>, room: RoomId, from: UserId, to: UserId) -> Result<()> {
    let info = Info { entered: true, ..mark(tx, room, to, UpTo::Nothing)? };
    tx.announce(Announcement::act(move |live| {
        if live.present(room).contains(&from) {
            tell_out(live, vec![Departed { room, user: from }]);
            live.emit(Namespace::Rooms, Channel::Room(room), "info", &info);
        }
    }));
    Ok(())
}

/// To the room; in a quiet one to the reader's own devices.
fn announce_info_to_rooms(tx: &Tx<'_>, info: &Info) {
    let info = info.clone();
    tx.announce(Announcement::act(move |live| {
        let channel = match live.is_quiet(info.room_id) {
            true => Channel::User(info.user_id),
            false => Channel::Room(info.room_id),
        };
        live.emit(Namespace::Rooms, channel, "info", &info);
    }));
}

fn announce_status(tx: &Tx<'_>, room: RoomId, reader: UserId) {
    tx.announce(Announcement::event(
        Namespace::Chats,
        Channel::Room(room),
        "update_read_status",
        &reader,
    ));
}

fn reads(db: &Connection, room: RoomId) -> Result<Reads> {
    let members = member::all(db, room)?;
    let reads = members
        .iter()
        .map(|member| Read { user_id: member.user_id, last_read_id: member.last_read_id })
        .collect();
    Ok(Reads { reads, rev: room::state(db, room)?.rev })
}

/// How many messages in (`from`, `to`] are not the reader's, counted up to 1,000.
pub(super) fn count_read(
    db: &Connection,
    room: RoomId,
    reader: UserId,
    from: MessageId,
    to: MessageId,
) -> Result<usize> {
    let sql = "
        select count(*) from (
            select sender_id from message where room_id = ?1 and id > ?2 and id <= ?3 order by id limit ?5
        ) where sender_id <> ?4";
    let count: usize = db
        .prepare_cached(sql)?
        .query_row((room, from, to, reader, COUNT_ROWS_MAX), |row| row.get(0))?;
    Ok(count.min(COUNT_MAX))
}

/// How many messages are above the reader's mark and neither theirs nor hidden by them, counted up to 1,000. The newest
/// first: who writes much without reading still hears of what comes.
pub(super) fn unread(
    db: &Connection,
    room: RoomId,
    reader: UserId,
    mark: MessageId,
) -> Result<usize> {
    let sql = format!(
        "select count(*) from (
            select sender_id from message where room_id = ?1 and id > ?3 and {UNHIDDEN} order by id desc limit ?4
        ) where sender_id <> ?2"
    );
    let count: usize = db
        .prepare_cached(&sql)?
        .query_row((room, reader, mark, COUNT_ROWS_MAX), |row| row.get(0))?;
    Ok(count.min(COUNT_MAX))
}
