//! Group rooms over REST.

use axum::extract::{Path, State};

use super::bodies::{GroupBody, PeopleBody, TitleBody};
use super::group::{self, Draft};
use super::room;
use super::summary::Summary;
use crate::accounts::{Member, Person};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Fields, Reply, Routes, routes};
use crate::ids::{UserId, number};

pub(super) fn routes() -> Routes<App> {
    routes![create, rename, add, remove, leave].merge(super::invite_http::routes())
}

/// Makes a group with people I share a room with; sent again with the same `clientId` it is the first one.
#[utoipa::path(
    post, path = "/rooms", request_body = GroupBody, responses((status = 201, body = Summary)),
    extensions(("x-codes" = json!(["3403", "5404", "6404", "6406", "6410", "6411", "6416"])))
)]
async fn create(State(app): State<App>, creator: Member, fields: Fields) -> Result<Reply<Summary>> {
    Ok(Reply::created(group::create(&app, creator.session, Draft::of(&fields)?).await?))
}

/// Renames a group. For the couple that looks after it.
#[utoipa::path(
    patch, path = "/rooms/{id}", request_body = TitleBody,
    responses((status = 200, body = Summary)), extensions(("x-codes" = json!(["5404", "6403", "6404", "6411"])))
)]
async fn rename(
    State(app): State<App>,
    actor: Member,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Reply<Summary>> {
    let (room, title) = (room::id_of(&id)?, group::title(&fields)?);
    Ok(Reply::ok(group::rename(&app, actor.session, room, title).await?))
}

/// Brings people into a group with whom I share a room. For the couple that looks after it.
#[utoipa::path(
    post, path = "/rooms/{id}/members", request_body = PeopleBody,
    responses((status = 200, body = Summary)),
    extensions(("x-codes" = json!(["3403", "5404", "6403", "6404", "6406", "6410", "6416"])))
)]
async fn add(
    State(app): State<App>,
    actor: Member,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Reply<Summary>> {
    let (room, users) = (room::id_of(&id)?, group::people(&fields, "userIds")?);
    Ok(Reply::ok(group::add(&app, actor.session, room, users).await?))
}

/// Sends somebody out of a group. For the couple that looks after it, and never one of the two.
#[utoipa::path(
    delete, path = "/rooms/{id}/members/{userId}", responses((status = 200)),
    extensions(("x-codes" = json!(["3403", "5404", "6403", "6404"])))
)]
async fn remove(
    State(app): State<App>,
    actor: Member,
    Path((id, user)): Path<(String, String)>,
) -> Result<Reply<()>> {
    let room = room::id_of(&id)?;
    let user = UserId::new(number(&user).ok_or(Error::NoSuchUser)?);
    group::remove(&app, actor.session, room, user).await?;
    Ok(Reply::done())
}

/// Leaves a group.
#[utoipa::path(
    delete, path = "/rooms/{id}/members/me", responses((status = 200)),
    extensions(("x-codes" = json!(["6403", "6404"])))
)]
async fn leave(
    State(app): State<App>,
    leaver: Person,
    Path(id): Path<String>,
) -> Result<Reply<()>> {
    group::leave(&app, leaver.session, room::id_of(&id)?).await?;
    Ok(Reply::done())
}
