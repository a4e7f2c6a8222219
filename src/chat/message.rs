//! A message: saved once, then told to every phone.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use uuid::Uuid;

use super::content::Draft;
use super::member::{self, RoomMember};
use super::room::{self, Place, Seat};
use crate::app::App;
use crate::clock::Millis;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{MessageId, RoomId, SessionId, UserId};
use crate::live::{Announcement, Channel, Namespace};

/// A message as `/rooms` and REST have it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    pub(super) room_id: RoomId,
    pub(super) id: MessageId,
    pub(super) rev: i64,
    pub(super) sender_id: UserId,
    pub(super) client_id: Option<Uuid>,
    #[serde(rename = "type")]
    kind: String,
    pub(super) content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Millis>,
    sent_at: Millis,
    /// How many members, the sender aside, have not read it.
    pub(super) unread_count: usize,
}

/// A message in the mobile app's shape.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AppMessage<'a> {
    id: MessageId,
    chat_id: RoomId,
    sender_id: UserId,
    #[serde(rename = "type")]
    kind: Cow<'a, str>,
    content: Cow<'a, str>,
    is_read: bool,
    sent_at: Millis,
}

/// What the app shows in place of a message that was deleted for everyone.
const DELETED: &str = "삭제된 메시지입니다.";

impl Message {
    pub(super) fn sent_at(&self) -> Millis {
        self.sent_at
    }

    /// In the app's shape; `is_read` when the other one's mark has passed it.
    pub(super) fn for_app(&self, is_read: bool) -> AppMessage<'_> {
        let (kind, content) = match self.kind.as_str() {
            "DELETED" => ("TEXT", DELETED),
            kind => (kind, self.content.as_str()),
        };
        let (kind, content) = (Cow::Borrowed(kind), Cow::Borrowed(content));
        let (id, chat_id, sender_id, sent_at) =
            (self.id, self.room_id, self.sender_id, self.sent_at);
        AppMessage { id, chat_id, sender_id, kind, content, is_read, sent_at }
    }
}

impl Message {
    /// A message just sent, in the app's shape.
    pub(super) fn into_app(self) -> AppMessage<'static> {
        let (id, chat_id, sender_id, sent_at) =
            (self.id, self.room_id, self.sender_id, self.sent_at);
        let (kind, content) = (Cow::Owned(self.kind), Cow::Owned(self.content));
        AppMessage { id, chat_id, sender_id, kind, content, is_read: false, sent_at }
    }
}

#[derive(Serialize)]
struct Chat<'a> {
    message: &'a Message,
}

/// Saves a message, then tells every phone in the room. Queued at once, in the order of the calls; sent again with the
/// same client id it is the first one's answer.
pub(super) fn send(
    app: &App,
    author: SessionId,
    place: Place,
    draft: Draft,
) -> impl Future<Output = Result<Message>> + Send + use<> {
    let ticket = app.loads.take(author, draft.content.len());
    let queued = ticket.map(|ticket| {
        app.db.write(move |tx| {
            // Given back when the change has run, whoever still waits for it.
            let _ticket = ticket;
            save(tx, author, place, draft)
        })
    });
    async move { queued?.await }
}

fn save(tx: &Tx<'_>, author: SessionId, place: Place, draft: Draft) -> Result<Message> {
    let Seat { user: author, room } = room::seat(tx, author, place)?;
    if let Some(saved) = saved_before(tx, author, room, &draft)? {
        return Ok(saved);
    }
    let message = insert(tx, room, author, draft)?;
    announce(tx, &message);
    Ok(message)
}

/// The message this author saved with the same client id. In another room it is not what was asked for.
fn saved_before(
    tx: &Tx<'_>,
    author: UserId,
    room: RoomId,
    draft: &Draft,
) -> Result<Option<Message>> {
    let Some(client_id) = draft.client_id else { return Ok(None) };
    let saved = select_by_client(tx, author, client_id)?;
    let Some(mut saved) = saved else { return Ok(None) };
    if saved.room_id != room {
        return Err(Error::Invalid);
    }
    saved.unread_count = member::count_unread(tx, room, author, saved.id)?;
    Ok(Some(saved))
}

fn announce(tx: &Tx<'_>, message: &Message) {
    let channel = Channel::Room(message.room_id);
    tx.announce(Announcement::event(
        Namespace::Chats,
        channel,
        "receive_message",
        &message.for_app(false),
    ));
    tx.announce(Announcement::event(Namespace::Rooms, channel, "chat", &Chat { message }));
    let room = message.room_id;
    tx.announce(Announcement::act(move |live| live.room_changed(room)));
}

/// Copies what `from` wrote alone behind what `to` wrote alone, as `to`'s own; answers the room it is in.
pub(crate) fn append(tx: &Tx<'_>, from: UserId, to: UserId) -> Result<RoomId> {
    let (source, target) = (own_room(tx, from)?, own_room(tx, to)?);
    for message in select_all(tx, source)? {
        let next = room::next_message(tx, target)?;
        let sql = "
            insert into message (room_id, id, rev, sender_id, type, content, sent_at, edited_at)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let row = (
            target,
            next.id,
            next.rev,
            to,
            message.kind,
            message.content,
            message.sent_at,
            message.edited_at,
        );
        tx.prepare_cached(sql)?.execute(row)?;
    }
    let last = room::state(tx, target)?.last_message_id;
    let rev = room::next_rev(tx, target)?;
    member::update_read(tx, target, to, last, rev)?;
    Ok(target)
}

fn own_room(db: &Connection, user: UserId) -> Result<RoomId> {
    Ok(db
        .prepare_cached("select self_room_id from user where id = ?1")?
        .query_row([user], |row| row.get(0))?)
}

fn insert(tx: &Tx<'_>, room: RoomId, author: UserId, draft: Draft) -> Result<Message> {
    let next = room::next_message(tx, room)?;
    let sql = "
        insert into message (room_id, id, rev, sender_id, client_id, type, content, sent_at)
        values (?1, ?2, ?3, ?4, ?5, 'TEXT', ?6, ?7)";
    let client_id = draft.client_id.as_ref().map(|id| id.as_bytes().as_slice());
    tx.prepare_cached(sql)?.execute((
        room,
        next.id,
        next.rev,
        author,
        client_id,
        &draft.content,
        tx.now,
    ))?;
    Ok(Message {
        room_id: room,
        id: next.id,
        rev: next.rev,
        sender_id: author,
        client_id: draft.client_id,
        kind: "TEXT".to_owned(),
        content: draft.content,
        edited_at: None,
        sent_at: tx.now,
        unread_count: member::count_unread(tx, room, author, next.id)?,
    })
}

pub(super) const COLUMNS: &str =
    "room_id, id, rev, sender_id, client_id, type, content, edited_at, sent_at from message";

fn select_by_client(db: &Connection, author: UserId, client_id: Uuid) -> Result<Option<Message>> {
    let sql = format!("select {COLUMNS} where sender_id = ?1 and client_id = ?2");
    Ok(db
        .prepare_cached(&sql)?
        .query_row((author, client_id.as_bytes().as_slice()), from_row)
        .optional()?)
}

fn select_all(db: &Connection, room: RoomId) -> Result<Vec<Message>> {
    let mut query =
        db.prepare_cached(&format!("select {COLUMNS} where room_id = ?1 order by id"))?;
    let messages = query.query_map([room], from_row)?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}

/// The messages after `id`, in the order they were sent, which is the order of their revs.
pub(super) fn select_after(
    db: &Connection,
    room: RoomId,
    id: MessageId,
    limit: usize,
) -> Result<Vec<Message>> {
    let sql = format!("select {COLUMNS} where room_id = ?1 and id > ?2 order by id limit ?3");
    let mut query = db.prepare_cached(&sql)?;
    let messages = query.query_map((room, id, limit), from_row)?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}

/// The newest message of a room that `reader` may see.
pub(super) fn select_last(
    db: &Connection,
    room: RoomId,
    reader: &RoomMember,
) -> Result<Option<Message>> {
    let sql = format!("select {COLUMNS} where room_id = ?1 and id > ?2 order by id desc limit 1");
    Ok(db.prepare_cached(&sql)?.query_row((room, reader.joined_id), from_row).optional()?)
}

/// Puts in how many have not read each.
pub(super) fn with_unread(mut messages: Vec<Message>, members: &[RoomMember]) -> Vec<Message> {
    for message in &mut messages {
        message.unread_count = member::unread_count(members, message.sender_id, message.id);
    }
    messages
}

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Message> {
    let client_id: Option<[u8; 16]> = row.get(4)?;
    Ok(Message {
        room_id: row.get(0)?,
        id: row.get(1)?,
        rev: row.get(2)?,
        sender_id: row.get(3)?,
        client_id: client_id.map(Uuid::from_bytes),
        kind: row.get(5)?,
        content: row.get(6)?,
        edited_at: row.get(7)?,
        sent_at: row.get(8)?,
        unread_count: 0,
    })
}
