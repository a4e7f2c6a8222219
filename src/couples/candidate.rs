//! Candidates: people who signed up in the mobile app, which cannot send a code, while a couple's code was alive.
//!
//! That couple, and nobody else, sees them and says who they are. Unclaimed they are removed after 24 hours.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use utoipa::ToSchema;

use super::pairing::{Joiner, announce, pair};
use super::withdrawal::{remove, withdraw};
use crate::accounts::user::Role;
use crate::accounts::{Member, hand_over, is_waiting, user};
use crate::app::App;
use crate::chat;
use crate::children;
use crate::clock::{DAY_MS, Millis};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CoupleId, UserId};
use crate::live::Announcement;
use crate::media;
use crate::schedules;

/// Somebody who waits.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate {
    user_id: UserId,
    #[schema(examples("아빠"))]
    nickname: String,
    #[schema(value_type = Role)]
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

/// Who waits for this couple's word.
pub(super) fn all(db: &Connection, couple: CoupleId) -> Result<Vec<Candidate>> {
    let sql = "
        select user.id, user.nickname, user.role, candidate.created_at
        from candidate join user on user.id = candidate.user_id
        where candidate.couple_id = ?1 and user.withdrawn_at is null order by candidate.created_at, candidate.user_id";
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
    app: &App,
    member: Member,
    candidate: UserId,
    claim: Claim,
) -> Result<()> {
    let joiner = select(tx, candidate, member.couple)?.ok_or(Error::NoSuchCandidate)?;
    match claim {
        Claim::Partner => pair(tx, app, member.couple, joiner),
        Claim::Me => merge(tx, app, member, joiner),
    }
}

/// The candidate was me all along: its Kakao login opens my account, what it wrote becomes mine, its phone stays signed in.
fn merge(tx: &Tx<'_>, app: &App, member: Member, joiner: Joiner) -> Result<()> {
    let me = member.user;
    let kakao_id: Option<i64> = tx
        .prepare_cached("select kakao_id from user where id = ?1")?
        .query_row([joiner.user], |row| row.get(0))?;
    let own = chat::append(tx, joiner.user, me)?;
    let theirs = (joiner.user, joiner.couple);
    schedules::hand_over(tx, &app.links, theirs, member)?;
    children::hand_over(tx, theirs, member)?;
    user::inherit_avatar(tx, joiner.user, me)?;
    chat::room::move_all(tx, joiner.couple, member.couple)?;
    chat::hand_over_groups(tx, &app.links, joiner.user, me)?;
    remove(tx, app, joiner.user)?;
    if let Some(kakao_id) = kakao_id {
        user::update_kakao(tx, me, kakao_id)?;
    }
    hand_over(tx, joiner.user, me)?;
    chat::touch_member(tx, me)?;
    media::update_owner(tx, joiner.user, me)?;
    let (from, room) = (joiner.user, chat::room::current(tx, me)?);
    tx.announce(Announcement::act(move |live| {
        live.forget();
        live.hand_over(from, me);
        chat::tell_out(live, live.move_chats(&[me], room));
        live.room_changed(own);
    }));
    // The calendar and the children have grown: both look again.
    announce(tx, app, member.couple)
}

/// Removes who waited for a day in vain, each in a change of their own: who cannot be removed stops nobody else.
pub(crate) async fn remove_unclaimed(app: &App, now: Millis) -> Result<()> {
    let before = now.plus(-DAY_MS);
    for user in app.db.read(move |db| select_unclaimed(db, before)).await? {
        let acting = app.clone();
        let removed = app.db.write(move |tx| {
            // Claimed meanwhile.
            if !is_waiting(tx, user)? {
                return Ok(());
            }
            withdraw(tx, &acting, user, "unclaimed")?;
            tracing::info!(user.id = %user, "removed an account that no couple claimed within a day");
            Ok(())
        });
        if let Err(error) = removed.await {
            tracing::warn!(user.id = %user, "an account that no couple claimed was not removed: {error}");
        }
    }
    Ok(())
}

/// Who has waited since `before`, each once.
fn select_unclaimed(db: &Connection, before: Millis) -> Result<HashSet<UserId>> {
    let mut query = db.prepare_cached("select user_id from candidate where created_at <= ?1")?;
    let users = query.query_map([before], |row| row.get(0))?;
    Ok(users.collect::<rusqlite::Result<_>>()?)
}

/// The person waits no longer.
pub(crate) fn forget_user(tx: &Tx<'_>, user: UserId) -> Result<()> {
    tx.prepare_cached("delete from candidate where user_id = ?1")?.execute([user])?;
    Ok(())
}

/// Nobody waits for the couple any longer.
pub(super) fn forget_couple(tx: &Tx<'_>, couple: CoupleId) -> Result<()> {
    tx.prepare_cached("delete from candidate where couple_id = ?1")?.execute([couple])?;
    Ok(())
}

/// Who waited for `from` waits for the couple that it became part of.
pub(super) fn update_couple(tx: &Tx<'_>, from: CoupleId, to: CoupleId) -> Result<()> {
    let sql = "update or replace candidate set couple_id = ?2 where couple_id = ?1";
    tx.prepare_cached(sql)?.execute((from, to))?;
    Ok(())
}

/// Who waited for a couple that parts waits for either of the two.
pub(super) fn copy_all(tx: &Tx<'_>, from: CoupleId, to: CoupleId) -> Result<()> {
    let sql = "
        insert into candidate (user_id, couple_id, created_at)
        select user_id, ?2, created_at from candidate where couple_id = ?1";
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
