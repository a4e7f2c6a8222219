//! Who is asking: permission is a parameter type.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use rusqlite::Connection;
use serde::Serialize;

use super::session;
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CoupleId, SessionId, UserId};
use crate::live::{Announcement, Channel, Namespace};

/// Whoever is signed in: a [`Member`], or a guest, who has no couple and only the rooms they are in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) couple: Option<CoupleId>,
    pub(crate) session: SessionId,
}

/// A signed-in user of a couple of one or two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) user: UserId,
    pub(crate) couple: CoupleId,
    pub(crate) session: SessionId,
}

impl Person {
    /// As a member, which a guest is not.
    pub(crate) fn member(self) -> Result<Member> {
        let couple = self.couple.ok_or(Error::GuestsMayNot)?;
        Ok(Member { user: self.user, couple, session: self.session })
    }
}

impl FromRequestParts<App> for Person {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .ok_or(Error::SignedOut)?;
        let (scheme, token) = header.split_once(' ').ok_or(Error::SignedOut)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Error::SignedOut);
        }
        Ok(session::resume(app, token.trim()).await?.person)
    }
}

impl FromRequestParts<App> for Member {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Person::from_request_parts(parts, app).await?.member()
    }
}

/// Who a session is now: asked again inside each change, so that what ended a moment ago can do nothing.
pub(crate) fn current_person(db: &Connection, session: SessionId) -> Result<Person> {
    let sql = "
        select user.id, user.couple_id from session join user on user.id = session.user_id
        where session.id = ?1 and session.ended_at is null and user.withdrawn_at is null";
    let found = db
        .prepare_cached(sql)?
        .query_row([session], |row| Ok(Person { user: row.get(0)?, couple: row.get(1)?, session }));
    found.map_err(|error| match error {
        rusqlite::Error::QueryReturnedNoRows => Error::SignedOut,
        error => error.into(),
    })
}

/// The same for what only members may do.
pub(crate) fn current(db: &Connection, session: SessionId) -> Result<Member> {
    current_person(db, session)?.member()
}

/// Whether this person waits for a couple's word.
pub(crate) fn is_waiting(db: &Connection, user: UserId) -> Result<bool> {
    let sql = "select exists (select 1 from candidate where user_id = ?1)";
    Ok(db.prepare_cached(sql)?.query_row([user], |row| row.get(0))?)
}

/// Whom nobody has let in yet lets nobody in: asked wherever somebody could come by them.
pub(crate) fn refuse_waiting(db: &Connection, user: UserId) -> Result<()> {
    if is_waiting(db, user)? { Err(Error::Waiting) } else { Ok(()) }
}

/// Tells everybody in a couple, on each of their devices, how something of theirs stands now.
pub(crate) fn tell_couple(
    tx: &Tx<'_>,
    couple: CoupleId,
    event: &'static str,
    payload: &impl Serialize,
) -> Result<()> {
    let sql = "select id from user where couple_id = ?1 and withdrawn_at is null order by id";
    let mut query = tx.prepare_cached(sql)?;
    let users = query.query_map([couple], |row| row.get(0))?;
    for user in users.collect::<rusqlite::Result<Vec<UserId>>>()? {
        tx.announce(Announcement::event(Namespace::Rooms, Channel::User(user), event, payload));
    }
    Ok(())
}
