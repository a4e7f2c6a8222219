//! A message: how it is kept, and how people see it.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::card::Card;
use super::hiding::{self, UNHIDDEN};
use super::member::{self, RoomMember};
use super::needle::said;
use super::quote::{self, Quote};
use super::reaction::{self, Reaction};
use super::room::{self, Next};
use super::search_index;
use super::system::System;
use crate::clock::Millis;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CoupleId, MediaId, MessageId, RoomId, ScheduleId, UserId};
use crate::media::{self, Attached};
use crate::storage::Links;

/// A message as `/rooms` and REST have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    pub(super) room_id: RoomId,
    #[schema(value_type = i64)]
    pub(super) id: MessageId,
    pub(super) rev: i64,
    pub(super) sender_id: UserId,
    #[schema(required)]
    pub(super) client_id: Option<Uuid>,
    #[serde(rename = "type")]
    #[schema(examples("TEXT"))]
    pub(super) kind: String,
    #[schema(examples("안녕 👶"))]
    pub(super) content: String,
    /// With SCHEDULE, in place of a content.
    #[serde(rename = "schedule", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    card: Option<Card>,
    /// What it answers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) reply_to: Option<Quote>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    reactions: Vec<Reaction>,
    /// With SYSTEM, in place of a content.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    system: Option<System>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    edited_at: Option<Millis>,
    sent_at: Millis,
    #[serde(flatten)]
    media: Attached,
    /// How many members, the sender aside, have not read it.
    pub(super) unread_count: usize,
    /// Something happened to it since it was sent.
    #[serde(skip)]
    has_changed: bool,
}

/// A message in the mobile app's shape.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AppMessage<'a> {
    #[schema(value_type = i64)]
    id: MessageId,
    chat_id: RoomId,
    sender_id: UserId,
    #[serde(rename = "type")]
    #[schema(examples("TEXT"))]
    kind: &'a str,
    #[schema(examples("안녕 👶"))]
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

    /// In the app's shape; `is_read` when the other one's mark has passed it. Links stand on `origin`.
    pub(super) fn for_app(&self, is_read: bool, origin: &str) -> AppMessage<'_> {
        let (kind, content) = match (self.kind.as_str(), &self.media.0) {
            ("DELETED", _) => ("TEXT", Cow::Borrowed(DELETED)),
            ("FILE", _) => ("TEXT", Cow::Owned(format!("📎 {}", self.content))),
            ("SCHEDULE", _) => {
                ("TEXT", Cow::Owned(self.card.as_ref().map_or_else(String::new, Card::line)))
            }
            (kind, Some(media)) => (kind, Cow::Owned(format!("{origin}{}", media.url))),
            (kind, None) => (kind, Cow::Borrowed(self.content.as_str())),
        };
        let (id, chat_id, sender_id, sent_at) =
            (self.id, self.room_id, self.sender_id, self.sent_at);
        AppMessage { id, chat_id, sender_id, kind, content, is_read, sent_at }
    }

    pub(super) fn with_links(self, links: &Links) -> Self {
        Self { media: self.media.with_links(links), ..self }
    }

    pub(super) fn card(&self) -> Option<&Card> {
        self.card.as_ref()
    }

    pub(super) fn media_id(&self) -> Option<MediaId> {
        self.media.0.as_ref().map(|media| media.media_id)
    }

    pub(super) fn thumbnail_url(&self) -> Option<&str> {
        self.media.0.as_ref().and_then(|media| media.thumbnail_url.as_deref())
    }

    /// Whether the app's shape has a link in it, which stands on the origin by which each phone came.
    pub(super) fn has_link(&self) -> bool {
        self.media.0.is_some()
    }
}

/// Copies what `from` wrote alone behind what `to` wrote alone, as `to`'s own; answers the room it is in.
pub(crate) fn append(tx: &Tx<'_>, from: UserId, to: UserId) -> Result<RoomId> {
    let (source, target) = (own_room(tx, from)?, own_room(tx, to)?);
    let count = room::state(tx, source)?.last_message_id;
    let base = room::reserve(tx, target, count)?;
    let sql = "
        insert into message (room_id, id, rev, changed_rev, sender_id, client_id, type, content, sent_at, edited_at, media_id,
            reply_to, schedule_id)
        select ?2, ?4 + id, ?5 + id, iif(changed_rev is null, null, ?5 + id), ?3,
            iif(client_id in (select client_id from message where sender_id = ?3 and client_id is not null), null, client_id),
            type, content, sent_at, edited_at, media_id, ?4 + reply_to, schedule_id
        from message where room_id = ?1";
    tx.prepare_cached(sql)?.execute((source, target, to, base.id, base.rev))?;
    reaction::copy(tx, (from, source), (to, target), base)?;
    hiding::copy(tx, (from, source), (to, target), base.id)?;
    let rev = room::next_rev(tx, target)?;
    member::update_read(tx, target, to, base.id + count, rev)?;
    Ok(target)
}

/// What `from` wrote in a room, and felt about anything there, is `to`'s, and what they hid is hidden. Each message is a
/// change of its own: who catches up with many does so page by page.
pub(super) fn hand_over(tx: &Tx<'_>, room: RoomId, from: UserId, to: UserId) -> Result<()> {
    let sql = "
        update message set sender_id = iif(sender_id = ?3, ?4, sender_id), changed_rev = ?5,
            client_id = iif(sender_id = ?3 and exists (
                select 1 from message known where known.sender_id = ?4 and known.client_id = message.client_id
            ), null, client_id)
        where room_id = ?1 and id = ?2";
    for id in select_touched(tx, room, from)? {
        tx.prepare_cached(sql)?.execute((room, id, from, to, room::next_rev(tx, room)?))?;
    }
    reaction::hand_over(tx, room, from, to)?;
    hiding::hand_over(tx, room, from, to, room::next_rev(tx, room)?)
}

/// What somebody wrote in a room or reacted to. Others wait meanwhile: a room is older than who came into it lately.
fn select_touched(db: &Connection, room: RoomId, user: UserId) -> Result<Vec<MessageId>> {
    let first = member::first_joined_id(db, room, user)?;
    let sql = "
        select id from message where room_id = ?1 and id > ?3 and sender_id = ?2
        union
        select message_id from reaction where room_id = ?1 and message_id > ?3 and user_id = ?2
        order by 1";
    let mut query = db.prepare_cached(sql)?;
    let ids = query.query_map((room, user, first), |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

fn own_room(db: &Connection, user: UserId) -> Result<RoomId> {
    Ok(db
        .prepare_cached("select self_room_id from user where id = ?1")?
        .query_row([user], |row| row.get(0))?)
}

/// A message about to be written.
pub(super) struct NewMessage {
    pub(super) sender: UserId,
    pub(super) client_id: Option<Uuid>,
    pub(super) kind: &'static str,
    pub(super) content: String,
    pub(super) media: Option<MediaId>,
    pub(super) reply_to: Option<MessageId>,
    pub(super) schedule: Option<ScheduleId>,
}

/// Writes a message as the room's `next`.
pub(super) fn insert(tx: &Tx<'_>, room: RoomId, next: Next, new: NewMessage) -> Result<Message> {
    let sql = "
        insert into message (room_id, id, rev, sender_id, client_id, type, content, sent_at, media_id, reply_to, schedule_id)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let NewMessage { sender, client_id, kind, content, media, reply_to, schedule } = new;
    let key = client_id.as_ref().map(|id| id.as_bytes().as_slice());
    tx.prepare_cached(sql)?.execute((
        room, next.id, next.rev, sender, key, kind, &content, tx.now, media, reply_to, schedule,
    ))?;
    let Unpacked { system, card, content } = unpacked(kind, content);
    Ok(Message {
        room_id: room,
        id: next.id,
        rev: next.rev,
        sender_id: sender,
        client_id,
        kind: kind.to_owned(),
        content,
        system,
        card,
        reply_to: reply_to.map(Quote::bare),
        reactions: Vec::new(),
        edited_at: None,
        sent_at: tx.now,
        media: Attached(media.map(|id| media::select_attachment(tx, id)).transpose()?),
        unread_count: member::count_unread(tx, room, sender, next.id)?,
        has_changed: false,
    })
}

/// Another text; the one before is gone.
pub(super) fn update_text(
    tx: &Tx<'_>,
    room: RoomId,
    id: MessageId,
    content: &str,
    rev: i64,
) -> Result<()> {
    let sql = "
        update message set content = ?3, edited_at = ?4, changed_rev = ?5 where room_id = ?1 and id = ?2";
    tx.prepare_cached(sql)?.execute((room, id, content, tx.now, rev))?;
    search_index::replace(tx, room, id, content)
}

/// A card drawn anew.
pub(super) fn update_card(
    tx: &Tx<'_>,
    room: RoomId,
    id: MessageId,
    card: &str,
    rev: i64,
) -> Result<()> {
    let sql = "update message set content = ?3, changed_rev = ?4 where room_id = ?1 and id = ?2";
    tx.prepare_cached(sql)?.execute((room, id, card, rev))?;
    search_index::replace(tx, room, id, &said("SCHEDULE", card))
}

/// Cards of `couple`'s people are of another schedule; answers how many.
pub(super) fn update_schedule(
    tx: &Tx<'_>,
    from: ScheduleId,
    to: ScheduleId,
    couple: CoupleId,
) -> Result<usize> {
    let sql = "
        update message set schedule_id = ?2
        where schedule_id = ?1 and (select couple_id from user where user.id = sender_id) = ?3";
    Ok(tx.prepare_cached(sql)?.execute((from, to, couple))?)
}

/// Nothing is left of it but its place.
pub(super) fn update_deleted(tx: &Tx<'_>, room: RoomId, id: MessageId, rev: i64) -> Result<()> {
    let sql = "
        update message set type = 'DELETED', content = '', media_id = null, reply_to = null, schedule_id = null,
            edited_at = null, changed_rev = ?3
        where room_id = ?1 and id = ?2";
    tx.prepare_cached(sql)?.execute((room, id, rev))?;
    search_index::remove(tx, room, id)
}

/// Something that hangs on it has changed.
pub(super) fn update_changed(tx: &Tx<'_>, room: RoomId, id: MessageId, rev: i64) -> Result<()> {
    let sql = "update message set changed_rev = ?3 where room_id = ?1 and id = ?2";
    tx.prepare_cached(sql)?.execute((room, id, rev))?;
    Ok(())
}

struct Unpacked {
    system: Option<System>,
    card: Option<Card>,
    content: String,
}

/// A line of the room's own and a card are kept as JSON in place of a text.
fn unpacked(kind: &str, content: String) -> Unpacked {
    match kind {
        "SYSTEM" => {
            let system = serde_json::from_str(&content).ok();
            Unpacked { system, card: None, content: String::new() }
        }
        "SCHEDULE" => {
            let card = serde_json::from_str(&content).ok();
            Unpacked { system: None, card, content: String::new() }
        }
        _ => Unpacked { system: None, card: None, content },
    }
}

/// A query whose rows [`from_row`] reads; `rest` says which.
pub(super) fn select(rest: &str) -> String {
    format!(
        "select message.room_id, message.id, coalesce(message.changed_rev, message.rev), message.sender_id,
            message.client_id, message.type, message.content, message.edited_at, message.sent_at, message.reply_to,
            message.changed_rev is not null, {}
        from message left join media on media.id = message.media_id {rest}",
        media::COLUMNS
    )
}

/// Removes the oldest of a room's messages for good; answers what media each of them had. What hangs on them goes first.
pub(super) fn delete_some(
    tx: &Tx<'_>,
    room: RoomId,
    at_once: usize,
) -> Result<Vec<Option<MediaId>>> {
    let sql = "
        delete from message where room_id = ?1
            and id in (select id from message where room_id = ?1 order by id limit ?2)
        returning media_id";
    let mut query = tx.prepare_cached(sql)?;
    let media = query.query_map((room, at_once), |row| row.get(0))?;
    Ok(media.collect::<rusqlite::Result<_>>()?)
}

/// The message that was saved with this client id.
pub(super) fn select_by_client(
    db: &Connection,
    author: UserId,
    client_id: Uuid,
) -> Result<Option<Message>> {
    let sql = select("where message.sender_id = ?1 and message.client_id = ?2");
    Ok(db
        .prepare_cached(&sql)?
        .query_row((author, client_id.as_bytes().as_slice()), from_row)
        .optional()?)
}

/// The message with this number.
pub(super) fn select_one(db: &Connection, room: RoomId, id: MessageId) -> Result<Message> {
    let sql = select("where message.room_id = ?1 and message.id = ?2");
    let found = db.prepare_cached(&sql)?.query_row((room, id), from_row).optional()?;
    found.ok_or(Error::NoSuchRoom)
}

/// The cards of a schedule, in all rooms.
pub(super) fn select_by_schedule(db: &Connection, schedule: ScheduleId) -> Result<Vec<Message>> {
    let mut query = db.prepare_cached(&select("where message.schedule_id = ?1"))?;
    let messages = query.query_map([schedule], from_row)?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}

/// Which schedules of a couple are shown anywhere.
pub(crate) fn select_shown_schedules(db: &Connection, couple: CoupleId) -> Result<Vec<ScheduleId>> {
    let sql = "
        select id from schedule
        where couple_id = ?1 and exists (select 1 from message where schedule_id = schedule.id)";
    let mut query = db.prepare_cached(sql)?;
    let schedules = query.query_map([couple], |row| row.get(0))?;
    Ok(schedules.collect::<rusqlite::Result<_>>()?)
}

/// The newest message of a room that `reader` may see.
pub(super) fn select_last(
    db: &Connection,
    room: RoomId,
    reader: &RoomMember,
) -> Result<Option<Message>> {
    let sql = select(&format!(
        "where message.room_id = ?1 and message.id > ?3 and {UNHIDDEN} order by message.id desc limit 1"
    ));
    let key = (room, reader.user_id, reader.joined_id);
    Ok(db.prepare_cached(&sql)?.query_row(key, from_row).optional()?)
}

/// As `reader` sees them: with how many have not read each, what they answer to, and links that open.
pub(super) fn shown(
    db: &Connection,
    links: &Links,
    members: &[RoomMember],
    reader: &RoomMember,
    messages: Vec<Message>,
) -> Result<Vec<Message>> {
    let shown = messages.into_iter().map(|mut message| {
        message.unread_count = member::unread_count(members, message.sender_id, message.id);
        complete(db, links, reader, message)
    });
    shown.collect()
}

/// One as `reader`, who is in the room, sees it.
pub(super) fn shown_one(
    db: &Connection,
    links: &Links,
    reader: UserId,
    room: RoomId,
    id: MessageId,
) -> Result<Message> {
    let mut message = select_one(db, room, id)?;
    message.unread_count = member::count_unread(db, room, message.sender_id, id)?;
    let reader = member::one(db, room, reader)?.ok_or(Error::NoSuchRoom)?;
    complete(db, links, &reader, message)
}

/// With everything that hangs on it, as far as `reader` may see it.
pub(super) fn complete(
    db: &Connection,
    links: &Links,
    reader: &RoomMember,
    mut message: Message,
) -> Result<Message> {
    if let Some(quote) = message.reply_to.take() {
        message.reply_to = Some(quote::of(db, links, reader, &message, quote.id)?);
    }
    Ok(with_reactions(db, message)?.with_links(links))
}

/// A reaction is a change: most messages have none to be looked for.
pub(super) fn with_reactions(db: &Connection, mut message: Message) -> Result<Message> {
    if message.has_changed {
        message.reactions = reaction::select(db, message.room_id, message.id)?;
    }
    Ok(message)
}

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Message> {
    let client_id: Option<[u8; 16]> = row.get(4)?;
    let kind: String = row.get(5)?;
    let Unpacked { system, card, content } = unpacked(&kind, row.get(6)?);
    let reply_to: Option<MessageId> = row.get(9)?;
    Ok(Message {
        room_id: row.get(0)?,
        id: row.get(1)?,
        rev: row.get(2)?,
        sender_id: row.get(3)?,
        client_id: client_id.map(Uuid::from_bytes),
        kind,
        content,
        system,
        card,
        reply_to: reply_to.map(Quote::bare),
        reactions: Vec::new(),
        edited_at: row.get(7)?,
        sent_at: row.get(8)?,
        has_changed: row.get(10)?,
        media: media::attachment(row, 11)?,
        unread_count: 0,
    })
}
