//! Pages of a room's history: always an index range, newest first.

use rusqlite::Connection;

use super::member::{self, RoomMember};
use super::message::{self, COLUMNS, Message};
use super::room;
use crate::error::{Error, Result};
use crate::http::Params;
use crate::ids::{MessageId, RoomId, UserId};

/// Which part of the history is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Span {
    Latest,
    Before(MessageId),
    /// Before a message that must be there; before any other there is nothing.
    BeforeExisting(MessageId),
    After(MessageId),
    Around(MessageId),
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
}

/// What `reader` may see of the room in this span; a room they are not in does not exist.
pub(super) fn read(
    db: &Connection,
    room: RoomId,
    reader: UserId,
    span: Span,
    limit: usize,
) -> Result<Page> {
    let members = member::all(db, room)?;
    let floor =
        members.iter().find(|member| member.user_id == reader).ok_or(Error::NoSuchRoom)?.joined_id;
    let messages = match span {
        Span::Latest => select_before(db, room, floor, MessageId::MAX, limit)?,
        Span::Before(id) => select_before(db, room, floor, id, limit)?,
        Span::BeforeExisting(id) if id > room::state(db, room)?.last_message_id => Vec::new(),
        Span::BeforeExisting(id) => select_before(db, room, floor, id, limit)?,
        Span::After(id) => newest_first(message::select_after(db, room, floor.max(id), limit)?),
        Span::Around(id) => select_around(db, room, floor, id, limit)?,
    };
    Ok(Page { messages: message::with_unread(messages, &members), members })
}

fn newest_first(mut messages: Vec<Message>) -> Vec<Message> {
    messages.reverse();
    messages
}

fn select_around(
    db: &Connection,
    room: RoomId,
    floor: MessageId,
    id: MessageId,
    limit: usize,
) -> Result<Vec<Message>> {
    let newer = limit / 2;
    let mut messages = newest_first(message::select_after(db, room, floor.max(id), newer)?);
    messages.extend(select_before(db, room, floor, id.saturating_add(1), limit - newer)?);
    Ok(messages)
}

fn select_before(
    db: &Connection,
    room: RoomId,
    floor: MessageId,
    id: MessageId,
    limit: usize,
) -> Result<Vec<Message>> {
    let sql = format!(
        "select {COLUMNS} where room_id = ?1 and id > ?2 and id < ?3 order by id desc limit ?4"
    );
    let mut query = db.prepare_cached(&sql)?;
    let messages = query.query_map((room, floor, id, limit), message::from_row)?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}
