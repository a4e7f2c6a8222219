//! Finding again over REST: what was said, and all that was shown.

use axum::extract::{Path, State};

use super::bodies::{AlbumQuery, SearchQuery};
use super::http::History;
use super::needle::Needle;
use super::page::{self, Page, Span};
use super::room;
use super::search::{self, Found, Search};
use crate::accounts::Person;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Params, Reply, Routes, routes};
use crate::ids::{MessageId, RoomId};

pub(super) fn routes() -> Routes<App> {
    routes![search, album]
}

/// Messages in which all words of `q` stand, newest first: texts, names of files, titles of schedules. A word is found
/// inside others; of a syllable its initial is enough (`ㅂㅇ` finds 병원).
#[utoipa::path(
    get, path = "/search", params(SearchQuery), responses((status = 200, body = Found)),
    extensions(("x-codes" = json!(["1400", "1401", "6400", "6404", "6415"])))
)]
async fn search(State(app): State<App>, reader: Person, params: Params) -> Result<Reply<Found>> {
    let wanted = Search {
        needle: Needle::of(params.text("q").ok_or(Error::Missing)?)?,
        room: params.number("roomId", Error::Invalid)?.map(RoomId::new),
        before: params
            .text("before")
            .filter(|text| !text.is_empty())
            .map(str::parse)
            .transpose()?,
        limit: params.limit()?,
    };
    let links = app.links.clone();
    let found = app.db.read(move |db| search::search(db, &links, reader.user, &wanted));
    Ok(Reply::ok(found.await?))
}

/// All photos and videos of a room, newest first.
#[utoipa::path(
    get, path = "/rooms/{id}/media", params(AlbumQuery), responses((status = 200, body = History)),
    extensions(("x-codes" = json!(["1401", "6400", "6404"])))
)]
async fn album(
    State(app): State<App>,
    reader: Person,
    Path(id): Path<String>,
    params: Params,
) -> Result<Reply<History>> {
    let (room, limit) = (room::id_of(&id)?, params.limit()?);
    let before = params.number("before", Error::Invalid)?.unwrap_or(MessageId::MAX);
    let span = Span::ShownBefore(before);
    let links = app.links.clone();
    let page = app.db.read(move |db| page::read(db, &links, reader.user, room, span, limit));
    let Page { messages, former, .. } = page.await?;
    Ok(Reply::ok(History { messages, former }))
}
