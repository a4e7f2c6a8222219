//! Who is asking: permission is a parameter type.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use rusqlite::Connection;

use super::session;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ids::{CoupleId, SessionId, UserId};

/// A signed-in user of a couple of one or two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) user: UserId,
    pub(crate) couple: CoupleId,
    pub(crate) session: SessionId,
}

impl FromRequestParts<App> for Member {
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
        Ok(session::resume(app, token.trim()).await?.member)
    }
}

/// Who a session is now: asked again inside each change, so that what ended a moment ago can do nothing.
pub(crate) fn current(db: &Connection, session: SessionId) -> Result<Member> {
    let sql = "
        select user.id, user.couple_id from session join user on user.id = session.user_id
        where session.id = ?1 and session.ended_at is null and user.withdrawn_at is null";
    let found = db
        .prepare_cached(sql)?
        .query_row([session], |row| Ok(Member { user: row.get(0)?, couple: row.get(1)?, session }));
    found.map_err(|error| match error {
        rusqlite::Error::QueryReturnedNoRows => Error::SignedOut,
        error => error.into(),
    })
}
