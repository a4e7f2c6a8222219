//! Coming in by a login link, and refusing the partner's.

use axum::extract::State;

use super::bodies::{ClientHeader, LoginLinkBody};
use super::http::{Entrance, SignedIn, signed_in};
use super::member::{Member, current};
use super::password::checked_password;
use super::{login_link, session, user};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Fields, Quota, Reply, Routes, routes};

pub(super) fn routes() -> Routes<App> {
    routes![login_by_link, refuse_rescue]
}

/// Signs in with a login link, which is used up.
///
/// Sent again with the same `clientId` within the hour, as long as nothing was renewed, it is the same session. With one
/// that the partner asked for comes a new password, if it is to be set: the other sessions end then.
#[utoipa::path(
    post, path = "/auth/login-link", security(()), params(ClientHeader),
    request_body(content = LoginLinkBody, example = json!({ "token": "btl_Zk1…" })),
    responses((status = 201, body = SignedIn)),
    extensions(("x-codes" = json!(["1429", "2401", "2402", "3408"])))
)]
async fn login_by_link(
    State(app): State<App>,
    entrance: Entrance,
    fields: Fields,
) -> Result<Reply<SignedIn>> {
    let token = fields.required_text("token")?.to_owned();
    let password = fields.text("newPassword")?.map(checked_password).transpose()?;
    let tokens = app.sessions.tokens_by(&token, fields.client_id()?)?;
    let attempt = app.limits.attempt(&[(Quota::LoginLink, &entrance.address())])?;
    let signed = redeem(&app, &entrance, token, password, tokens).await;
    if !matches!(signed, Err(Error::BadLoginLink)) {
        attempt.give_back();
    }
    let (body, cookie) = signed_in(&app, &entrance, signed?).await?;
    Ok(Reply::created(body).with_cookie(cookie))
}

async fn redeem(
    app: &App,
    entrance: &Entrance,
    token: String,
    password: Option<String>,
    tokens: session::Tokens,
) -> Result<session::Signed> {
    let (asked, opening, now) = (token.clone(), tokens.clone(), app.clock.now());
    let found =
        app.db.read(move |db| match session::reopen(db, &opening, now, Error::BadLoginLink)? {
            Some(signed) => Ok(Err(signed)),
            None => login_link::held(db, &asked, now).map(Ok),
        });
    let held = match found.await? {
        Ok(held) => held,
        Err(signed) => return Ok(signed),
    };
    if held.is_rescue && !app.rescues.has_waited(&token, app.clock.steady()) {
        return Err(Error::LoginLinkWaits);
    }
    // Who can sign in has a password, and knows it.
    if password.is_some() && !held.is_rescue {
        return Err(Error::Invalid);
    }
    let hash = match password {
        Some(password) => Some(app.passwords.hash(password).await?),
        None => None,
    };
    let (client, device) = (entrance.session_client(), entrance.device.clone());
    let signed = app.db.write(move |tx| {
        if let Some(signed) = session::reopen(tx, &tokens, tx.now, Error::BadLoginLink)? {
            return Ok(signed);
        }
        let user = login_link::redeem(tx, &token)?.user;
        if let Some(hash) = hash {
            user::update_password(tx, user, &hash)?;
            session::end_all(tx, user, None, "password-changed")?;
        }
        if user::is_guest(tx, user)? {
            // A guest's seat is bound to one device: a link moves it.
            session::end_all(tx, user, None, "moved")?;
        }
        session::open_with(tx, user, client, &device, tokens)
    });
    signed.await
}

/// Refuses the login link that my partner asked for.
#[utoipa::path(delete, path = "/users/me/login-link", responses((status = 200)))]
async fn refuse_rescue(State(app): State<App>, member: Member) -> Result<Reply<()>> {
    let refused = app.db.write(move |tx| {
        let member = current(tx, member.session)?;
        login_link::delete_rescue(tx, member.user)
    });
    refused.await?;
    Ok(Reply::done())
}
