//! Finding what was said: newest first, in one room or in all of mine.
//!
//! What the index answers is compared with the message itself, and what the index does not have yet is looked through,
//! so it never matters how far behind it is. A search takes so long and no longer; `next` then says where to go on.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::hiding::UNHIDDEN;
use super::member::{self, RoomMember};
use super::message::{self, Message};
use super::needle::{Mark, Needle, said};
use super::room;
use super::search_index::row_id;
use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::ids::{self, MessageId, RoomId, UserId};
use crate::storage::Links;

/// What one search may take, whatever is looked for.
const TIME_MAX: Duration = Duration::from_millis(200);

/// What is looked for, and where.
pub(super) struct Search {
    pub(super) needle: Needle,
    /// One room, or all.
    pub(super) room: Option<RoomId>,
    pub(super) before: Option<Position>,
    pub(super) limit: usize,
}

/// A place between the messages of all rooms, in the order in which they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    sent_at: Millis,
    room: RoomId,
    id: MessageId,
}

/// What was found. There may be more where `next` is not null, also when nothing was found on the way there.
#[derive(Serialize, ToSchema)]
pub(super) struct Found {
    hits: Vec<Hit>,
    /// The `before` of the next page.
    #[schema(required, value_type = Option<String>, examples("1795219200000.3.45"))]
    next: Option<Position>,
}

/// A message, and where in its content (with SCHEDULE: its title) the words stand.
#[derive(Serialize, ToSchema)]
struct Hit {
    message: Message,
    marks: Vec<Mark>,
}

/// All that `reader` may see with these words in it.
pub(super) fn search(
    db: &Connection,
    links: &Links,
    reader: UserId,
    search: &Search,
) -> Result<Found> {
    let mut rooms =
        search.room.map_or_else(|| member::rooms_of(db, reader), |room| Ok(vec![room]))?;
    rooms.sort_by_key(|room| std::cmp::Reverse(*room));
    let (start, slice) = (Instant::now(), TIME_MAX / rooms.len().max(1) as u32);
    let (mut finds, mut next, mut reach) = (Vec::new(), None, i64::MAX);
    for (turn, room) in (1..).zip(rooms) {
        let reader = member::one(db, room, reader)?.ok_or(Error::NoSuchRoom)?;
        let mut dig = Dig {
            db,
            search,
            reader: &reader,
            room,
            until: start + slice * turn,
            reach: &mut reach,
            finds: Vec::new(),
        };
        next = next.max(dig.run()?);
        finds.append(&mut dig.finds);
    }
    // What one room still has to show is older than that, and comes before what another has beyond it.
    if search.room.is_none() {
        finds.retain(|find| next.is_none_or(|next| find.position >= next));
        finds.sort_by_key(|find| std::cmp::Reverse(find.position));
        if finds.len() > search.limit {
            finds.truncate(search.limit);
            next = finds.last().map(|find| find.position);
        }
    }
    Ok(Found { hits: hits(db, links, reader, finds)?, next })
}

fn hits(db: &Connection, links: &Links, reader: UserId, finds: Vec<Find>) -> Result<Vec<Hit>> {
    let mut members = HashMap::new();
    let mut hits = Vec::with_capacity(finds.len());
    for Find { position: Position { room, id, .. }, marks } in finds {
        let members: &Vec<RoomMember> = match members.entry(room) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => new.insert(member::all(db, room)?),
        };
        let me = members.iter().find(|member| member.user_id == reader).ok_or(Error::NoSuchRoom)?;
        let message = message::select_one(db, room, id)?;
        let shown = message::shown(db, links, members, me, vec![message])?;
        hits.extend(shown.into_iter().map(|message| Hit { message, marks: marks.clone() }));
    }
    Ok(hits)
}

struct Find {
    position: Position,
    marks: Vec<Mark>,
}

/// A search in one room, from the newest message down.
struct Dig<'a> {
    db: &'a Connection,
    search: &'a Search,
    reader: &'a RoomMember,
    room: RoomId,
    until: Instant,
    /// The index has nothing in the rooms from here on above this row.
    reach: &'a mut i64,
    finds: Vec<Find>,
}

impl Dig<'_> {
    /// Answers where it stopped, unless it came to the end.
    fn run(&mut self) -> Result<Option<Position>> {
        let extent = room::extent(self.db, self.room)?.ok_or(Error::NoSuchRoom)?;
        let first = self.reader.joined_id + 1;
        let before = self.before(extent.last_message_id)?;
        let mut stopped = self.look_through(first.max(extent.indexed_id + 1), before)?;
        if stopped.is_none() {
            stopped = self.ask(first, before.min(extent.indexed_id + 1))?;
        }
        stopped.map_or(Ok(None), |id| self.below(id))
    }

    /// Looks at messages that are not indexed; answers the last one it looked at where it stopped early.
    fn look_through(&mut self, from: MessageId, before: MessageId) -> Result<Option<MessageId>> {
        if from >= before {
            return Ok(None);
        }
        let sql = format!(
            "select id, type, content, sent_at from message
            where room_id = ?1 and id >= ?3 and id < ?4 and {UNHIDDEN} order by id desc"
        );
        let mut query = self.db.prepare_cached(&sql)?;
        let mut rows = query.query((self.room, self.reader.user_id, from, before))?;
        while let Some(row) = rows.next()? {
            if let Some(stopped) = self.compare(row)? {
                return Ok(Some(stopped));
            }
        }
        Ok(None)
    }

    /// The same with those of which the index says that they may be meant. It would not stop where the room begins, but
    /// at what it finds next: so that is kept in mind for the rooms that follow, and all of them together cost one walk
    /// through the index, some 8 ms where a million messages have none.
    fn ask(&mut self, from: MessageId, before: MessageId) -> Result<Option<MessageId>> {
        let first = row_id(self.room, from);
        let last = (*self.reach).min(row_id(self.room, before) - 1);
        if last < first {
            return Ok(None);
        }
        let sql = "
            select rowid from search_index where search_index match ?1 and rowid <= ?2
            order by rowid desc";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query((self.search.needle.match_expression(), last))?;
        while let Some(row) = rows.next()? {
            *self.reach = row.get(0)?;
            if *self.reach < first {
                return Ok(None);
            }
            if let Some(stopped) = self.look_at(*self.reach - row_id(self.room, 0))? {
                return Ok(Some(stopped));
            }
        }
        *self.reach = i64::MIN;
        Ok(None)
    }

    fn look_at(&mut self, id: MessageId) -> Result<Option<MessageId>> {
        let sql = format!(
            "select id, type, content, sent_at from message
            where room_id = ?1 and id = ?3 and {UNHIDDEN}"
        );
        let mut query = self.db.prepare_cached(&sql)?;
        let mut rows = query.query((self.room, self.reader.user_id, id))?;
        rows.next()?.map_or(Ok(None), |row| self.compare(row))
    }

    /// Keeps a message if it is meant; answers its number when there are enough, or the time is over.
    fn compare(&mut self, row: &Row<'_>) -> Result<Option<MessageId>> {
        let (id, kind): (_, String) = (row.get(0)?, row.get(1)?);
        let content = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        if let Some(marks) = self.search.needle.marks(&said(&kind, content)) {
            let position = Position { sent_at: row.get(3)?, room: self.room, id };
            self.finds.push(Find { position, marks });
        }
        let is_over = self.finds.len() == self.search.limit || Instant::now() >= self.until;
        Ok(is_over.then_some(id))
    }

    /// The number before which to look.
    fn before(&self, last: MessageId) -> Result<MessageId> {
        match self.search.before {
            None => Ok(last + 1),
            Some(position) if position.room == self.room => Ok(position.id),
            Some(_) if self.search.room.is_some() => Err(Error::Invalid),
            Some(position) => self.first_after(position, last),
        }
    }

    /// The first message that was sent after a position in another room. Numbers are in the order of time.
    fn first_after(&self, position: Position, last: MessageId) -> Result<MessageId> {
        let (mut low, mut high) = (self.reader.joined_id + 1, last + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let is_after =
                |found: Position| (found.sent_at, found.room) > (position.sent_at, position.room);
            match self.at_or_below(middle)? {
                Some(found) if is_after(found) => high = middle,
                _ => low = middle + 1,
            }
        }
        Ok(low)
    }

    /// The position under which is what comes before `id`; none if there is nothing.
    fn below(&self, id: MessageId) -> Result<Option<Position>> {
        let next = if id > self.reader.joined_id + 1 { self.at_or_below(id - 1)? } else { None };
        Ok(next.map(|next| Position { id, ..next }))
    }

    fn at_or_below(&self, id: MessageId) -> Result<Option<Position>> {
        let sql = "
            select sent_at from message where room_id = ?1 and id <= ?2 order by id desc limit 1";
        let mut query = self.db.prepare_cached(sql)?;
        let sent_at = query.query_row((self.room, id), |row| row.get(0)).optional()?;
        Ok(sent_at.map(|sent_at| Position { sent_at, room: self.room, id }))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.sent_at.0, self.room, self.id)
    }
}

impl FromStr for Position {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers: Vec<i64> = text
            .split('.')
            .map(|number| ids::number(number).ok_or(Error::Invalid))
            .collect::<Result<_>>()?;
        match numbers[..] {
            // No message has a higher number: it has its place in the index.
            [sent_at, room, id @ 0..=0xffff_ffff] => {
                Ok(Self { sent_at: Millis(sent_at), room: RoomId::new(room), id })
            }
            _ => Err(Error::Invalid),
        }
    }
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
