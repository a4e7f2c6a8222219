//! What people do with messages that are there: edit, delete, hide, react. REST and sockets do the same.

use serde::Serialize;
use utoipa::ToSchema;

use super::hiding;
use super::member;
use super::message::{self, Message};
use super::reaction::{self, Reaction};
use super::receipt::queue;
use super::room::{self, Place, Seat};
use super::sending::tell_readers;
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{MessageId, RoomId, SessionId, UserId};
use crate::live::{Announcement, Channel, Namespace};
use crate::media;
use crate::storage::Links;

/// For whom a message is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    All,
    Me,
}

impl For {
    /// `all` or `me`; it must be said.
    pub(super) fn named(name: Option<&str>) -> Result<Self> {
        match name {
            Some("all") => Ok(Self::All),
            Some("me") => Ok(Self::Me),
            Some(_) => Err(Error::Invalid),
            None => Err(Error::Missing),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Me => "me",
        }
    }
}

/// Messages are deleted, for everybody or for the one who hears it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Deleted {
    room_id: RoomId,
    message_ids: [MessageId; 1],
    r#for: &'static str,
    rev: i64,
}

/// A message's reactions as they are now.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reactions {
    room_id: RoomId,
    #[schema(value_type = i64)]
    message_id: MessageId,
    rev: i64,
    reactions: Vec<Reaction>,
}

/// One message in a room, as an act names it.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) room: RoomId,
    pub(super) id: MessageId,
}

/// Puts another text in place of one of mine. Queued at once.
pub(super) fn edit(
    app: &App,
    author: SessionId,
    target: Target,
    content: String,
) -> impl Future<Output = Result<Message>> + Send + use<> {
    let acting = app.clone();
    queue(app, author, move |tx| {
        let (seat, found) = reached(tx, author, target)?;
        refuse_unless_mine(&found, seat.user)?;
        if found.kind != "TEXT" {
            return Err(Error::NotYours);
        }
        if found.content != content {
            acting.paces.take(seat.user, tx.now)?;
            let rev = next_rev(tx, target.room)?;
            message::update_text(tx, target.room, target.id, &content, rev)?;
            announce_edit(tx, &acting.links, target)?;
        }
        message::shown_one(tx, &acting.links, seat.user, target.room, target.id)
    })
}

/// Tells how a message stands now to those who may see it.
pub(super) fn announce_edit(tx: &Tx<'_>, links: &Links, target: Target) -> Result<()> {
    let room = target.room;
    let mut message = message::with_reactions(tx, message::select_one(tx, room, target.id)?)?;
    message.unread_count = member::count_unread(tx, room, message.sender_id, target.id)?;
    tell_readers(tx, links, "edit", &message.with_links(links))?;
    tx.announce(Announcement::act(move |live| live.room_changed(room)));
    Ok(())
}

/// Deletes a message. Queued at once; deleted before, it stays so.
pub(super) fn delete(
    app: &App,
    actor: SessionId,
    target: Target,
    whom: For,
) -> impl Future<Output = Result<()>> + Send + use<> {
    let paces = app.paces.clone();
    queue(app, actor, move |tx| {
        if whom == For::Me && is_hidden(tx, actor, target)? {
            return Ok(());
        }
        let (seat, found) = reached(tx, actor, target)?;
        if whom == For::All {
            refuse_unless_mine(&found, seat.user)?;
        }
        if whom == For::All && found.kind == "DELETED" {
            return Ok(());
        }
        paces.take(seat.user, tx.now)?;
        let Target { room, id } = target;
        let (rev, channel) = match whom {
            For::All => (bury(tx, &found)?, Channel::Room(room)),
            For::Me => (hide(tx, seat.user, target)?, Channel::User(seat.user)),
        };
        let deleted = Deleted { room_id: room, message_ids: [id], r#for: whom.name(), rev };
        tx.announce(Announcement::event(Namespace::Rooms, channel, "delete", &deleted));
        tx.announce(Announcement::act(move |live| live.room_changed(room)));
        Ok(())
    })
}

fn is_hidden(tx: &Tx<'_>, actor: SessionId, target: Target) -> Result<bool> {
    let seat = room::seat(tx, actor, Place::Room(target.room))?;
    hiding::is_hidden(tx, seat.user, target.room, target.id)
}

/// Its text, its reactions and its media are gone from here; the media lie in the trash unless something else names them.
fn bury(tx: &Tx<'_>, found: &Message) -> Result<i64> {
    let rev = next_rev(tx, found.room_id)?;
    reaction::delete_all(tx, found.room_id, found.id)?;
    message::update_deleted(tx, found.room_id, found.id, rev)?;
    found.media_id().map(|id| media::trash_unnamed(tx, id)).transpose()?;
    Ok(rev)
}

fn hide(tx: &Tx<'_>, user: UserId, target: Target) -> Result<i64> {
    let rev = room::next_rev(tx, target.room)?;
    hiding::insert(tx, user, target.room, target.id, rev)?;
    Ok(rev)
}

/// Adds or takes away a reaction of mine. Queued at once; what is so already stays so.
pub(super) fn react(
    app: &App,
    actor: SessionId,
    target: Target,
    emoji: &str,
    is_on: bool,
) -> Result<impl Future<Output = Result<Reactions>> + Send + use<>> {
    let (emoji, paces) = (reaction::emoji(emoji)?, app.paces.clone());
    Ok(queue(app, actor, move |tx| {
        let (Seat { user, room }, found) = reached(tx, actor, target)?;
        if matches!(found.kind.as_str(), "SYSTEM" | "DELETED") {
            return Err(Error::NotYours);
        }
        let mut rev = found.rev;
        let is_news = reaction::is_there(tx, room, target.id, user, emoji)? != is_on;
        if is_news {
            paces.take(user, tx.now)?;
            rev = next_rev(tx, room)?;
            match is_on {
                true => reaction::put(tx, room, target.id, user, emoji, rev)?,
                false => reaction::delete(tx, room, target.id, user, emoji)?,
            }
            message::update_changed(tx, room, target.id, rev)?;
        }
        let reactions = reaction::select(tx, room, target.id)?;
        let now = Reactions { room_id: room, message_id: target.id, rev, reactions };
        if is_news {
            announce_reactions(tx, &now)?;
        }
        Ok(now)
    }))
}

/// Tells a message's reactions to those who may see it.
fn announce_reactions(tx: &Tx<'_>, now: &Reactions) -> Result<()> {
    let (room, now) = (now.room_id, now.clone());
    let strangers = hiding::blind(tx, &member::all(tx, room)?, room, now.message_id)?;
    tx.announce(Announcement::act(move |live| {
        live.emit_to_each(room, "react", |user| (!strangers.contains(&user)).then_some(&now));
        live.room_changed(room);
    }));
    Ok(())
}

/// A message that this person may see; any other does not exist.
fn reached(tx: &Tx<'_>, actor: SessionId, target: Target) -> Result<(Seat, Message)> {
    let seat = room::seat(tx, actor, Place::Room(target.room))?;
    let member = member::one(tx, target.room, seat.user)?.ok_or(Error::NoSuchRoom)?;
    if hiding::is_blind(tx, &member, target.room, target.id)? {
        return Err(Error::NoSuchRoom);
    }
    Ok((seat, message::select_one(tx, target.room, target.id)?))
}

fn refuse_unless_mine(found: &Message, user: UserId) -> Result<()> {
    let is_mine = found.sender_id == user && found.kind != "SYSTEM";
    if is_mine { Ok(()) } else { Err(Error::NotYours) }
}

/// The next revision of a room that is still written in.
fn next_rev(tx: &Tx<'_>, room: RoomId) -> Result<i64> {
    match room::rules(tx, room)?.is_archived {
        true => Err(Error::NotYours),
        false => room::next_rev(tx, room),
    }
}
