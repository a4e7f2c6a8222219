//! Links into groups over REST.

use axum::extract::{Path, State};

use super::bodies::TermsBody;
use super::invite::{self, Door, NewRoomInvite, RoomInvite, Terms};
use super::room;
use super::summary::Summary;
use crate::accounts::{Member, Person};
use crate::app::App;
use crate::error::Result;
use crate::http::{Client, Fields, Reply, Routes, routes};

pub(super) fn routes() -> Routes<App> {
    routes![issue, list, preview, take, revoke]
}

/// A link into a group, for somebody new or somebody who is here. For the couple that looks after it.
#[utoipa::path(
    post, path = "/rooms/{id}/invites", operation_id = "invite", request_body = TermsBody,
    responses((status = 201, body = NewRoomInvite)),
    extensions(("x-codes" = json!(["5404", "6403", "6404", "6412"])))
)]
async fn issue(
    State(app): State<App>,
    actor: Member,
    client: Client,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Reply<NewRoomInvite>> {
    let (room, terms) = (room::id_of(&id)?, Terms::of(&fields)?);
    Ok(Reply::created(invite::issue(&app, actor.session, room, terms, &client.origin).await?))
}

/// The links into a group that live. For the couple that looks after it.
#[utoipa::path(
    get, path = "/rooms/{id}/invites", operation_id = "list_invites",
    responses((status = 200, body = Vec<RoomInvite>)),
    extensions(("x-codes" = json!(["5404", "6403", "6404"])))
)]
async fn list(
    State(app): State<App>,
    actor: Member,
    Path(id): Path<String>,
) -> Result<Reply<Vec<RoomInvite>>> {
    Ok(Reply::ok(invite::list(&app, actor.session, room::id_of(&id)?).await?))
}

/// Who invites into what. Anybody may ask; it counts as a try.
#[utoipa::path(
    get, path = "/rooms/invites/{token}", operation_id = "preview_invite", security(()),
    responses((status = 200, body = Door)), extensions(("x-codes" = json!(["1429", "5401"])))
)]
async fn preview(
    State(app): State<App>,
    client: Client,
    Path(token): Path<String>,
) -> Result<Reply<Door>> {
    let attempt = app.limits.attempt_invite(&client.caller(), None)?;
    let door = invite::preview(&app, token).await;
    attempt.settle(&door);
    door.map(Reply::ok)
}

/// Comes in by a link as who I am.
#[utoipa::path(
    post, path = "/rooms/invites/{token}", operation_id = "take_invite",
    responses((status = 200, body = Summary)),
    extensions(("x-codes" = json!(["1429", "5401", "6403", "6406", "6410"])))
)]
async fn take(
    State(app): State<App>,
    taker: Person,
    client: Client,
    Path(token): Path<String>,
) -> Result<Reply<Summary>> {
    let attempt = app.limits.attempt_invite(&client.caller(), Some(taker.user))?;
    let taken = invite::take(&app, taker.session, token).await;
    attempt.settle(&taken);
    taken.map(Reply::ok)
}

/// Ends a link, named by its `inviteId` or by itself. For the couple that looks after the group.
#[utoipa::path(
    delete, path = "/rooms/invites/{token}", operation_id = "revoke_invite",
    responses((status = 200)), extensions(("x-codes" = json!(["1429", "5401"])))
)]
async fn revoke(
    State(app): State<App>,
    actor: Member,
    client: Client,
    Path(token): Path<String>,
) -> Result<Reply<()>> {
    let attempt = app.limits.attempt_invite(&client.caller(), Some(actor.user))?;
    let revoked = invite::revoke(&app, actor.session, token).await;
    attempt.settle(&revoked);
    revoked.map(|()| Reply::done())
}
