//! A schedule shown in a room: a card that carries what everybody there may see of it, and follows it while whoever
//! showed it is there.
//!
//! The card is kept with the message, so it is there when the schedule no longer is. Who may not see the calendar sees
//! the card and nothing else.

use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::acts::{self, Target};
use super::member;
use super::message::{self, Message};
use super::room;
use crate::clock::Millis;
use crate::day::{Day, time_of_day};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CoupleId, ScheduleId, UserId};
use crate::storage::Links;
use crate::zone;

/// What the card carries; day and time are by the couple's clocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Card {
    schedule_id: ScheduleId,
    #[schema(examples("병원"))]
    pub(super) title: String,
    #[schema(examples("2026-11-25"))]
    date: String,
    /// `00:00` where it lasts all day.
    #[schema(examples("10:30"))]
    time: String,
    all_day: bool,
    #[schema(examples("YELLOW"))]
    color: String,
    is_completed: bool,
    /// No longer in the calendar.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    deleted: bool,
}

impl Card {
    /// In one line, for who cannot show a card.
    pub(super) fn line(&self) -> String {
        let time = if self.all_day { String::new() } else { format!(" {}", self.time) };
        format!("📅 {} · {}{time}", self.title, self.date)
    }
}

/// The card of one of the sender's couple's schedules; any other does not exist.
pub(super) fn of_sender(db: &Connection, sender: UserId, schedule: ScheduleId) -> Result<Card> {
    let sql = format!(
        "{SELECT} and schedule.deleted_at is null and schedule.couple_id = (select couple_id from user where id = ?2)"
    );
    let card = db.prepare_cached(&sql)?.query_row((schedule, sender), from_row).optional()?;
    card.ok_or(Error::NoSuchSchedule)
}

/// What `couple`'s people showed of a schedule follows their own copy of it from now on.
pub(crate) fn move_cards(
    tx: &Tx<'_>,
    links: &Links,
    from: ScheduleId,
    to: ScheduleId,
    couple: CoupleId,
) -> Result<()> {
    match message::update_schedule(tx, from, to, couple)? {
        0 => Ok(()),
        _ => schedule_changed(tx, links, to),
    }
}

/// A calendar is read by other clocks, or has come together with another one: its cards show it as it now is.
pub(crate) fn calendar_changed(tx: &Tx<'_>, links: &Links, couple: CoupleId) -> Result<()> {
    for schedule in message::select_shown_schedules(tx, couple)? {
        schedule_changed(tx, links, schedule)?;
    }
    Ok(())
}

/// A schedule is about to be removed for good: its cards outlive it and say so.
pub(crate) fn schedule_goes(tx: &Tx<'_>, links: &Links, schedule: ScheduleId) -> Result<()> {
    for shown in message::select_by_schedule(tx, schedule)? {
        let card = shown.card().filter(|card| !card.deleted).cloned();
        if let Some(card) = card
            && !room::rules(tx, shown.room_id)?.is_archived
        {
            let target = Target { room: shown.room_id, id: shown.id };
            redraw(tx, links, target, &Card { deleted: true, ..card })?;
        }
    }
    Ok(())
}

/// A schedule changed: the cards that follow it show it, and whoever is in their rooms hears of it.
pub(crate) fn schedule_changed(tx: &Tx<'_>, links: &Links, schedule: ScheduleId) -> Result<()> {
    let cards = message::select_by_schedule(tx, schedule)?;
    if cards.is_empty() {
        return Ok(());
    }
    let card = tx.prepare_cached(SELECT)?.query_row([schedule], from_row)?;
    for shown in cards.into_iter().filter(|shown| shown.card() != Some(&card)) {
        if is_followed(tx, &shown)? {
            redraw(tx, links, Target { room: shown.room_id, id: shown.id }, &card)?;
        }
    }
    Ok(())
}

/// A card follows its schedule while whoever showed it sees it there: what their calendar says after they have gone, or
/// before they came back, they have told nobody.
fn is_followed(tx: &Tx<'_>, shown: &Message) -> Result<bool> {
    let sender = member::one(tx, shown.room_id, shown.sender_id)?;
    let is_seen = sender.is_some_and(|sender| sender.joined_id < shown.id);
    Ok(is_seen && !room::rules(tx, shown.room_id)?.is_archived)
}

fn redraw(tx: &Tx<'_>, links: &Links, target: Target, card: &Card) -> Result<()> {
    let rev = room::next_rev(tx, target.room)?;
    message::update_card(tx, target.room, target.id, &packed(card)?, rev)?;
    acts::announce_edit(tx, links, target)
}

/// As it is kept.
pub(super) fn packed(card: &Card) -> Result<String> {
    serde_json::to_string(card).map_err(|error| Error::Internal(error.into()))
}

const SELECT: &str = "
    select schedule.id, title, color, is_completed, schedule.deleted_at is not null, starts_at, on_date, time_zone
    from schedule join couple on couple.id = schedule.couple_id where schedule.id = ?1";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Card> {
    let (starts_at, on_date, zone): (Option<Millis>, Option<String>, String) =
        (row.get(5)?, row.get(6)?, row.get(7)?);
    let zone = zone::kept(&zone);
    let (date, time) = match starts_at {
        Some(instant) => (Day::of(instant, &zone).to_string(), time_of_day(instant, &zone)),
        None => (on_date.unwrap_or_default(), "00:00".to_owned()),
    };
    Ok(Card {
        schedule_id: row.get(0)?,
        title: row.get(1)?,
        color: row.get(2)?,
        is_completed: row.get(3)?,
        deleted: row.get(4)?,
        all_day: starts_at.is_none(),
        date,
        time,
    })
}
