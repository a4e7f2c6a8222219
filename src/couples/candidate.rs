//! Candidates: people who signed up in the mobile app, which cannot send a code, while a couple's code was alive.
//!
//! That couple, and nobody else, sees them and says who they are. Unclaimed they are removed after 24 hours.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use super::invite::Invites;
use super::pairing::{Joiner, pair};
use crate::accounts::{Member, end_all, hand_over, user};
use crate::chat;
use crate::clock::{DAY_MS, Millis};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CoupleId, UserId};
use crate::live::Announcement;

/// Somebody who waits.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate {
    user_id: UserId,
    nickname: String,
    role: String,
    created_at: Millis,
}

/// Who a candidate turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    Partner,
    Me,
}

/// Remembers which couples may claim a new account; answers how many of them there still are.
pub(crate) fn insert(tx: &Tx<'_>, user: UserId, couples: &[CoupleId]) -> Result<usize> {
    let sql = "
        insert into candidate (user_id, couple_id, created_at)
        select ?1, id, ?3 from couple where id = ?2";
    let mut inserted = 0;
    for couple in couples {
        inserted += tx.prepare_cached(sql)?.execute((user, couple, tx.now))?;
    }
    Ok(inserted)
}

/// Whether this person waits for a couple's word, and so cannot invite.
pub(super) fn is_waiting(db: &Connection, user: UserId) -> Result<bool> {
    let sql = "select exists (select 1 from candidate where user_id = ?1)";
    Ok(db.prepare_cached(sql)?.query_row([user], |row| row.get(0))?)
}

/// Who waits for this couple's word.
pub(super) fn all(db: &Connection, couple: CoupleId) -> Result<Vec<Candidate>> {
    let sql = "
        select user.id, user.nickname, user.role, candidate.created_at
        from candidate join user on user.id = candidate.user_id
        where candidate.couple_id = ?1 and user.withdrawn_at is null order by candidate.created_at, user.id";
    let mut query = db.prepare_cached(sql)?;
    let candidates = query.query_map([couple], |row| {
        Ok(Candidate {
            user_id: row.get(0)?,
            nickname: row.get(1)?,
            role: row.get(2)?,
            created_at: row.get(3)?,
        })
    })?;
    Ok(candidates.collect::<rusqlite::Result<_>>()?)
}

/// The couple says who a candidate is.
pub(super) fn claim(
    tx: &Tx<'_>,
    invites: &Invites,
    member: Member,
    candidate: UserId,
    claim: Claim,
) -> Result<()> {
    let joiner = select(tx, candidate, member.couple)?.ok_or(Error::NoSuchCandidate)?;
    match claim {
        Claim::Partner => pair(tx, invites, member.couple, joiner),
        Claim::Me => merge(tx, member.user, joiner),
    }
}

/// The candidate was me all along: its Kakao login opens my account, what it wrote becomes mine, its phone stays signed in.
fn merge(tx: &Tx<'_>, me: UserId, joiner: Joiner) -> Result<()> {
    let kakao_id: Option<i64> = tx
        .prepare_cached("select kakao_id from user where id = ?1")?
        .query_row([joiner.user], |row| row.get(0))?;
    let own = chat::append(tx, joiner.user, me)?;
    remove(tx, joiner.user)?;
    if let Some(kakao_id) = kakao_id {
        user::update_kakao(tx, me, kakao_id)?;
    }
    hand_over(tx, joiner.user, me)?;
    let (from, room) = (joiner.user, chat::room::current(tx, me)?);
    tx.announce(Announcement::act(move |live| {
        live.forget();
        live.hand_over(from, me);
        live.move_chats(&[me], room);
        live.room_changed(own);
    }));
    Ok(())
}

/// Takes the account away from where anybody could sign in or meet it.
fn remove(tx: &Tx<'_>, user: UserId) -> Result<()> {
    forget_user(tx, user)?;
    chat::leave_all(tx, user)?;
    user::withdraw(tx, user)
}

/// Removes who waited for a day in vain.
pub(crate) fn remove_unclaimed(tx: &Tx<'_>) -> Result<()> {
    let mut query =
        tx.prepare_cached("select distinct user_id from candidate where created_at <= ?1")?;
    let users = query
        .query_map([tx.now.plus(-DAY_MS)], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<UserId>>>()?;
    for user in &users {
        remove(tx, *user)?;
        end_all(tx, *user, None, "unclaimed")?;
        tracing::info!(user.id = %user, "removed an account that no couple claimed within a day");
    }
    Ok(())
}

/// The person waits no longer.
pub(crate) fn forget_user(tx: &Tx<'_>, user: UserId) -> Result<()> {
    tx.prepare_cached("delete from candidate where user_id = ?1")?.execute([user])?;
    Ok(())
}

/// Who waited for `from` waits for the couple that it became part of.
pub(super) fn update_couple(tx: &Tx<'_>, from: CoupleId, to: CoupleId) -> Result<()> {
    let sql = "update or replace candidate set couple_id = ?2 where couple_id = ?1";
    tx.prepare_cached(sql)?.execute((from, to))?;
    Ok(())
}

fn select(db: &Connection, user: UserId, couple: CoupleId) -> Result<Option<Joiner>> {
    let sql = "
        select user.id, user.couple_id from candidate join user on user.id = candidate.user_id
        where candidate.user_id = ?1 and candidate.couple_id = ?2 and user.withdrawn_at is null";
    Ok(db
        .prepare_cached(sql)?
        .query_row((user, couple), |row| Ok(Joiner { user: row.get(0)?, couple: row.get(1)? }))
        .optional()?)
}
