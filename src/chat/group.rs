//! Groups: made, renamed, grown, left. A line in the room says so, and everybody it concerns hears it.
//!
//! The couple that makes a group looks after it: those of its members who are in the room rename it, bring people in and
//! send them away. Anybody may leave. When the last of that couple has left, the couple of whoever has been there longest
//! takes over; where only guests remain, the group ends.

use std::collections::HashSet;

use rusqlite::Connection;
use serde::Serialize;
use uuid::Uuid;

use super::invite;
use super::member::{self, RoomMember};
use super::message::{self, Message};
use super::receipt;
use super::room::{self, Kind, NewGroup, Next, Place, Rules, Seat};
use super::sending::announce_line;
use super::summary::{self, Summary};
use super::system::{System, say};
use crate::accounts::{Member, current, end_all, refuse_waiting, user};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::http::{Fields, is_plain};
use crate::ids::{CoupleId, MessageId, RoomId, SessionId, UserId};
use crate::live::{Announcement, Channel, Namespace};
use crate::media;
use crate::storage::Links;

const MEMBERS_MAX: usize = 50;
/// In so many somebody can be, all kinds together; only a couple's room is made whatever they are in.
const ROOMS_MAX: usize = 200;
/// Into so many of them others can bring somebody: the rest is theirs to fill, whoever means them ill.
const BROUGHT_MAX: usize = 100;
const TITLE_CHARS_MAX: usize = 40;

/// A group somebody is about to make.
pub(super) struct Draft {
    new: NewGroup,
    with: Vec<UserId>,
}

impl Draft {
    pub(super) fn of(fields: &Fields) -> Result<Self> {
        let new = NewGroup { client_id: fields.client_id()?, title: title(fields)? };
        let with =
            if fields.names("memberIds") { people(fields, "memberIds")? } else { Vec::new() };
        Ok(Self { new, with })
    }
}

/// 1 to 40 code points, spaces at the ends aside, that show as what they are.
pub(super) fn title(fields: &Fields) -> Result<String> {
    let title = fields.required_text("title")?.trim();
    let is_fit = (1..=TITLE_CHARS_MAX).contains(&title.chars().count()) && is_plain(title);
    if is_fit { Ok(title.to_owned()) } else { Err(Error::RoomTitle) }
}

/// People by id, each once.
pub(super) fn people(fields: &Fields, name: &str) -> Result<Vec<UserId>> {
    let mut seen = HashSet::new();
    let ids = fields.required_numbers(name)?.into_iter().filter(|id| seen.insert(*id));
    let people: Vec<UserId> = ids.map(UserId::new).collect();
    if people.len() > MEMBERS_MAX { Err(Error::TooManyMembers) } else { Ok(people) }
}

/// Somebody was brought in: told to the room and to them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invited<'a> {
    room_id: RoomId,
    by: UserId,
    users: &'a [RoomMember],
    message: &'a Message,
}

/// Somebody is no longer of the room: `read_count` messages after `from_id` that are not theirs lost one unread.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Left<'a> {
    room_id: RoomId,
    user_id: UserId,
    from_id: MessageId,
    read_count: usize,
    message: &'a Message,
}

/// A room that is no longer in somebody's list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Gone {
    room_id: RoomId,
    rev: i64,
    deleted: bool,
}

/// Makes a group; made again with the same client id it is the first one.
pub(super) async fn create(app: &App, creator: SessionId, draft: Draft) -> Result<Summary> {
    let (links, paces) = (app.links.clone(), app.paces.clone());
    let created = app.db.write(move |tx| {
        let creator = current(tx, creator)?;
        let room = match made_before(tx, creator.user, draft.new.client_id)? {
            Some(room) => room,
            None => {
                paces.take(creator.user, tx.now)?;
                make(tx, &links, creator, &draft)?
            }
        };
        summary::one(tx, &links, room, creator.user)
    });
    with_presence(app, created.await?)
}

fn made_before(tx: &Tx<'_>, creator: UserId, client_id: Option<Uuid>) -> Result<Option<RoomId>> {
    let Some(client_id) = client_id else { return Ok(None) };
    room::select_by_client(tx, creator, client_id)
}

fn make(tx: &Tx<'_>, links: &Links, creator: Member, draft: &Draft) -> Result<RoomId> {
    refuse_strangers(tx, creator.user, &draft.with)?;
    let others: Vec<_> = draft.with.iter().copied().filter(|user| *user != creator.user).collect();
    if !others.is_empty() {
        refuse_waiting(tx, creator.user)?;
    }
    let room = room::insert_group(tx, creator, &draft.new)?;
    let mut all = vec![creator.user];
    all.extend(&others);
    let next = seat_all(tx, room, creator.user, &all)?;
    let line = System::created(&draft.new.title, others.clone());
    let message = say(tx, room, next, creator.user, &line)?;
    announce_invited(tx, links, room, creator.user, &others, &message)?;
    Ok(room)
}

/// Calls the group something else.
pub(super) async fn rename(
    app: &App,
    actor: SessionId,
    room: RoomId,
    title: String,
) -> Result<Summary> {
    let (links, paces) = (app.links.clone(), app.paces.clone());
    let renamed = app.db.write(move |tx| {
        let (Seat { user, .. }, rules) = looked_after(tx, actor, room)?;
        if rules.title.as_deref() != Some(title.as_str()) {
            paces.take(user, tx.now)?;
            room::update_title(tx, room, &title)?;
            let next = room::next_message(tx, room)?;
            let message = say(tx, room, next, user, &System::renamed(&title))?;
            announce_line(tx, &message);
        }
        summary::one(tx, &links, room, user)
    });
    with_presence(app, renamed.await?)
}

/// Brings in people whom the one who asks already shares a room with; who is in already stays.
pub(super) async fn add(
    app: &App,
    actor: SessionId,
    room: RoomId,
    users: Vec<UserId>,
) -> Result<Summary> {
    let (links, paces) = (app.links.clone(), app.paces.clone());
    let added = app.db.write(move |tx| {
        let (Seat { user: actor, .. }, _) = looked_after(tx, actor, room)?;
        refuse_strangers(tx, actor, &users)?;
        let present: HashSet<_> =
            member::all(tx, room)?.into_iter().map(|member| member.user_id).collect();
        let new: Vec<_> = users.into_iter().filter(|user| !present.contains(user)).collect();
        if !new.is_empty() {
            paces.take(actor, tx.now)?;
            let next = seat_all(tx, room, actor, &new)?;
            let message = say(tx, room, next, actor, &System::invited(new.clone()))?;
            announce_invited(tx, &links, room, actor, &new, &message)?;
        }
        summary::one(tx, &links, room, actor)
    });
    with_presence(app, added.await?)
}

/// Sends somebody away. Of the couple that looks after the group nobody can be: each of the two may leave.
pub(super) async fn remove(app: &App, actor: SessionId, room: RoomId, user: UserId) -> Result<()> {
    let removed = app.db.write(move |tx| {
        let (Seat { user: actor, .. }, rules) = looked_after(tx, actor, room)?;
        let couples = member::couples(tx, room)?;
        let (_, _, couple) =
            couples.into_iter().find(|(_, member, _)| *member == user).ok_or(Error::NoSuchUser)?;
        if couple == rules.couple {
            return Err(Error::NotYours);
        }
        // By a link that lives they could come back.
        invite::delete_of_room(tx, room)?;
        take_out(tx, room, user, actor, &System::removed(user))
    });
    removed.await
}

/// Leaves a group.
pub(super) async fn leave(app: &App, leaver: SessionId, room: RoomId) -> Result<()> {
    let left = app.db.write(move |tx| {
        let Seat { user, room } = room::seat(tx, leaver, Place::Room(room))?;
        if room::rules(tx, room)?.kind != Kind::Group {
            return Err(Error::NotYours);
        }
        take_out(tx, room, user, user, &System::left())
    });
    left.await
}

/// The seat of somebody who may look after this group, and what holds there.
pub(super) fn looked_after(
    tx: &Connection,
    actor: SessionId,
    room: RoomId,
) -> Result<(Seat, Rules)> {
    let seat = room::seat(tx, actor, Place::Room(room))?;
    let rules = room::rules(tx, room)?;
    let is_theirs = rules.couple == Some(current(tx, actor)?.couple);
    if rules.kind != Kind::Group || rules.is_archived || !is_theirs {
        return Err(Error::NotYours);
    }
    refuse_waiting(tx, seat.user)?;
    Ok((seat, rules))
}

/// People are brought in by who knows them: whoever shares no room with `actor` does not exist.
fn refuse_strangers(tx: &Tx<'_>, actor: UserId, users: &[UserId]) -> Result<()> {
    for user in users {
        if *user != actor && !member::share_a_room(tx, actor, *user)? {
            return Err(Error::NoSuchUser);
        }
    }
    Ok(())
}

/// Seats people from the room's next message on, which says so; nobody where one is too many. Whoever is not `actor` is
/// brought by them.
pub(super) fn seat_all(tx: &Tx<'_>, room: RoomId, actor: UserId, users: &[UserId]) -> Result<Next> {
    let next = room::next_message(tx, room)?;
    for user in users {
        if member::count_rooms(tx, *user)? >= ROOMS_MAX {
            return Err(Error::TooManyRooms);
        }
        member::seat(tx, room, *user, next.id - 1, next.rev)?;
        if *user != actor {
            bring(tx, room, *user)?;
        }
    }
    if member::all(tx, room)?.len() > MEMBERS_MAX {
        return Err(Error::TooManyMembers);
    }
    Ok(next)
}

fn bring(tx: &Tx<'_>, room: RoomId, user: UserId) -> Result<()> {
    if member::count_brought(tx, user)? >= BROUGHT_MAX {
        return Err(Error::BroughtTooOften);
    }
    member::update_brought(tx, room, user)
}

/// Tells the room and the new ones who came.
pub(super) fn announce_invited(
    tx: &Tx<'_>,
    links: &Links,
    room: RoomId,
    by: UserId,
    users: &[UserId],
    message: &Message,
) -> Result<()> {
    let members = member::all(tx, room)?.into_iter();
    let new: Vec<_> = members
        .filter(|member| users.contains(&member.user_id))
        .map(|member| member.with_links(links))
        .collect();
    let invited = Invited { room_id: room, by, users: &new, message };
    let everybody = users.iter().map(|user| Channel::User(*user));
    for channel in std::iter::once(Channel::Room(room)).chain(everybody) {
        tx.announce(Announcement::event(Namespace::Rooms, channel, "invite", &invited));
    }
    let users = users.to_vec();
    tx.announce(Announcement::act(move |live| {
        live.welcome(room, &users);
        live.room_changed(room);
    }));
    Ok(())
}

/// Takes somebody out of a group: a line for who stays, nothing more for who goes.
pub(super) fn take_out(
    tx: &Tx<'_>,
    room: RoomId,
    user: UserId,
    actor: UserId,
    line: &System,
) -> Result<()> {
    tx.announce(Announcement::act(move |live| live.expel(room, user)));
    let rev = vacate(tx, room, user, actor, line)?;
    let gone = Gone { room_id: room, rev, deleted: true };
    tx.announce(Announcement::event(Namespace::Rooms, Channel::User(user), "room", &gone));
    if user::is_guest(tx, user)? && member::count_rooms(tx, user)? == 0 {
        let avatar = user::retire_guest(tx, user)?;
        avatar.map(|id| media::trash_unnamed(tx, id)).transpose()?;
        end_all(tx, user, None, "removed")?;
    }
    pass_on(tx, room)
}

/// Takes somebody's seat and says so in the room; answers the revision of that.
fn vacate(tx: &Tx<'_>, room: RoomId, user: UserId, actor: UserId, line: &System) -> Result<i64> {
    let from_id = member::one(tx, room, user)?.ok_or(Error::NoSuchUser)?.last_read_id;
    let read_count = receipt::count_read(tx, room, user, from_id, MessageId::MAX)?;
    let next = room::next_message(tx, room)?;
    member::update_left(tx, room, user, next.rev)?;
    let message = say(tx, room, next, actor, line)?;
    invite::delete_of(tx, room, user)?;
    let left = Left { room_id: room, user_id: user, from_id, read_count, message: &message };
    tx.announce(Announcement::event(Namespace::Rooms, Channel::Room(room), "leave", &left));
    tx.announce(Announcement::act(move |live| live.room_changed(room)));
    Ok(next.rev)
}

/// Takes a person out of every room they are in.
pub(crate) fn leave_all(tx: &Tx<'_>, user: UserId) -> Result<()> {
    for room in member::rooms_of(tx, user)? {
        let rules = room::rules(tx, room)?;
        if rules.kind == Kind::Group && !rules.is_archived {
            take_out(tx, room, user, user, &System::left())?;
        } else {
            let rev = room::next_rev(tx, room)?;
            member::update_left(tx, room, user, rev)?;
            tx.announce(Announcement::act(move |live| live.expel(room, user)));
        }
    }
    Ok(())
}

/// Where `from` was, `to` is from now on, and what `from` wrote there is `to`'s: they turned out to be the same person.
/// Their sockets stay where they are.
pub(crate) fn hand_over_groups(tx: &Tx<'_>, links: &Links, from: UserId, to: UserId) -> Result<()> {
    for room in member::rooms_of(tx, from)? {
        let rules = room::rules(tx, room)?;
        if rules.kind == Kind::Group && !rules.is_archived {
            message::hand_over(tx, room, from, to)?;
            room::update_creator(tx, room, from, to)?;
            hand_over_seat(tx, links, room, from, to)?;
            receipt::announce_as(tx, room, from, to)?;
        }
    }
    Ok(())
}

/// Who is in already has one seat from now on, whoever is not comes in.
fn hand_over_seat(
    tx: &Tx<'_>,
    links: &Links,
    room: RoomId,
    from: UserId,
    to: UserId,
) -> Result<()> {
    if member::one(tx, room, to)?.is_some() {
        // Who is still here has not left.
        return vacate(tx, room, from, to, &System::came()).map(drop);
    }
    if member::count_rooms(tx, to)? >= ROOMS_MAX {
        return Err(Error::TooManyRooms);
    }
    let next = room::next_message(tx, room)?;
    member::seat_in_place_of(tx, room, from, to, next.rev)?;
    member::update_left(tx, room, from, next.rev)?;
    invite::delete_of(tx, room, from)?;
    let message = say(tx, room, next, to, &System::came())?;
    announce_invited(tx, links, room, to, &[to], &message)
}

/// Two have parted: what neither of the one couple is in, is the other's, or whoever has been there longest.
pub(crate) fn settle_groups(tx: &Tx<'_>, couple: CoupleId) -> Result<()> {
    for room in room::groups_of(tx, couple)? {
        pass_on(tx, room)?;
        tx.announce(Announcement::act(move |live| live.room_changed(room)));
    }
    Ok(())
}

/// Gives the group to who has been there longest, once nobody of its couple is left.
fn pass_on(tx: &Tx<'_>, room: RoomId) -> Result<()> {
    let couple = room::rules(tx, room)?.couple;
    let members = member::couples(tx, room)?;
    if members.iter().any(|(_, _, theirs)| *theirs == couple) {
        return Ok(());
    }
    let of_couples = members.iter().filter(|(_, _, couple)| couple.is_some());
    let longest = of_couples.min_by_key(|(since, user, _)| (*since, user.get()));
    match longest.and_then(|(_, _, couple)| *couple) {
        Some(couple) => room::update_couple(tx, room, couple),
        None => match members.first() {
            Some((_, guest, _)) => take_out(tx, room, *guest, *guest, &System::left()),
            None => room::archive(tx, room),
        },
    }
}

fn with_presence(app: &App, mut summary: Summary) -> Result<Summary> {
    summary.present = app.live.present(summary.room_id);
    Ok(summary)
}
