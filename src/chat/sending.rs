//! Sending: a message is saved once, then told to every phone.

use std::collections::HashSet;

use serde::Serialize;

use super::card;
use super::content::{Body, Draft};
use super::hiding;
use super::member;
use super::message::{self, Message, NewMessage};
use super::room::{self, Place, Seat};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{MessageId, SessionId};
use crate::live::{Announcement, Channel, Namespace};
use crate::media::{self, Kind};
use crate::storage::Links;

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
    let ticket = app.loads.take(author, draft.weight());
    let acting = app.clone();
    let queued = ticket.map(|ticket| {
        app.db.write(move |tx| {
            // Given back when the change has run, whoever still waits for it.
            let _ticket = ticket;
            save(tx, &acting, author, place, draft)
        })
    });
    async move { queued?.await }
}

fn save(tx: &Tx<'_>, app: &App, author: SessionId, place: Place, draft: Draft) -> Result<Message> {
    let seat = room::seat(tx, author, place)?;
    if let Some(id) = saved_before(tx, seat, &draft)? {
        return message::shown_one(tx, &app.links, seat.user, seat.room, id);
    }
    app.paces.take(seat.user, tx.now)?;
    let new = composed(tx, seat, draft)?;
    let next = room::next_message(tx, seat.room)?;
    let message = message::insert(tx, seat.room, next, new)?.with_links(&app.links);
    announce(tx, &app.links, &message)?;
    match message.reply_to {
        Some(_) => message::shown_one(tx, &app.links, seat.user, seat.room, message.id),
        None => Ok(message),
    }
}

/// The message this author saved with the same client id. In another room it is not what was asked for.
fn saved_before(tx: &Tx<'_>, seat: Seat, draft: &Draft) -> Result<Option<MessageId>> {
    let Some(client_id) = draft.client_id else { return Ok(None) };
    match message::select_by_client(tx, seat.user, client_id)? {
        Some(saved) if saved.room_id != seat.room => Err(Error::Invalid),
        saved => Ok(saved.map(|saved| saved.id)),
    }
}

/// Tells a new message to everybody in the room, and its summary to everybody else who is of it.
fn announce(tx: &Tx<'_>, links: &Links, message: &Message) -> Result<()> {
    let room = message.room_id;
    if message.has_link() {
        let message = message.clone();
        tx.announce(Announcement::act(move |live| {
            live.emit_by_origin(room, "receive_message", |origin| message.for_app(false, origin))
        }));
    } else {
        let (message, channel) = (message.for_app(false, ""), Channel::Room(room));
        tx.announce(Announcement::event(Namespace::Chats, channel, "receive_message", &message));
    }
    match message.reply_to {
        Some(_) => tell_readers(tx, links, "chat", message)?,
        None => {
            let (channel, chat) = (Channel::Room(room), Chat { message });
            tx.announce(Announcement::event(Namespace::Rooms, channel, "chat", &chat));
        }
    }
    tx.announce(Announcement::act(move |live| live.room_changed(room)));
    Ok(())
}

/// A line of the room's own, which the mobile app's room never has, is told like a message.
pub(super) fn announce_line(tx: &Tx<'_>, message: &Message) {
    let room = message.room_id;
    let (channel, chat) = (Channel::Room(room), Chat { message });
    tx.announce(Announcement::event(Namespace::Rooms, channel, "chat", &chat));
    tx.announce(Announcement::act(move |live| live.room_changed(room)));
}

/// Tells a message as it is now to everybody in the room who may see it: what it answers to as far as they may see that.
pub(super) fn tell_readers(
    tx: &Tx<'_>,
    links: &Links,
    event: &'static str,
    message: &Message,
) -> Result<()> {
    let room = message.room_id;
    let members = member::all(tx, room)?;
    let strangers = hiding::blind(tx, &members, room, message.id)?;
    let quoted = message.reply_to.as_ref().map(|quote| quote.id);
    let blind =
        quoted.map_or_else(|| Ok(HashSet::new()), |id| hiding::blind(tx, &members, room, id))?;
    let bare = message.clone();
    let whole = match members.iter().find(|member| !blind.contains(&member.user_id)) {
        Some(reader) => message::complete(tx, links, reader, message.clone())?,
        None => bare.clone(),
    };
    tx.announce(Announcement::act(move |live| {
        live.emit_to_each(room, event, |user| {
            let message = if blind.contains(&user) { &bare } else { &whole };
            (!strangers.contains(&user)).then_some(Chat { message })
        });
    }));
    Ok(())
}

/// What is kept of a draft; whether its author may show a photo, a schedule or a quote is asked here.
fn composed(tx: &Tx<'_>, author: Seat, draft: Draft) -> Result<NewMessage> {
    let Draft { client_id, body, reply_to } = draft;
    reply_to.map(|quoted| refuse_unless_quotable(tx, author, quoted)).transpose()?;
    let (kind, content, media, schedule) = match body {
        Body::Text(text) => ("TEXT", text, None, None),
        Body::Media { kind, id } => {
            let name = media::name_it(tx, author.user, id, kind)?;
            // What a photo was called on somebody's phone says nothing; what a document is called says what it is.
            let content = if kind == Kind::File { name } else { String::new() };
            (kind.name(), content, Some(id), None)
        }
        Body::Schedule(id) => {
            let card = card::of_sender(tx, author.user, id)?;
            ("SCHEDULE", card::packed(&card)?, None, Some(id))
        }
    };
    Ok(NewMessage { sender: author.user, client_id, kind, content, media, reply_to, schedule })
}

/// Only what its author sees and what says something can be answered to.
fn refuse_unless_quotable(tx: &Tx<'_>, author: Seat, quoted: MessageId) -> Result<()> {
    let Seat { user, room } = author;
    let author = member::one(tx, room, user)?.ok_or(Error::NoSuchRoom)?;
    let is_seen = !hiding::is_blind(tx, &author, room, quoted)?;
    let is_said = |quoted: Message| !matches!(quoted.kind.as_str(), "SYSTEM" | "DELETED");
    if is_seen && is_said(message::select_one(tx, room, quoted)?) {
        Ok(())
    } else {
        Err(Error::NoSuchRoom)
    }
}
