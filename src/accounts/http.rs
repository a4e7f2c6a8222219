//! Sign in, refresh, sign out; the profile and the devices of the one who asks.

use axum::extract::{FromRequestParts, Path, State};
use axum::http::header::{COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::IntoResponse;
use cookie::{Cookie, SameSite};
use serde::Serialize;
use utoipa::ToSchema;

use super::bodies::{ClientHeader, KakaoBody, LoginBody, PasswordBody, RefreshBody};
use super::member::{Member, Person, current};
use super::password::checked_password;
use super::session::{self, Device, Signed};
use super::user::{self, LoginUser, Profile};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Client, Fields, Quota, Reply, Routes, routes};
use crate::ids::{SessionId, UserId, number};

/// Where the web app's refresh token lies.
const COOKIE_NAME: &str = "bambitalk";
/// Browsers take this name only with Secure and from the host itself (RFC 6265bis, section 4.1.3.2).
const SECURE_COOKIE_NAME: &str = "__Host-bambitalk";
const COOKIE_DAYS: i64 = 90;

/// Everything under `/api/v1` that is about accounts and sessions, sign-up aside.
pub(crate) fn routes() -> Routes<App> {
    routes![
        password_login,
        refresh,
        logout,
        show_profile,
        list_sessions,
        end_session,
        change_password,
        link_kakao
    ]
    .merge(super::link_http::routes())
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
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, examples("btr_Zk1…"))]
    refresh_token: Option<String>,
    #[schema(examples("bta_Yq8…"))]
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

/// Signs in with a login id and a password.
#[utoipa::path(
    post, path = "/auth/password/login", security(()), params(ClientHeader),
    request_body = LoginBody, responses((status = 201, body = SignedIn)),
    extensions(("x-codes" = json!(["1429", "3409"])))
)]
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

/// Renews the tokens; the old refresh token is used up.
///
/// A web client without its cookie gets no data.
#[utoipa::path(
    post, path = "/auth/tokens/refresh", security(()), params(ClientHeader),
    request_body = RefreshBody, responses((status = 200, body = Option<SignedIn>)),
    extensions(("x-codes" = json!(["2400", "2403"])))
)]
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

/// Tells a browser to drop what it kept of us, photos among it; scripts cannot reach that.
const FORGET: &str = "clear-site-data";

/// Ends this session and its sockets.
#[utoipa::path(post, path = "/auth/logout", params(ClientHeader), responses((status = 200)))]
async fn logout(
    State(app): State<App>,
    me: Person,
    entrance: Entrance,
) -> Result<impl IntoResponse> {
    session::end_now(&app, me.session, me.session).await?;
    signed_out(&entrance)
}

/// The answer to who is signed out: a browser forgets.
pub(crate) fn signed_out(entrance: &Entrance) -> Result<impl IntoResponse + use<>> {
    let is_https = entrance.client.is_https;
    let cookie = match entrance.kind {
        ClientKind::Web => Some(set_cookie(is_https, "", 0)?),
        ClientKind::Other => None,
    };
    // Over plain HTTP browsers complain of it and do nothing.
    let forget = (cookie.is_some() && is_https).then_some([(FORGET, "\"cache\"")]);
    Ok((forget, Reply::done().with_cookie(cookie)))
}

/// Who I am.
#[utoipa::path(get, path = "/users/me", responses((status = 200, body = Profile)))]
async fn show_profile(State(app): State<App>, me: Person) -> Result<Reply<Profile>> {
    let links = app.links.clone();
    Ok(Reply::ok(app.db.read(move |db| user::profile(db, &links, me.user)).await?))
}

/// My signed-in devices, the latest first.
#[utoipa::path(get, path = "/users/me/sessions", responses((status = 200, body = Vec<Device>)))]
async fn list_sessions(State(app): State<App>, member: Member) -> Result<Reply<Vec<Device>>> {
    Ok(Reply::ok(app.db.read(move |db| session::devices(db, member)).await?))
}

/// Signs one of my devices out.
#[utoipa::path(
    delete, path = "/users/me/sessions/{id}", responses((status = 200)),
    extensions(("x-codes" = json!(["1404"])))
)]
async fn end_session(
    State(app): State<App>,
    member: Member,
    Path(id): Path<String>,
) -> Result<Reply<()>> {
    let session = SessionId::new(number(&id).ok_or(Error::NoSuchPath)?);
    session::end_now(&app, member.session, session).await?;
    Ok(Reply::done())
}

/// Makes sure that it is really them: who has a password says it again. Answers its hash, to be compared once more in
/// the change: checking takes a while.
pub(crate) async fn confirm_password(
    app: &App,
    user: UserId,
    client: &Client,
    fields: &Fields,
) -> Result<Option<String>> {
    let (login_id, hash) = app.db.read(move |db| user::select_own_credentials(db, user)).await?;
    let Some(hash) = hash else { return Ok(None) };
    let password = fields.required_text("password")?;
    let by_address = format!("{} {}", client.caller(), login_id.unwrap_or_default());
    let attempt = app.limits.attempt(&[(Quota::Login, &by_address)])?;
    if !app.passwords.is_right(password, Some(hash.clone())).await? {
        return Err(Error::WrongLogin);
    }
    attempt.give_back();
    Ok(Some(hash))
}

/// Sets a new password and ends the other sessions.
///
/// Who signs in with Kakao alone has no login id to go with one.
#[utoipa::path(
    put, path = "/users/me/password", request_body = PasswordBody, responses((status = 200)),
    extensions(("x-codes" = json!(["1429", "3407", "3408", "3409"])))
)]
async fn change_password(
    State(app): State<App>,
    member: Member,
    client: Client,
    fields: Fields,
) -> Result<Reply<()>> {
    let password = checked_password(fields.required_text("newPassword")?)?;
    let confirmed = confirm_password(&app, member.user, &client, &fields).await?;
    let old_hash = confirmed.ok_or(Error::LoginIdForm)?;
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

/// Links a Kakao account to mine.
#[utoipa::path(
    post, path = "/users/me/kakao", request_body = KakaoBody,
    responses((status = 200, body = Profile)), extensions(("x-codes" = json!(["2500", "3402"])))
)]
async fn link_kakao(
    State(app): State<App>,
    member: Member,
    fields: Fields,
) -> Result<Reply<Profile>> {
    let token = fields.text("accessToken")?.ok_or(Error::Invalid)?.to_owned();
    let kakao_id = app.kakao.identify(&token).await?;
    let links = app.links.clone();
    let profile = app.db.write(move |tx| {
        let member = current(tx, member.session)?;
        user::update_kakao(tx, member.user, kakao_id)?;
        user::profile(tx, &links, member.user)
    });
    Ok(Reply::ok(profile.await?))
}
