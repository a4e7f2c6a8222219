//! A schedule: written, changed, taken away and brought back, each told to both at once.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::bodies::Color;
use super::draft::{Change, Draft};
use super::moment::When;
use crate::accounts::{Member, current, tell_couple};
use crate::app::App;
use crate::chat::{
    calendar_changed, move_cards, schedule_changed, schedule_goes, select_shown_schedules,
};
use crate::clock::{DAY_MS, Millis};
use crate::day::Day;
use crate::db::{Tx, refuse_beyond, twins};
use crate::error::{Error, Result};
use crate::ids::{CoupleId, ScheduleId, UserId, number};
use crate::storage::Links;
use crate::zone;

/// How many a couple may have; a pairing may bring more together.
const SCHEDULES_MAX: i64 = 20_000;
/// How many on one day.
const PER_DAY_MAX: i64 = 100;
/// How many a couple may have with the deleted ones, which are copied, too, when two part.
const KEPT_MAX: usize = 40_000;
/// How long a deletion can be undone.
const KEPT_MS: i64 = 30 * DAY_MS;
/// Removed for good in one commit: others want to write, too.
const AT_ONCE: usize = 500;

/// A schedule as who wrote it sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schedule {
    schedule_id: ScheduleId,
    couple_id: CoupleId,
    creator_id: UserId,
    #[schema(examples("병원"))]
    title: String,
    #[schema(required, examples("정기검진"))]
    description: Option<String>,
    /// When it begins; a day, at its first instant in the couple's zone.
    date: Millis,
    #[schema(value_type = Color)]
    color: String,
    is_completed: bool,
    created_at: Millis,
    updated_at: Millis,
    all_day: bool,
    #[serde(skip)]
    deleted_at: Option<Millis>,
}

/// A schedule that is no more, as both hear of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Deleted {
    schedule_id: ScheduleId,
    deleted: bool,
}

/// Parses a schedule's id from a path; a number too large for one is one that never was.
pub(super) fn id_of(text: &str) -> Result<ScheduleId> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match number(text) {
        Some(id) => Ok(ScheduleId::new(id)),
        None if is_number => Err(Error::NoSuchSchedule),
        None => Err(Error::ScheduleNumber),
    }
}

/// Writes a schedule into the couple's calendar; sent again with the same client id it is the first one's answer.
pub(super) async fn create(app: &App, author: Member, draft: Draft) -> Result<Schedule> {
    let created = app.db.write(move |tx| {
        let author = current(tx, author.session)?;
        let zone = zone(tx, author.couple)?;
        if let Some(saved) = saved_before(tx, author, draft.client_id, &zone)? {
            return Ok(saved);
        }
        if count(tx, author.couple)? >= SCHEDULES_MAX || count_kept(tx, author.couple)? >= KEPT_MAX
        {
            return Err(Error::TooManySchedules);
        }
        let schedule = insert(tx, author, &draft, &zone)?;
        refuse_if_day_is_full(tx, &schedule, &zone)?;
        tell_couple(tx, author.couple, "schedule", &schedule)?;
        Ok(schedule)
    });
    created.await
}

/// What this author wrote with the same client id. In another couple it is not what was asked for.
fn saved_before(
    db: &Connection,
    author: Member,
    client_id: Option<Uuid>,
    zone: &TimeZone,
) -> Result<Option<Schedule>> {
    let Some(client_id) = client_id else { return Ok(None) };
    let saved = select_by_client(db, author.user, client_id, zone)?;
    if saved.as_ref().is_some_and(|saved| saved.couple_id != author.couple) {
        return Err(Error::Invalid);
    }
    Ok(saved)
}

/// One of the couple's schedules.
pub(super) fn show(db: &Connection, couple: CoupleId, id: ScheduleId) -> Result<Schedule> {
    let zone = zone(db, couple)?;
    let found = select(db, couple, id, &zone)?.filter(|found| found.deleted_at.is_none());
    found.ok_or(Error::NoSuchSchedule)
}

/// Changes what is named and nothing else.
pub(super) async fn change(
    app: &App,
    author: Member,
    id: ScheduleId,
    change: Change,
) -> Result<Schedule> {
    let links = app.links.clone();
    let changed = app.db.write(move |tx| {
        let couple = current(tx, author.session)?.couple;
        let found = show(tx, couple, id)?;
        if change.is_empty() {
            return Ok(found);
        }
        update(tx, couple, id, &change)?;
        let schedule = show(tx, couple, id)?;
        let zone = zone(tx, couple)?;
        if Day::of(found.date, &zone) != Day::of(schedule.date, &zone) {
            refuse_if_day_is_full(tx, &schedule, &zone)?;
        }
        schedule_changed(tx, &links, id)?;
        tell_couple(tx, couple, "schedule", &schedule)?;
        Ok(schedule)
    });
    changed.await
}

/// Takes a schedule out of the calendar; it can be brought back for 30 days.
pub(super) async fn delete(app: &App, author: Member, id: ScheduleId) -> Result<()> {
    let links = app.links.clone();
    let deleted = app.db.write(move |tx| {
        let couple = current(tx, author.session)?.couple;
        show(tx, couple, id)?;
        update_deleted(tx, couple, id, Some(tx.now))?;
        schedule_changed(tx, &links, id)?;
        tell_couple(tx, couple, "schedule", &Deleted { schedule_id: id, deleted: true })
    });
    deleted.await
}

/// Undoes a deletion; one that was not deleted stays as it is.
pub(super) async fn restore(app: &App, author: Member, id: ScheduleId) -> Result<Schedule> {
    let links = app.links.clone();
    let restored = app.db.write(move |tx| {
        let couple = current(tx, author.session)?.couple;
        let found = select(tx, couple, id, &zone(tx, couple)?)?.ok_or(Error::NoSuchSchedule)?;
        let Some(deleted_at) = found.deleted_at else { return Ok(found) };
        if tx.now.since(deleted_at) >= KEPT_MS {
            return Err(Error::NoSuchSchedule);
        }
        if count(tx, couple)? >= SCHEDULES_MAX {
            return Err(Error::TooManySchedules);
        }
        update_deleted(tx, couple, id, None)?;
        schedule_changed(tx, &links, id)?;
        refuse_if_day_is_full(tx, &found, &zone(tx, couple)?)?;
        tell_couple(tx, couple, "schedule", &found)?;
        Ok(found)
    });
    restored.await
}

/// Where the couple's clocks are set.
pub(super) fn zone(db: &Connection, couple: CoupleId) -> Result<TimeZone> {
    let sql = "select time_zone from couple where id = ?1";
    let name: Option<String> =
        db.prepare_cached(sql)?.query_row([couple], |row| row.get(0)).optional()?;
    Ok(zone::kept(&name.ok_or(Error::NoCouple)?))
}

/// A month has an end: it is answered as one list. Asked once the schedule is in; a refusal takes it out again.
fn refuse_if_day_is_full(tx: &Tx<'_>, schedule: &Schedule, zone: &TimeZone) -> Result<()> {
    let day = Day::of(schedule.date, zone);
    let sql = "
        select (select count(*) from schedule
                where couple_id = ?1 and deleted_at is null and on_date = ?2)
            + (select count(*) from schedule
                where couple_id = ?1 and deleted_at is null and starts_at >= ?3 and starts_at < ?4)";
    let row = (schedule.couple_id, day, day.start(zone), day.plus_days(1).start(zone));
    let count: i64 = tx.prepare_cached(sql)?.query_row(row, |row| row.get(0))?;
    if count > PER_DAY_MAX { Err(Error::TooManySchedules) } else { Ok(()) }
}

fn count(db: &Connection, couple: CoupleId) -> Result<i64> {
    let sql = "select count(*) from schedule where couple_id = ?1 and deleted_at is null";
    Ok(db.prepare_cached(sql)?.query_row([couple], |row| row.get(0))?)
}

fn count_kept(db: &Connection, couple: CoupleId) -> Result<usize> {
    let sql = "select count(*) from schedule where couple_id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([couple], |row| row.get(0))?)
}

fn insert(tx: &Tx<'_>, author: Member, draft: &Draft, zone: &TimeZone) -> Result<Schedule> {
    let sql = "
        insert into schedule
            (couple_id, creator_id, client_id, title, description, starts_at, on_date, color, created_at, updated_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)
        returning id";
    let client_id = draft.client_id.as_ref().map(|id| id.as_bytes().as_slice());
    let (starts_at, on_date) = match draft.moment.settled(zone)? {
        When::At(instant) => (Some(instant), None),
        When::On(day) => (None, Some(day)),
    };
    let row = (
        author.couple,
        author.user,
        client_id,
        &draft.title,
        &draft.description,
        starts_at,
        on_date,
        draft.color,
        tx.now,
    );
    let id = tx.prepare_cached(sql)?.query_row(row, |row| row.get(0))?;
    show(tx, author.couple, id)
}

fn update(tx: &Tx<'_>, couple: CoupleId, id: ScheduleId, change: &Change) -> Result<()> {
    let when = match change.moment {
        Some(moment) => Some(moment.settled(&zone(tx, couple)?)?),
        None => None,
    };
    let (starts_at, on_date) = match when {
        Some(When::At(instant)) => (Some(instant), None),
        Some(When::On(day)) => (None, Some(day)),
        None => (None, None),
    };
    let sql = "
        update schedule set
            title = coalesce(?3, title),
            description = iif(?4, ?5, description),
            starts_at = iif(?6, ?7, starts_at),
            on_date = iif(?6, ?8, on_date),
            color = coalesce(?9, color),
            is_completed = coalesce(?10, is_completed),
            updated_at = ?11
        where couple_id = ?1 and id = ?2";
    tx.prepare_cached(sql)?.execute((
        couple,
        id,
        &change.title,
        change.description.is_some(),
        change.description.as_ref().and_then(Option::as_ref),
        when.is_some(),
        starts_at,
        on_date,
        change.color,
        change.is_completed,
        tx.now,
    ))?;
    Ok(())
}

fn update_deleted(
    tx: &Tx<'_>,
    couple: CoupleId,
    id: ScheduleId,
    deleted_at: Option<Millis>,
) -> Result<()> {
    tx.prepare_cached("update schedule set deleted_at = ?3 where couple_id = ?1 and id = ?2")?
        .execute((couple, id, deleted_at))?;
    Ok(())
}

/// All that one couple has, deleted ones too, is the other's from now on, and read by its clocks. Where the two have parted
/// before, what neither has changed since stands once.
pub(crate) fn move_all(tx: &Tx<'_>, links: &Links, from: CoupleId, to: CoupleId) -> Result<()> {
    let twins = twins::<ScheduleId>(tx, CONTENTS, from, to)?;
    refuse_beyond(KEPT_MAX, count_kept(tx, from)?, count_kept(tx, to)?, twins.len())?;
    let shown: HashSet<_> = select_shown_schedules(tx, from)?.into_iter().collect();
    for twins in twins.iter().filter(|twins| shown.contains(&twins.from)) {
        move_cards(tx, links, twins.from, twins.to, to)?;
        schedule_goes(tx, links, twins.from)?;
    }
    for twins in twins {
        twins.merge(tx, "schedule")?;
    }
    let sql = "update schedule set couple_id = ?2 where couple_id = ?1";
    match tx.prepare_cached(sql)?.execute((from, to))? {
        0 => Ok(()),
        _ => calendar_changed(tx, links, to),
    }
}

/// What a couple has, by all that parting copies.
const CONTENTS: &str = "
    select json_array(creator_id, title, description, starts_at, on_date, color, is_completed, created_at,
        updated_at, deleted_at), id, client_id
    from schedule where couple_id = ?1";

/// What `from` wrote in their couple was `to`'s all along.
pub(crate) fn hand_over(
    tx: &Tx<'_>,
    links: &Links,
    (from, couple): (UserId, CoupleId),
    to: Member,
) -> Result<()> {
    // A client id that both have used says nothing about what either sends again.
    let sql = "
        update schedule set couple_id = ?3, creator_id = ?2,
            client_id = iif(
                client_id in (select client_id from schedule where creator_id = ?2 and client_id is not null), null, client_id)
        where couple_id = ?4 and creator_id = ?1";
    tx.prepare_cached(sql)?.execute((from, to.user, to.couple, couple))?;
    calendar_changed(tx, links, to.couple)
}

/// What `leaver` wrote goes along into the couple that they leave for; each of the two couples gets a copy of what the
/// other has, deleted ones too. A client id stays with what its author sent.
/// Cards in the chat follow the copy of who showed them.
pub(crate) fn divide(
    tx: &Tx<'_>,
    links: &Links,
    from: CoupleId,
    to: CoupleId,
    leaver: UserId,
) -> Result<()> {
    let shown = select_shown_schedules(tx, from)?;
    let last = select_last(tx)?;
    copy_unshown(tx, from, to, leaver)?;
    for original in shown {
        let (copied, couple) = copy(tx, original, from, to, leaver)?;
        move_cards(tx, links, original, copied, couple)?;
    }
    // After all else: the more pages a change has touched, the more each of its statements costs.
    let sql = "
        update schedule set couple_id = ?2 where couple_id = ?1 and creator_id = ?3 and id <= ?4";
    tx.prepare_cached(sql)?.execute((from, to, leaver, last))?;
    Ok(())
}

/// Copies what `?1` has for the other of `?1` and `?2`: what `?3`, who leaves, wrote is going to be `?2`'s.
const COPY: &str = "
    insert into schedule (couple_id, creator_id, title, description, starts_at, on_date, color, is_completed,
        created_at, updated_at, deleted_at)
    select iif(creator_id = ?3, ?1, ?2), creator_id, title, description, starts_at, on_date, color, is_completed,
        created_at, updated_at, deleted_at
    from schedule where couple_id = ?1";

/// All at once: a calendar has thousands.
fn copy_unshown(tx: &Tx<'_>, from: CoupleId, to: CoupleId, leaver: UserId) -> Result<()> {
    let sql = format!(
        "{COPY} and not exists (select 1 from message where message.schedule_id = schedule.id)"
    );
    tx.prepare_cached(&sql)?.execute((from, to, leaver))?;
    Ok(())
}

/// Answers the copy, and whose it is.
fn copy(
    tx: &Tx<'_>,
    original: ScheduleId,
    from: CoupleId,
    to: CoupleId,
    leaver: UserId,
) -> Result<(ScheduleId, CoupleId)> {
    let sql = format!("{COPY} and id = ?4 returning id, couple_id");
    let key = (from, to, leaver, original);
    Ok(tx.prepare_cached(&sql)?.query_row(key, |row| Ok((row.get(0)?, row.get(1)?)))?)
}

fn select_last(db: &Connection) -> Result<Option<ScheduleId>> {
    Ok(db.prepare_cached("select max(id) from schedule")?.query_row([], |row| row.get(0))?)
}

/// Removes some of what a couple has for good; answers how many.
pub(crate) fn delete_some(
    tx: &Tx<'_>,
    links: &Links,
    couple: CoupleId,
    at_once: usize,
) -> Result<usize> {
    let mut query = tx.prepare_cached("select id from schedule where couple_id = ?1 limit ?2")?;
    let some = query.query_map((couple, at_once), |row| row.get(0))?;
    let some: Vec<ScheduleId> = some.collect::<rusqlite::Result<_>>()?;
    for schedule in &some {
        schedule_goes(tx, links, *schedule)?;
        tx.prepare_cached("delete from schedule where id = ?1")?.execute([schedule])?;
    }
    Ok(some.len())
}

/// Removes for good what was deleted 30 days ago, a little in each commit.
pub(crate) async fn delete_expired(app: &App, now: Millis) -> Result<()> {
    let before = now.plus(-KEPT_MS);
    while let removed @ 1.. = app.db.write(move |tx| delete_some_expired(tx, before)).await? {
        tracing::info!(removed, "removed schedules that were deleted 30 days ago");
    }
    Ok(())
}

fn delete_some_expired(tx: &Tx<'_>, before: Millis) -> Result<usize> {
    let sql = "delete from schedule where id in (select id from schedule where deleted_at <= ?1 limit ?2)";
    Ok(tx.prepare_cached(sql)?.execute((before, AT_ONCE))?)
}

const COLUMNS: &str = "
    id, couple_id, creator_id, title, description, color, is_completed, created_at, updated_at, deleted_at,
    starts_at, on_date from schedule";

/// One of the couple's, deleted or not.
fn select(
    db: &Connection,
    couple: CoupleId,
    id: ScheduleId,
    zone: &TimeZone,
) -> Result<Option<Schedule>> {
    let sql = format!("select {COLUMNS} where id = ?2 and couple_id = ?1");
    let mut query = db.prepare_cached(&sql)?;
    Ok(query.query_row((couple, id), |row| from_row(row, zone)).optional()?)
}

fn select_by_client(
    db: &Connection,
    creator: UserId,
    client_id: Uuid,
    zone: &TimeZone,
) -> Result<Option<Schedule>> {
    let sql = format!("select {COLUMNS} where creator_id = ?1 and client_id = ?2");
    let mut query = db.prepare_cached(&sql)?;
    let key = (creator, client_id.as_bytes().as_slice());
    Ok(query.query_row(key, |row| from_row(row, zone)).optional()?)
}

/// Reads `starts_at, on_date`, which begin at this column.
pub(super) fn when_from_row(row: &Row<'_>, at: usize) -> rusqlite::Result<When> {
    match row.get(at)? {
        Some(instant) => Ok(When::At(instant)),
        None => Ok(When::On(row.get(at + 1)?)),
    }
}

fn from_row(row: &Row<'_>, zone: &TimeZone) -> rusqlite::Result<Schedule> {
    let when = when_from_row(row, 10)?;
    Ok(Schedule {
        schedule_id: row.get(0)?,
        couple_id: row.get(1)?,
        creator_id: row.get(2)?,
        title: row.get(3)?,
        description: row.get(4)?,
        date: when.start(zone),
        color: row.get(5)?,
        is_completed: row.get(6)?,
        created_at: row.get(7)?,
        updated_at: row.get(8)?,
        all_day: matches!(when, When::On(_)),
        deleted_at: row.get(9)?,
    })
}
