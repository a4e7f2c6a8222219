//! Reactions: an emoji of somebody's at a message.

use rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;

use super::room::Next;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{MessageId, RoomId, UserId};

/// Kinds of emoji at one message.
const KINDS_MAX: usize = 20;

/// An emoji and whose it is, the first one first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reaction {
    #[schema(examples("👍"))]
    emoji: String,
    user_ids: Vec<UserId>,
}

/// One emoji in its one spelling, with or without skin; anything else is [`Error::Emoji`].
pub(super) fn emoji(text: &str) -> Result<&'static str> {
    emojis::get(text).map(emojis::Emoji::as_str).ok_or(Error::Emoji)
}

/// Adds or takes away a reaction; false where it is so already.
pub(super) fn put(
    tx: &Tx<'_>,
    room: RoomId,
    message: MessageId,
    user: UserId,
    emoji: &str,
    rev: i64,
) -> Result<()> {
    let there = select(tx, room, message)?;
    let is_new_kind = there.iter().all(|reaction| reaction.emoji != emoji);
    if is_new_kind && there.len() >= KINDS_MAX {
        return Err(Error::TooManyReactions);
    }
    let sql = "insert into reaction (room_id, message_id, emoji, user_id, rev) values (?1, ?2, ?3, ?4, ?5)";
    tx.prepare_cached(sql)?.execute((room, message, emoji, user, rev))?;
    Ok(())
}

/// What `from` felt about their own words is `to`'s, where they were copied to.
pub(super) fn copy(
    tx: &Tx<'_>,
    from: (UserId, RoomId),
    to: (UserId, RoomId),
    base: Next,
) -> Result<()> {
    let sql = "
        insert into reaction (room_id, message_id, emoji, user_id, rev)
        select ?4, ?5 + message_id, emoji, ?3, ?6 + message_id from reaction where room_id = ?2 and user_id = ?1";
    tx.prepare_cached(sql)?.execute((from.0, from.1, to.0, to.1, base.id, base.rev))?;
    Ok(())
}

/// What `from` felt in a room is `to`'s; where both felt the same, once.
pub(super) fn hand_over(tx: &Tx<'_>, room: RoomId, from: UserId, to: UserId) -> Result<()> {
    let sql = "
        update or replace reaction set user_id = ?3 where room_id = ?1 and user_id = ?2";
    tx.prepare_cached(sql)?.execute((room, from, to))?;
    Ok(())
}

pub(super) fn delete(
    tx: &Tx<'_>,
    room: RoomId,
    message: MessageId,
    user: UserId,
    emoji: &str,
) -> Result<()> {
    let sql = "
        delete from reaction where room_id = ?1 and message_id = ?2 and emoji = ?3 and user_id = ?4";
    tx.prepare_cached(sql)?.execute((room, message, emoji, user))?;
    Ok(())
}

/// All of a message go with it.
pub(super) fn delete_all(tx: &Tx<'_>, room: RoomId, message: MessageId) -> Result<()> {
    tx.prepare_cached("delete from reaction where room_id = ?1 and message_id = ?2")?
        .execute((room, message))?;
    Ok(())
}

pub(super) fn is_there(
    db: &Connection,
    room: RoomId,
    message: MessageId,
    user: UserId,
    emoji: &str,
) -> Result<bool> {
    let sql = "
        select exists (select 1 from reaction
            where room_id = ?1 and message_id = ?2 and emoji = ?3 and user_id = ?4)";
    Ok(db.prepare_cached(sql)?.query_row((room, message, emoji, user), |row| row.get(0))?)
}

/// A message's reactions, in the order in which they came.
pub(super) fn select(db: &Connection, room: RoomId, message: MessageId) -> Result<Vec<Reaction>> {
    let sql = "select rev, emoji, user_id from reaction where room_id = ?1 and message_id = ?2";
    let mut query = db.prepare_cached(sql)?;
    let rows =
        query.query_map((room, message), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<(i64, String, UserId)>>>()?;
    rows.sort_by_key(|(rev, _, _)| *rev);
    let mut reactions: Vec<Reaction> = Vec::new();
    for (_, emoji, user) in rows {
        match reactions.iter_mut().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) => reaction.user_ids.push(user),
            None => reactions.push(Reaction { emoji, user_ids: vec![user] }),
        }
    }
    Ok(reactions)
}

/// Nobody reacts to the oldest messages of a room any more.
pub(super) fn delete_oldest(tx: &Tx<'_>, room: RoomId, messages: usize) -> Result<()> {
    let sql = "
        delete from reaction where room_id = ?1
            and message_id in (select id from message where room_id = ?1 order by id limit ?2)";
    tx.prepare_cached(sql)?.execute((room, messages))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_real_emoji_in_one_spelling() {
        for (given, kept) in
            [("👍", "👍"), ("👍🏽", "👍🏽"), ("❤", "❤️"), ("❤️", "❤️"), ("👨‍👩‍👧", "👨‍👩‍👧"), ("🇰🇷", "🇰🇷")]
        {
            assert_eq!(emoji(given).ok(), Some(kept), "{given}");
        }
        for wrong in ["", "a", "1", "👍👍", "👍 ", ":+1:", "가", "🇰", "\u{200d}", "\u{fe0f}"]
        {
            assert!(matches!(emoji(wrong), Err(Error::Emoji)), "{wrong:?}");
        }
    }
}
