//! The calendar over REST.

use axum::extract::{Path, State};

use super::bodies::{Days, ScheduleBody, ScheduleChange};
use super::draft::{Change, Draft};
use super::list::{self, DayList, Span};
use super::schedule::{self, Schedule};
use crate::accounts::Member;
use crate::app::App;
use crate::error::Result;
use crate::http::{Fields, Params, Reply, Routes, routes};

/// Everything under `/api/v1/schedules`.
pub(crate) fn routes() -> Routes<App> {
    routes![list, create, show, change, delete, restore]
}

/// The calendar of a month, or of some days.
#[utoipa::path(
    get, path = "/schedules", params(Days), responses((status = 200, body = Vec<DayList>)),
    extensions(("x-codes" = json!(["1401"])))
)]
async fn list(
    State(app): State<App>,
    reader: Member,
    params: Params,
) -> Result<Reply<Vec<DayList>>> {
    let span = Span::of(&params)?;
    Ok(Reply::ok(app.db.read(move |db| list::days(db, reader.couple, span)).await?))
}

/// Writes a schedule into the calendar.
#[utoipa::path(
    post, path = "/schedules", request_body = ScheduleBody, responses((status = 201, body = Schedule)),
    extensions(("x-codes" = json!(["4400", "4401", "4405"])))
)]
async fn create(State(app): State<App>, author: Member, fields: Fields) -> Result<Reply<Schedule>> {
    Ok(Reply::created(schedule::create(&app, author, Draft::of(&fields)?).await?))
}

/// One schedule.
#[utoipa::path(
    get, path = "/schedules/{id}", responses((status = 200, body = Schedule)),
    extensions(("x-codes" = json!(["4403", "4404"])))
)]
async fn show(
    State(app): State<App>,
    reader: Member,
    Path(id): Path<String>,
) -> Result<Reply<Schedule>> {
    let id = schedule::id_of(&id)?;
    Ok(Reply::ok(app.db.read(move |db| schedule::show(db, reader.couple, id)).await?))
}

/// Changes what the fields name.
#[utoipa::path(
    patch, path = "/schedules/{id}", request_body = ScheduleChange, responses((status = 200, body = Schedule)),
    extensions(("x-codes" = json!(["4400", "4401", "4402", "4403", "4404", "4405"])))
)]
async fn change(
    State(app): State<App>,
    author: Member,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Reply<Schedule>> {
    let id = schedule::id_of(&id)?;
    Ok(Reply::ok(schedule::change(&app, author, id, Change::of(&fields)?).await?))
}

/// Takes a schedule out; it can be brought back for 30 days.
#[utoipa::path(
    delete, path = "/schedules/{id}", responses((status = 200)),
    extensions(("x-codes" = json!(["4403", "4404"])))
)]
async fn delete(
    State(app): State<App>,
    author: Member,
    Path(id): Path<String>,
) -> Result<Reply<()>> {
    schedule::delete(&app, author, schedule::id_of(&id)?).await?;
    Ok(Reply::done())
}

/// Undoes a deletion.
#[utoipa::path(
    post, path = "/schedules/{id}/restore", responses((status = 200, body = Schedule)),
    extensions(("x-codes" = json!(["4403", "4404", "4405"])))
)]
async fn restore(
    State(app): State<App>,
    author: Member,
    Path(id): Path<String>,
) -> Result<Reply<Schedule>> {
    Ok(Reply::ok(schedule::restore(&app, author, schedule::id_of(&id)?).await?))
}
