//! Login links: one use each, for a device that is not signed in yet.
//!
//! My own works at once, for fifteen minutes. One that my partner asked for, because I can sign in nowhere any more, works
//! only after a day, in which every device of mine shows it and can refuse. A link dies with the session that made it and
//! with a change of the password.
//!
//! A clock may have been wrong when the partner asked, and be put right by a day a minute later. So the day has to pass on
//! the steady clock as well, as far as this process has seen the asking ([`Rescues`]).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use utoipa::ToSchema;

use super::token::{TokenHash, fresh_secret, secret_hash};
use crate::clock::{DAY_MS, MINUTE_MS, Millis};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{SessionId, UserId};
use crate::live::{Announcement, Channel, Namespace};

const PREFIX: &str = "btl_";
const LIFE_MS: i64 = 15 * MINUTE_MS;
/// Long enough that somebody looks at one of their devices.
const RESCUE_WAIT_MS: i64 = DAY_MS;
/// From the asking on.
const RESCUE_LIFE_MS: i64 = 2 * DAY_MS;

/// A new link's secret, in clear only here and on the wire, and when it works.
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) works_at: Millis,
    pub(crate) expires_at: Millis,
}

/// When rescues were asked for, on the clock that cannot be set. A restart forgets it, and goes by the other one.
#[derive(Clone, Default)]
pub(crate) struct Rescues(Arc<Mutex<HashMap<TokenHash, Millis>>>);

impl Rescues {
    /// Asked for at this moment.
    pub(crate) fn note(&self, token: &str, steady: Millis) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, at| steady.since(*at) < RESCUE_LIFE_MS);
        asked.insert(secret_hash(token), steady);
    }

    /// Whether the day is over that somebody has to refuse.
    pub(super) fn has_waited(&self, token: &str, steady: Millis) -> bool {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get(&secret_hash(token)).is_none_or(|at| steady.since(*at) >= RESCUE_WAIT_MS)
    }
}

/// What a partner asked for, as the owner sees it.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rescue {
    asked_by: UserId,
    asked_at: Millis,
    /// Refused before then, it never does.
    works_at: Millis,
    expires_at: Millis,
}

/// How it stands with somebody's rescue, as both of the couple hear of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RescueNow {
    user_id: UserId,
    rescue: Option<Rescue>,
}

/// A link that somebody holds.
pub(super) struct Held {
    pub(super) user: UserId,
    pub(super) is_rescue: bool,
    works_at: Millis,
    expires_at: Millis,
}

/// A link for another device of mine, in place of an earlier one.
pub(crate) fn issue(tx: &Tx<'_>, session: SessionId, user: UserId) -> Result<Issued> {
    tx.prepare_cached("delete from login_link where session_id = ?1 and user_id = ?2")?
        .execute((session, user))?;
    insert(tx, session, user, 0, LIFE_MS)
}

/// A link for the partner of whom this session is, in place of an earlier one. Both hear of it.
pub(crate) fn issue_rescue(tx: &Tx<'_>, session: SessionId, user: UserId) -> Result<Issued> {
    delete_rescue(tx, user)?;
    let issued = insert(tx, session, user, RESCUE_WAIT_MS, RESCUE_LIFE_MS)?;
    if let Some(rescue) = rescue_of(tx, user)? {
        tell(tx, rescue.asked_by, user, Some(&rescue));
    }
    Ok(issued)
}

fn insert(
    tx: &Tx<'_>,
    session: SessionId,
    user: UserId,
    wait_ms: i64,
    life_ms: i64,
) -> Result<Issued> {
    let token = format!("{PREFIX}{}", fresh_secret()?);
    let (works_at, expires_at) = (tx.now.plus(wait_ms), tx.now.plus(life_ms));
    let sql = "
        insert into login_link (hash, user_id, session_id, created_at, works_at, expires_at)
        values (?1, ?2, ?3, ?4, ?5, ?6)";
    let row = (secret_hash(&token), user, session, tx.now, works_at, expires_at);
    tx.prepare_cached(sql)?.execute(row)?;
    Ok(Issued { token, works_at, expires_at })
}

/// The link behind a secret, if it opens something at this moment.
pub(super) fn held(db: &Connection, token: &str, now: Millis) -> Result<Held> {
    let sql = "
        select login_link.user_id, session.user_id <> login_link.user_id, works_at, expires_at
        from login_link join session on session.id = login_link.session_id
        where hash = ?1";
    let read = |row: &Row<'_>| {
        Ok(Held {
            user: row.get(0)?,
            is_rescue: row.get(1)?,
            works_at: row.get(2)?,
            expires_at: row.get(3)?,
        })
    };
    let found = db.prepare_cached(sql)?.query_row([secret_hash(token)], read).optional()?;
    let held = found.filter(|held| now < held.expires_at).ok_or(Error::BadLoginLink)?;
    if now < held.works_at { Err(Error::LoginLinkWaits) } else { Ok(held) }
}

/// Uses a link up.
pub(super) fn redeem(tx: &Tx<'_>, token: &str) -> Result<Held> {
    let held = held(tx, token, tx.now)?;
    if held.is_rescue {
        delete_rescue(tx, held.user)?;
    } else {
        tx.prepare_cached("delete from login_link where hash = ?1")?
            .execute([secret_hash(token)])?;
    }
    Ok(held)
}

/// What the partner asked for, for this person.
pub(super) fn rescue_of(db: &Connection, user: UserId) -> Result<Option<Rescue>> {
    let sql = "
        select session.user_id, login_link.created_at, works_at, expires_at
        from login_link join session on session.id = login_link.session_id
        where login_link.user_id = ?1 and session.user_id <> ?1";
    let read = |row: &Row<'_>| {
        Ok(Rescue {
            asked_by: row.get(0)?,
            asked_at: row.get(1)?,
            works_at: row.get(2)?,
            expires_at: row.get(3)?,
        })
    };
    Ok(db.prepare_cached(sql)?.query_row([user], read).optional()?)
}

/// What the partner asked for is refused, used up or out of place. Both hear of it.
pub(crate) fn delete_rescue(tx: &Tx<'_>, user: UserId) -> Result<()> {
    let Some(rescue) = rescue_of(tx, user)? else { return Ok(()) };
    let sql = "
        delete from login_link where user_id = ?1
            and (select user_id from session where id = login_link.session_id) <> ?1";
    tx.prepare_cached(sql)?.execute([user])?;
    tell(tx, rescue.asked_by, user, None);
    Ok(())
}

/// All links of a person die.
pub(super) fn delete_all(tx: &Tx<'_>, user: UserId) -> Result<()> {
    delete_rescue(tx, user)?;
    tx.prepare_cached("delete from login_link where user_id = ?1")?.execute([user])?;
    Ok(())
}

/// All links that a session made die with it.
pub(super) fn delete_of_session(tx: &Tx<'_>, session: SessionId) -> Result<()> {
    let sql = "
        select login_link.user_id from login_link join session on session.id = login_link.session_id
        where session_id = ?1 and session.user_id <> login_link.user_id";
    let mut query = tx.prepare_cached(sql)?;
    let rescued = query.query_map([session], |row| row.get(0))?;
    for user in rescued.collect::<rusqlite::Result<Vec<UserId>>>()? {
        delete_rescue(tx, user)?;
    }
    tx.prepare_cached("delete from login_link where session_id = ?1")?.execute([session])?;
    Ok(())
}

/// Forgets links that have run out.
pub(super) fn delete_expired(tx: &Tx<'_>, now: Millis) -> Result<()> {
    tx.prepare_cached("delete from login_link where expires_at <= ?1")?.execute([now])?;
    Ok(())
}

fn tell(tx: &Tx<'_>, partner: UserId, user: UserId, rescue: Option<&Rescue>) {
    let now = RescueNow { user_id: user, rescue: rescue.cloned() };
    for listener in [user, partner] {
        let channel = Channel::User(listener);
        tx.announce(Announcement::event(Namespace::Rooms, channel, "rescue", &now));
    }
}
