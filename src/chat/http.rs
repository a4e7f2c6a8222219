//! Rooms and messages over REST.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::changes::{self, Changes};
use super::content::Draft;
use super::member;
use super::message::{self, AppMessage, Message};
use super::page::{self, Span};
use super::room::{self, Place};
use super::summary::{self, Summary};
use crate::accounts::Member;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Fields, Params, Reply};

/// Everything under `/api/v1` that is about rooms and messages.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/messages", get(app_history))
        .route("/rooms", get(list))
        .route("/rooms/{id}/messages", get(history).post(send))
        .route("/rooms/{id}/changes", get(catch_up))
}

#[derive(Serialize)]
struct Messages<T> {
    messages: Vec<T>,
}

/// The couple's room in the mobile app's own shape.
async fn app_history(
    State(app): State<App>,
    reader: Member,
    params: Params,
) -> Result<Reply<Box<RawValue>>> {
    let (span, limit) = (Span::of_app(&params)?, params.limit()?);
    let body = app.db.read(move |db| {
        let room = room::current(db, reader.user)?;
        let page = page::read(db, room, reader.user, span, limit)?;
        let is_read =
            |message: &Message| member::is_read(&page.members, message.sender_id, message.id);
        let messages: Vec<AppMessage<'_>> =
            page.messages.iter().map(|message| message.for_app(is_read(message))).collect();
        to_raw_value(&Messages { messages }).map_err(|error| Error::Internal(error.into()))
    });
    Ok(Reply::ok(body.await?))
}

async fn list(State(app): State<App>, reader: Member) -> Result<Reply<Vec<Summary>>> {
    let mut rooms = app.db.read(move |db| summary::all(db, reader.user)).await?;
    for room in &mut rooms {
        room.present = app.live.present(room.room_id);
    }
    Ok(Reply::ok(rooms))
}

async fn history(
    State(app): State<App>,
    reader: Member,
    Path(id): Path<String>,
    params: Params,
) -> Result<Reply<Messages<Message>>> {
    let (room, span, limit) = (room::id_of(&id)?, Span::of(&params)?, params.limit()?);
    let page = app.db.read(move |db| page::read(db, room, reader.user, span, limit)).await?;
    Ok(Reply::ok(Messages { messages: page.messages }))
}

async fn send(
    State(app): State<App>,
    author: Member,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Reply<Message>> {
    let place = Place::Room(room::id_of(&id)?);
    Ok(Reply::created(message::send(&app, author.session, place, Draft::of(&fields)?).await?))
}

async fn catch_up(
    State(app): State<App>,
    reader: Member,
    Path(id): Path<String>,
    params: Params,
) -> Result<Reply<Changes>> {
    let (room, limit) = (room::id_of(&id)?, params.limit()?);
    let since = params.number("since", Error::Invalid)?.unwrap_or(0);
    Ok(Reply::ok(app.db.read(move |db| changes::since(db, room, reader.user, since, limit)).await?))
}
