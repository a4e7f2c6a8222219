//! Guests: a seat in one room for whoever holds a link, with nothing but a nickname.

use axum::extract::State;

use super::bodies::GuestBody;
use crate::accounts::bodies::ClientHeader;
use crate::accounts::user::{self, locale_of};
use crate::accounts::{self, Entrance, SignedIn, signed_in};
use crate::app::App;
use crate::chat;
use crate::error::{Error, Language, Result};
use crate::http::{Fields, Reply, Routes, routes};

pub(super) fn routes() -> Routes<App> {
    routes![come_in]
}

/// Comes into a room as a guest, by a link.
///
/// Also under closed registration. There is no password: the seat is this session's. Sent again with the same `clientId`
/// within the hour, as long as nothing was renewed, it is the same seat.
#[utoipa::path(
    post, path = "/auth/guest", operation_id = "guest", security(()), params(ClientHeader),
    request_body = GuestBody, responses((status = 201, body = SignedIn)),
    extensions(("x-codes" = json!(["1429", "3400", "5401", "6403", "6406"])))
)]
async fn come_in(
    State(app): State<App>,
    entrance: Entrance,
    fields: Fields,
) -> Result<Reply<SignedIn>> {
    let token = fields.required_text("invite")?.to_owned();
    let nickname = user::nickname(&fields)?;
    let locale = user::locale(&fields)?.unwrap_or(locale_of(Language::default()));
    let tokens = app.sessions.tokens_by(&token, fields.client_id()?)?;
    let (client, device) = (entrance.session_client(), entrance.device.clone());
    let attempt = app.limits.attempt_invite(&entrance.address(), None)?;
    let links = app.links.clone();
    let seated = app.db.write(move |tx| {
        if let Some(seated) = accounts::reopen(tx, &tokens, tx.now, Error::BadInvite)? {
            return Ok(seated);
        }
        let guest = user::insert_guest(tx, &nickname, locale)?;
        chat::come_in(tx, &links, guest, &token)?;
        accounts::open_with(tx, guest, client, &device, tokens)
    });
    let seated = seated.await;
    attempt.settle(&seated);
    let (body, cookie) = signed_in(&app, &entrance, seated?).await?;
    Ok(Reply::created(body).with_cookie(cookie))
}
