//! Children over REST.

use axum::extract::{Path, State};

use super::bodies::{ChildBody, ChildChange};
use super::child::{self, Child};
use super::details::Change;
use crate::accounts::Member;
use crate::app::App;
use crate::error::Result;
use crate::http::{Fields, Reply, Routes, routes};

/// Everything under `/api/v1/children`.
pub(crate) fn routes() -> Routes<App> {
    routes![list, create, show, change, delete, restore]
}

/// Our children, the oldest first.
#[utoipa::path(
    get, path = "/children", responses((status = 200, body = Vec<Child>))
)]
async fn list(State(app): State<App>, reader: Member) -> Result<Reply<Vec<Child>>> {
    let now = app.clock.now();
    Ok(Reply::ok(app.db.read(move |db| child::all(db, reader.couple, now)).await?))
}

/// Writes a child down.
#[utoipa::path(
    post, path = "/children",
    request_body(content = ChildBody, example = json!({ "status": "FETAL", "fetalName": "밤비", "dueDate": "2027-03-10" })),
    responses((status = 201, body = Child)),
    extensions(("x-codes" = json!(["7400", "7401", "7402", "7403", "7405"])))
)]
async fn create(State(app): State<App>, author: Member, fields: Fields) -> Result<Reply<Child>> {
    let (change, client_id) = (Change::of(&fields)?, fields.client_id()?);
    Ok(Reply::created(child::create(&app, author, change, client_id).await?))
}

/// One child.
#[utoipa::path(
    get, path = "/children/{id}", responses((status = 200, body = Child)),
    extensions(("x-codes" = json!(["7404"])))
)]
async fn show(
    State(app): State<App>,
    reader: Member,
    Path(id): Path<String>,
) -> Result<Reply<Child>> {
    let (id, now) = (child::id_of(&id)?, app.clock.now());
    Ok(Reply::ok(app.db.read(move |db| child::show(db, reader.couple, id, now)).await?))
}

/// Changes what the fields name.
#[utoipa::path(
    patch, path = "/children/{id}",
    request_body(content = ChildChange, example = json!({ "status": "BORN", "name": "하나", "birthDate": "2026-08-14" })),
    responses((status = 200, body = Child)),
    extensions(("x-codes" = json!(["7400", "7401", "7402", "7403", "7404", "7406"])))
)]
async fn change(
    State(app): State<App>,
    author: Member,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Reply<Child>> {
    let id = child::id_of(&id)?;
    Ok(Reply::ok(child::change(&app, author, id, Change::of(&fields)?).await?))
}

/// Takes a child away; it can be brought back for 30 days.
#[utoipa::path(
    delete, path = "/children/{id}", responses((status = 200)),
    extensions(("x-codes" = json!(["7404"])))
)]
async fn delete(
    State(app): State<App>,
    author: Member,
    Path(id): Path<String>,
) -> Result<Reply<()>> {
    child::delete(&app, author, child::id_of(&id)?).await?;
    Ok(Reply::done())
}

/// Undoes a deletion.
#[utoipa::path(
    post, path = "/children/{id}/restore", responses((status = 200, body = Child)),
    extensions(("x-codes" = json!(["7404", "7405"])))
)]
async fn restore(
    State(app): State<App>,
    author: Member,
    Path(id): Path<String>,
) -> Result<Reply<Child>> {
    Ok(Reply::ok(child::restore(&app, author, child::id_of(&id)?).await?))
}
