//! Rooms and messages over REST.

use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;

use super::acts::{self, For, Reactions, Target};
use super::bodies::{AppPage, MessageBody, PageQuery, Since, TextBody, Whom};
use super::changes::{self, Changes};
use super::content::{Draft, text};
use super::member::{self, RoomMember};
use super::message::{AppMessage, Message};
use super::page::{self, Page, Span};
use super::room::{self, Place};
use super::sending;
use super::summary::{self, Summary};
use crate::accounts::{Member, Person};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Client, Fields, Params, Reply, Routes, routes};
use crate::ids::number;

/// Everything under `/api/v1` that is about rooms and messages.
pub(crate) fn routes() -> Routes<App> {
    routes![app_history, list, history, send, catch_up, edit, delete, react, take_back]
        .merge(super::group_http::routes())
        .merge(super::search_http::routes())
}

#[derive(Serialize, ToSchema)]
struct Messages<T> {
    messages: Vec<T>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct History {
    pub(super) messages: Vec<Message>,
    /// Who has left since I came: some of these messages may be theirs.
    pub(super) former: Vec<RoomMember>,
}

/// The couple's room in the mobile app's own shape.
#[utoipa::path(
    get, path = "/messages", params(AppPage),
    responses((status = 200, body = Messages<AppMessage<'_>>)),
    extensions(("x-codes" = json!(["1401", "6400"])))
)]
async fn app_history(
    State(app): State<App>,
    reader: Member,
    client: Client,
    params: Params,
) -> Result<Reply<Box<RawValue>>> {
    let (span, limit) = (Span::of_app(&params)?, params.limit()?);
    let links = app.links.clone();
    let body = app.db.read(move |db| {
        let room = room::current(db, reader.user)?;
        let page = page::read(db, &links, reader.user, room, span, limit)?;
        let is_read =
            |message: &Message| member::is_read(&page.members, message.sender_id, message.id);
        let messages: Vec<AppMessage<'_>> = page
            .messages
            .iter()
            .map(|message| message.for_app(is_read(message), &client.origin))
            .collect();
        to_raw_value(&Messages { messages }).map_err(|error| Error::Internal(error.into()))
    });
    Ok(Reply::ok(body.await?))
}

/// My rooms, the one with the newest message first.
#[utoipa::path(get, path = "/rooms", responses((status = 200, body = Vec<Summary>)))]
async fn list(State(app): State<App>, reader: Person) -> Result<Reply<Vec<Summary>>> {
    let links = app.links.clone();
    let mut rooms = app.db.read(move |db| summary::all(db, &links, reader.user)).await?;
    for room in &mut rooms {
        room.present = app.live.present_to(room.room_id, reader.user);
    }
    Ok(Reply::ok(rooms))
}

/// A room's messages, newest first.
#[utoipa::path(
    get, path = "/rooms/{id}/messages", params(PageQuery),
    responses((status = 200, body = History)),
    extensions(("x-codes" = json!(["1401", "6400", "6404"])))
)]
async fn history(
    State(app): State<App>,
    reader: Person,
    Path(id): Path<String>,
    params: Params,
) -> Result<Reply<History>> {
    let (room, span, limit) = (room::id_of(&id)?, Span::of(&params)?, params.limit()?);
    let links = app.links.clone();
    let page = app.db.read(move |db| page::read(db, &links, reader.user, room, span, limit));
    let Page { messages, former, .. } = page.await?;
    Ok(Reply::ok(History { messages, former }))
}

/// Sends a message; sent again with the same `clientId` it is the first one.
#[utoipa::path(
    post, path = "/rooms/{id}/messages", request_body = MessageBody,
    responses((status = 201, body = Message)),
    extensions(("x-codes" = json!(["4404", "6403", "6404", "6405", "6408", "6420"])))
)]
async fn send(
    State(app): State<App>,
    author: Person,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Reply<Message>> {
    let place = Place::Room(room::id_of(&id)?);
    Ok(Reply::created(sending::send(&app, author.session, place, Draft::of(&fields)?).await?))
}

/// All that changed in a room since a revision, as it is now.
#[utoipa::path(
    get, path = "/rooms/{id}/changes", params(Since), responses((status = 200, body = Changes)),
    extensions(("x-codes" = json!(["1401", "6400", "6404"])))
)]
async fn catch_up(
    State(app): State<App>,
    reader: Person,
    Path(id): Path<String>,
    params: Params,
) -> Result<Reply<Changes>> {
    let (room, limit) = (room::id_of(&id)?, params.limit()?);
    let since = params.number("since", Error::Invalid)?.unwrap_or(0);
    let links = app.links.clone();
    let changes =
        app.db.read(move |db| changes::since(db, &links, reader.user, room, since, limit));
    Ok(Reply::ok(changes.await?))
}

/// Puts another text in place of one of mine.
#[utoipa::path(
    patch, path = "/rooms/{roomId}/messages/{id}", request_body = TextBody,
    responses((status = 200, body = Message)),
    extensions(("x-codes" = json!(["6403", "6404", "6405"])))
)]
async fn edit(
    State(app): State<App>,
    author: Person,
    Path((room, id)): Path<(String, String)>,
    fields: Fields,
) -> Result<Reply<Message>> {
    let target = target_of(&room, &id)?;
    Ok(Reply::ok(acts::edit(&app, author.session, target, text(&fields)?).await?))
}

/// Deletes a message: mine for everybody, anybody's for me alone.
#[utoipa::path(
    delete, path = "/rooms/{roomId}/messages/{id}", params(Whom), responses((status = 200)),
    extensions(("x-codes" = json!(["1400", "1401", "6403", "6404"])))
)]
async fn delete(
    State(app): State<App>,
    actor: Person,
    Path((room, id)): Path<(String, String)>,
    params: Params,
) -> Result<Reply<()>> {
    let (target, whom) = (target_of(&room, &id)?, For::named(params.text("for"))?);
    acts::delete(&app, actor.session, target, whom).await?;
    Ok(Reply::done())
}

/// Adds a reaction of mine: one real emoji.
#[utoipa::path(
    put, path = "/rooms/{roomId}/messages/{id}/reactions/{emoji}",
    responses((status = 200, body = Reactions)),
    extensions(("x-codes" = json!(["6403", "6404", "6413", "6414"])))
)]
async fn react(
    State(app): State<App>,
    actor: Person,
    Path((room, id, emoji)): Path<(String, String, String)>,
) -> Result<Reply<Reactions>> {
    let target = target_of(&room, &id)?;
    Ok(Reply::ok(acts::react(&app, actor.session, target, &emoji, true)?.await?))
}

/// Takes a reaction of mine back.
#[utoipa::path(
    delete, path = "/rooms/{roomId}/messages/{id}/reactions/{emoji}",
    responses((status = 200, body = Reactions)),
    extensions(("x-codes" = json!(["6403", "6404", "6413"])))
)]
async fn take_back(
    State(app): State<App>,
    actor: Person,
    Path((room, id, emoji)): Path<(String, String, String)>,
) -> Result<Reply<Reactions>> {
    let target = target_of(&room, &id)?;
    Ok(Reply::ok(acts::react(&app, actor.session, target, &emoji, false)?.await?))
}

fn target_of(room: &str, id: &str) -> Result<Target> {
    Ok(Target { room: room::id_of(room)?, id: number(id).ok_or(Error::NoSuchRoom)? })
}
