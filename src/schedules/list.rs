//! The schedules of some days, as the couple's calendar shows them.

use jiff::tz::TimeZone;
use rusqlite::{Connection, Row};
use serde::Serialize;
use utoipa::ToSchema;

use super::bodies::Color;
use super::moment::When;
use super::schedule;
use crate::accounts::user::Role;
use crate::clock::Millis;
use crate::day::{Day, time_of_day};
use crate::error::{Error, Result};
use crate::http::Params;
use crate::ids::{CoupleId, ScheduleId, UserId};

/// A quarter of a year: an answer has an end.
const DAYS_MAX: i32 = 92;

/// The days asked for, the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    from: Day,
    to: Day,
}

impl Span {
    /// `yearMonth=YYYY-MM`, or `from=YYYY-MM-DD&to=YYYY-MM-DD`.
    pub(super) fn of(params: &Params) -> Result<Self> {
        if let Some(month) = params.text("yearMonth") {
            let first = Day::parse_month(month).ok_or(Error::Invalid)?;
            return Ok(Self { from: first, to: first.last_of_month() });
        }
        let day = |name| params.text(name).and_then(Day::parse).ok_or(Error::Invalid);
        let (from, to) = (day("from")?, day("to")?);
        let is_fit = (0..DAYS_MAX).contains(&to.days_since(from));
        if is_fit { Ok(Self { from, to }) } else { Err(Error::Invalid) }
    }
}

/// A day on which there is something.
#[derive(Serialize, ToSchema)]
pub(super) struct DayList {
    date: Day,
    schedules: Vec<Entry>,
}

/// A schedule as the calendar shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Entry {
    schedule_id: ScheduleId,
    #[schema(examples("병원"))]
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, examples("정기검진"))]
    description: Option<String>,
    date: Day,
    #[schema(examples("10:30"))]
    time: String,
    #[schema(value_type = Color)]
    color: String,
    is_completed: bool,
    creator_id: UserId,
    #[schema(value_type = Role)]
    creator_role: String,
    all_day: bool,
    #[serde(skip)]
    starts_at: Millis,
}

/// What is on these days of the couple's zone: by day, in a day what lasts all day first and then by time.
pub(super) fn days(db: &Connection, couple: CoupleId, span: Span) -> Result<Vec<DayList>> {
    let zone = schedule::zone(db, couple)?;
    let mut entries = select_on_days(db, couple, span, &zone)?;
    entries.append(&mut select_at_times(db, couple, span, &zone)?);
    entries.sort_by_key(|entry| {
        (entry.date, !entry.all_day, entry.starts_at, entry.schedule_id.get())
    });
    let mut days: Vec<DayList> = Vec::new();
    for entry in entries {
        match days.last_mut().filter(|day| day.date == entry.date) {
            Some(day) => day.schedules.push(entry),
            None => days.push(DayList { date: entry.date, schedules: vec![entry] }),
        }
    }
    Ok(days)
}

const COLUMNS: &str = "
    schedule.id, title, description, color, is_completed, creator_id, user.role, starts_at, on_date
    from schedule join user on user.id = schedule.creator_id
    where schedule.couple_id = ?1 and deleted_at is null";
const ON_DAYS: &str = "on_date between ?2 and ?3";
const AT_TIMES: &str = "starts_at >= ?2 and starts_at < ?3";

fn select_on_days(
    db: &Connection,
    couple: CoupleId,
    span: Span,
    zone: &TimeZone,
) -> Result<Vec<Entry>> {
    let mut query = db.prepare_cached(&format!("select {COLUMNS} and {ON_DAYS}"))?;
    let entries = query.query_map((couple, span.from, span.to), |row| from_row(row, zone))?;
    Ok(entries.collect::<rusqlite::Result<_>>()?)
}

fn select_at_times(
    db: &Connection,
    couple: CoupleId,
    span: Span,
    zone: &TimeZone,
) -> Result<Vec<Entry>> {
    let mut query = db.prepare_cached(&format!("select {COLUMNS} and {AT_TIMES}"))?;
    let (from, end) = (span.from.start(zone), span.to.plus_days(1).start(zone));
    let entries = query.query_map((couple, from, end), |row| from_row(row, zone))?;
    Ok(entries.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>, zone: &TimeZone) -> rusqlite::Result<Entry> {
    let when = schedule::when_from_row(row, 7)?;
    let (date, time) = match when {
        When::At(instant) => (Day::of(instant, zone), time_of_day(instant, zone)),
        When::On(day) => (day, "00:00".to_owned()),
    };
    Ok(Entry {
        schedule_id: row.get(0)?,
        title: row.get(1)?,
        description: row.get(2)?,
        date,
        time,
        color: row.get(3)?,
        is_completed: row.get(4)?,
        creator_id: row.get(5)?,
        creator_role: row.get(6)?,
        all_day: matches!(when, When::On(_)),
        starts_at: when.start(zone),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_two_index_ranges() {
        let db = crate::db::scratch();
        for (range, index) in [(ON_DAYS, "schedule_by_day"), (AT_TIMES, "schedule_by_time")] {
            let mut query = db
                .prepare(&format!("explain query plan select {COLUMNS} and {range}"))
                .expect("a query");
            let steps: Vec<String> = query
                .query_map([1, 2, 3], |row| row.get("detail"))
                .expect("a plan")
                .collect::<rusqlite::Result<_>>()
                .expect("its steps");
            let column = range.split(' ').next().expect("a column");
            assert_eq!(
                steps,
                [
                    format!(
                        "SEARCH schedule USING INDEX {index} (couple_id=? AND {column}>? AND {column}<?)"
                    ),
                    "SEARCH user USING INTEGER PRIMARY KEY (rowid=?)".to_owned(),
                ]
            );
        }
    }
}
