//! Pages of a room's history: always an index range, newest first.

use rusqlite::Connection;

use super::hiding::UNHIDDEN;
use super::member::{self, RoomMember};
use super::message::{self, Message};
use super::room;
use crate::error::{Error, Result};
use crate::http::Params;
use crate::ids::{MessageId, RoomId, UserId};
use crate::storage::Links;

/// Which part of the history is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Span {
    Latest,
    Before(MessageId),
    /// Before a message that must be there; before any other there is nothing.
    BeforeExisting(MessageId),
    After(MessageId),
    Around(MessageId),
    /// Photos and videos alone.
    ShownBefore(MessageId),
}

impl Span {
    /// From `before`, `after` or `around`; at most one of them.
    pub(super) fn of(params: &Params) -> Result<Self> {
        let ask = |name| params.number(name, Error::Invalid);
        match (ask("before")?, ask("after")?, ask("around")?) {
            (None, None, None) => Ok(Self::Latest),
            (Some(id), None, None) => Ok(Self::Before(id)),
            (None, Some(id), None) => Ok(Self::After(id)),
            (None, None, Some(id)) => Ok(Self::Around(id)),
            _ => Err(Error::Invalid),
        }
    }

    /// From the mobile app's `cursor`: empty or 0 is the first page.
    pub(super) fn of_app(params: &Params) -> Result<Self> {
        match params.number("cursor", Error::Invalid)? {
            None | Some(0) => Ok(Self::Latest),
            Some(cursor) => Ok(Self::BeforeExisting(cursor)),
        }
    }
}

/// A page and the people whose marks it is read with.
pub(super) struct Page {
    pub(super) messages: Vec<Message>,
    pub(super) members: Vec<RoomMember>,
    /// Who has left since the reader came.
    pub(super) former: Vec<RoomMember>,
}

/// What `reader` may see of the room in this span; a room they are not in does not exist.
pub(super) fn read(
    db: &Connection,
    links: &Links,
    reader: UserId,
    room: RoomId,
    span: Span,
    limit: usize,
) -> Result<Page> {
    let (former, members): (Vec<_>, Vec<_>) =
        member::all_ever(db, room)?.into_iter().partition(|member| member.left);
    let reader = members.iter().find(|member| member.user_id == reader).ok_or(Error::NoSuchRoom)?;
    let messages = match span {
        Span::Latest => select_before(db, room, reader, MessageId::MAX, limit)?,
        Span::Before(id) => select_before(db, room, reader, id, limit)?,
        Span::BeforeExisting(id) if id > room::state(db, room)?.last_message_id => Vec::new(),
        Span::BeforeExisting(id) => select_before(db, room, reader, id, limit)?,
        Span::After(id) => newest_first(select_after(db, room, reader, id, limit)?),
        Span::Around(id) => select_around(db, room, reader, id, limit)?,
        Span::ShownBefore(id) => select_shown(db, room, reader, id, limit)?,
    };
    let messages = message::shown(db, links, &members, reader, messages)?;
    let former = former.into_iter().filter(|member| !member.left_before(reader));
    let former = former.map(|member| member.with_links(links)).collect();
    Ok(Page { messages, members, former })
}

fn newest_first(mut messages: Vec<Message>) -> Vec<Message> {
    messages.reverse();
    messages
}

fn select_around(
    db: &Connection,
    room: RoomId,
    reader: &RoomMember,
    id: MessageId,
    limit: usize,
) -> Result<Vec<Message>> {
    let newer = limit / 2;
    let mut messages = newest_first(select_after(db, room, reader, id, newer)?);
    messages.extend(select_before(db, room, reader, id.saturating_add(1), limit - newer)?);
    Ok(messages)
}

fn select_before(
    db: &Connection,
    room: RoomId,
    reader: &RoomMember,
    id: MessageId,
    limit: usize,
) -> Result<Vec<Message>> {
    let sql = message::select(&format!(
        "where message.room_id = ?1 and message.id > ?3 and message.id < ?4 and {UNHIDDEN}
        order by message.id desc limit ?5"
    ));
    let mut query = db.prepare_cached(&sql)?;
    let key = (room, reader.user_id, reader.joined_id, id, limit);
    let messages = query.query_map(key, message::from_row)?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}

fn select_after(
    db: &Connection,
    room: RoomId,
    reader: &RoomMember,
    id: MessageId,
    limit: usize,
) -> Result<Vec<Message>> {
    let sql = message::select(&format!(
        "where message.room_id = ?1 and message.id > ?3 and {UNHIDDEN} order by message.id limit ?4"
    ));
    let mut query = db.prepare_cached(&sql)?;
    let key = (room, reader.user_id, reader.joined_id.max(id), limit);
    let messages = query.query_map(key, message::from_row)?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}

/// The index is named: the one of all messages would do as well in the planner's eyes.
fn select_shown(
    db: &Connection,
    room: RoomId,
    reader: &RoomMember,
    id: MessageId,
    limit: usize,
) -> Result<Vec<Message>> {
    let sql = message::select(&format!(
        "where message.room_id = ?1 and message.id > ?3 and message.id < ?4
            and message.type in ('IMAGE', 'VIDEO') and {UNHIDDEN}
        order by message.id desc limit ?5"
    ));
    let sql = sql.replace("from message ", "from message indexed by message_shown ");
    let mut query = db.prepare_cached(&sql)?;
    let key = (room, reader.user_id, reader.joined_id, id, limit);
    let messages = query.query_map(key, message::from_row)?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}
