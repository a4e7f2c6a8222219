//! Sign in, refresh, sign out; the profile and the devices of the one who asks.

use axum::Router;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::header::{COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::routing::{delete, get, post, put};
use cookie::{Cookie, SameSite};
use serde::Serialize;

use super::member::{Member, current};
use super::password::checked_password;
use super::session::{self, Device, Signed};
use super::user::{self, LoginUser, Profile, ProfileChange};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Client, Fields, Quota, Reply};
use crate::ids::SessionId;

/// Where the web app's refresh token lies.
const COOKIE_NAME: &str = "bambitalk";
/// Browsers take this name only with Secure and from the host itself (RFC 6265bis, section 4.1.3.2).
const SECURE_COOKIE_NAME: &str = "__Host-bambitalk";
const COOKIE_DAYS: i64 = 90;

/// Everything under `/api/v1` that is about accounts and sessions, sign-up aside.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/auth/password/login", post(password_login))
        .route("/auth/tokens/refresh", post(refresh))
        .route("/auth/logout", post(logout))
        .route("/users/me", get(show_profile).patch(change_profile))
        .route("/users/me/sessions", get(list_sessions))
        .route("/users/me/sessions/{id}", delete(end_session))
        .route("/users/me/password", put(change_password))
        .route("/users/me/kakao", post(link_kakao))
}

/// What kind of program asks, from `X-BambiTalk-Client`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientKind {
    Web,
    Other,
}

/// How somebody comes in: from where, with what.
pub(crate) struct Entrance {
    pub(crate) client: Client,
    pub(crate) kind: ClientKind,
    pub(crate) device: String,
    cookie: Option<String>,
}

impl Entrance {
    /// As limits know this address.
    pub(crate) fn address(&self) -> String {
        self.client.caller()
    }

    /// The session to open.
    pub(crate) fn session_client(&self) -> session::Client {
        match self.kind {
            ClientKind::Web => session::Client::Web,
            ClientKind::Other => session::Client::Other,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Entrance {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let client = Client::from_request_parts(parts, state).await?;
        let is_web = parts.headers.get("x-bambitalk-client").is_some_and(|value| value == "web");
        let device = parts
            .headers
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("?")
            .to_owned();
        let kind = if is_web { ClientKind::Web } else { ClientKind::Other };
        Ok(Self { cookie: refresh_cookie(&parts.headers, client.is_https), client, kind, device })
    }
}

fn cookie_name(is_https: bool) -> &'static str {
    if is_https { SECURE_COOKIE_NAME } else { COOKIE_NAME }
}

fn refresh_cookie(headers: &HeaderMap, is_https: bool) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| Cookie::split_parse(line.to_owned()).flatten());
    cookies
        .find(|cookie| cookie.name() == cookie_name(is_https))
        .map(|cookie| cookie.value().to_owned())
}

fn set_cookie(is_https: bool, value: &str, days: i64) -> Result<HeaderValue> {
    let cookie = Cookie::build((cookie_name(is_https), value))
        .path("/")
        .http_only(true)
        .secure(is_https)
        .same_site(SameSite::Strict)
        .max_age(cookie::time::Duration::days(days))
        .build();
    HeaderValue::try_from(cookie.to_string()).map_err(|error| Error::Internal(error.into()))
}

/// What signing in answers; the web app's refresh token is in its cookie instead.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    access_token: String,
    user: LoginUser,
}

/// Hands the tokens over in the way this kind of client keeps them.
pub(crate) async fn signed_in(
    app: &App,
    entrance: &Entrance,
    signed: Signed,
) -> Result<(SignedIn, Option<HeaderValue>)> {
    let user = app.db.read(move |db| user::login_user(db, signed.user)).await?;
    let (refresh_token, cookie) = match entrance.kind {
        ClientKind::Web => {
            (None, Some(set_cookie(entrance.client.is_https, &signed.tokens.refresh, COOKIE_DAYS)?))
        }
        ClientKind::Other => (Some(signed.tokens.refresh), None),
    };
    Ok((SignedIn { refresh_token, access_token: signed.tokens.access, user }, cookie))
}

async fn password_login(
    State(app): State<App>,
    entrance: Entrance,
    fields: Fields,
) -> Result<Reply<SignedIn>> {
    let login_id = fields.required_text("loginId")?.trim().to_lowercase();
    let password = fields.required_text("password")?.to_owned();
    let by_address = format!("{} {login_id}", entrance.address());
    let is_known = app.passwords.is_known(&login_id, entrance.client.address);
    let mut against = vec![(Quota::Login, by_address.as_str())];
    if !is_known {
        against.push((Quota::LoginFromAfar, login_id.as_str()));
    }
    let attempt = app.limits.attempt(&against)?;

    let wanted = login_id.clone();
    let credentials = app.db.read(move |db| user::select_credentials(db, &wanted)).await?;
    let hash = credentials.as_ref().map(|(_, hash)| hash.clone());
    let is_right = app.passwords.is_right(&password, hash).await?;
    let Some((user, hash)) = credentials.filter(|_| is_right) else {
        return Err(Error::WrongLogin);
    };

    let (client, device) = (entrance.session_client(), entrance.device.clone());
    let opened = app.db.write(move |tx| {
        if !user::is_current_hash(tx, user, &hash)? {
            return Err(Error::WrongLogin);
        }
        session::open(tx, user, client, &device)
    });
    let signed = opened.await?;
    attempt.give_back();
    app.passwords.remember(&login_id, entrance.client.address);
    let (body, cookie) = signed_in(&app, &entrance, signed).await?;
    Ok(Reply::created(body).with_cookie(cookie))
}

async fn refresh(
    State(app): State<App>,
    entrance: Entrance,
    fields: Fields,
) -> Result<Reply<SignedIn>> {
    let token = match entrance.kind {
        ClientKind::Web => entrance.cookie.clone(),
        ClientKind::Other => Some(fields.required_text("refreshToken")?.to_owned()),
    };
    let Some(token) = token else { return Ok(Reply::nothing()) };
    let signed = session::refresh(&app, token).await?;
    let (body, cookie) = signed_in(&app, &entrance, signed).await?;
    Ok(Reply::ok(body).with_cookie(cookie))
}

async fn logout(State(app): State<App>, member: Member, entrance: Entrance) -> Result<Reply<()>> {
    session::end_now(&app, member.session, member.session).await?;
    let cookie = match entrance.kind {
        ClientKind::Web => Some(set_cookie(entrance.client.is_https, "", 0)?),
        ClientKind::Other => None,
    };
    Ok(Reply::done().with_cookie(cookie))
}

async fn show_profile(State(app): State<App>, member: Member) -> Result<Reply<Profile>> {
    Ok(Reply::ok(app.db.read(move |db| user::profile(db, member.user)).await?))
}

async fn change_profile(
    State(app): State<App>,
    member: Member,
    fields: Fields,
) -> Result<Reply<Profile>> {
    let change = ProfileChange::of(&fields)?;
    let profile = app.db.write(move |tx| {
        let member = current(tx, member.session)?;
        user::update_profile(tx, member, &change)?;
        user::profile(tx, member.user)
    });
    Ok(Reply::ok(profile.await?))
}

async fn list_sessions(State(app): State<App>, member: Member) -> Result<Reply<Vec<Device>>> {
    Ok(Reply::ok(app.db.read(move |db| session::devices(db, member)).await?))
}

async fn end_session(
    State(app): State<App>,
    member: Member,
    Path(id): Path<String>,
) -> Result<Reply<()>> {
    let session = SessionId::new(id.parse().map_err(|_| Error::NoSuchPath)?);
    session::end_now(&app, member.session, session).await?;
    Ok(Reply::done())
}

/// Sets a new password and ends the other sessions. Who signs in with Kakao alone has no login id to go with one.
async fn change_password(
    State(app): State<App>,
    member: Member,
    client: Client,
    fields: Fields,
) -> Result<Reply<()>> {
    let (login_id, hash) =
        app.db.read(move |db| user::select_own_credentials(db, member.user)).await?;
    let login_id = login_id.ok_or(Error::LoginIdForm)?;
    let password = checked_password(fields.required_text("newPassword")?)?;
    let old = fields.required_text("password")?;
    let by_address = format!("{} {login_id}", client.caller());
    let attempt = app.limits.attempt(&[(Quota::Login, &by_address)])?;
    let old_hash = hash.clone().unwrap_or_default();
    if !app.passwords.is_right(old, hash).await? {
        return Err(Error::WrongLogin);
    }
    attempt.give_back();
    let hash = app.passwords.hash(password).await?;
    let change = app.db.write(move |tx| {
        let member = current(tx, member.session)?;
        if !user::is_current_hash(tx, member.user, &old_hash)? {
            return Err(Error::WrongLogin);
        }
        user::update_password(tx, member.user, &hash)?;
        session::end_all(tx, member.user, Some(member.session), "password-changed")
    });
    change.await?;
    Ok(Reply::done())
}

async fn link_kakao(
    State(app): State<App>,
    member: Member,
    fields: Fields,
) -> Result<Reply<Profile>> {
    let token = fields.text("accessToken")?.ok_or(Error::Invalid)?.to_owned();
    let kakao_id = app.kakao.identify(&token).await?;
    let profile = app.db.write(move |tx| {
        let member = current(tx, member.session)?;
        user::update_kakao(tx, member.user, kakao_id)?;
        user::profile(tx, member.user)
    });
    Ok(Reply::ok(profile.await?))
}
