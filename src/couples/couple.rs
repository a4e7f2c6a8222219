//! A couple of one or two: its time zone, how it counts days, who is in it.

use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use crate::clock::Millis;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::http::Fields;
use crate::ids::{CoupleId, RoomId, UserId};

/// Where most of our couples live.
const DEFAULT_ZONE: &str = "Asia/Seoul";

/// A couple as its members see it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Couple {
    couple_id: CoupleId,
    members: Vec<Partner>,
    time_zone: String,
    day_count: String,
    /// When they were paired; alone, when the account was made.
    since: Millis,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Partner {
    user_id: UserId,
    nickname: String,
    role: String,
}

/// What a couple may change about itself.
pub(super) struct Change {
    time_zone: Option<String>,
    day_count: Option<&'static str>,
}

impl Change {
    pub(super) fn of(fields: &Fields) -> Result<Self> {
        let day_count = match fields.text("dayCount")? {
            None => None,
            Some("birthday-is-one") => Some("birthday-is-one"),
            Some("elapsed") => Some("elapsed"),
            Some(_) => return Err(Error::Invalid),
        };
        Ok(Self { time_zone: time_zone(fields)?, day_count })
    }
}

/// An IANA zone by name, if it is there.
pub(crate) fn time_zone(fields: &Fields) -> Result<Option<String>> {
    let Some(name) = fields.text("timeZone")? else { return Ok(None) };
    let zone = TimeZone::get(name).map_err(|_| Error::Invalid)?;
    Ok(Some(zone.iana_name().ok_or(Error::Invalid)?.to_owned()))
}

/// The server's zone; where that is UTC, as in containers, Seoul's.
pub(crate) fn default_time_zone() -> String {
    let zone = TimeZone::try_system().ok().and_then(|zone| zone.iana_name().map(str::to_owned));
    zone.filter(|name| !matches!(name.as_str(), "UTC" | "Etc/UTC" | "Etc/Unknown" | "GMT"))
        .unwrap_or_else(|| DEFAULT_ZONE.to_owned())
}

/// Makes a couple of one, for somebody about to be.
pub(crate) fn insert(tx: &Tx<'_>, time_zone: &str, locale: &str) -> Result<CoupleId> {
    let day_count = if locale == "ko" { "birthday-is-one" } else { "elapsed" };
    let sql =
        "insert into couple (time_zone, day_count, created_at) values (?1, ?2, ?3) returning id";
    Ok(tx.prepare_cached(sql)?.query_row((time_zone, day_count, tx.now), |row| row.get(0))?)
}

/// Gives a couple its room.
pub(super) fn update_paired(tx: &Tx<'_>, couple: CoupleId, room: RoomId) -> Result<()> {
    tx.prepare_cached("update couple set room_id = ?2, paired_at = ?3 where id = ?1")?
        .execute((couple, room, tx.now))?;
    Ok(())
}

/// The couple is of one again and has no common room.
pub(crate) fn update_alone(tx: &Tx<'_>, couple: CoupleId) -> Result<Option<RoomId>> {
    let room = tx
        .prepare_cached("select room_id from couple where id = ?1")?
        .query_row([couple], |row| row.get(0))?;
    tx.prepare_cached("update couple set room_id = null, paired_at = null where id = ?1")?
        .execute([couple])?;
    Ok(room)
}

/// Removes the shell of a couple that nobody is in any more; what it had has moved.
pub(super) fn delete_empty(tx: &Tx<'_>, couple: CoupleId) -> Result<()> {
    let sql =
        "delete from couple where id = ?1 and not exists (select 1 from user where couple_id = ?1)";
    tx.prepare_cached(sql)?.execute([couple])?;
    Ok(())
}

pub(super) fn update(tx: &Tx<'_>, couple: CoupleId, change: &Change) -> Result<()> {
    let sql = "update couple set time_zone = coalesce(?2, time_zone), day_count = coalesce(?3, day_count) where id = ?1";
    tx.prepare_cached(sql)?.execute((couple, &change.time_zone, change.day_count))?;
    Ok(())
}

/// Who is in a couple, the longest first.
pub(crate) fn members(db: &Connection, couple: CoupleId) -> Result<Vec<UserId>> {
    let mut query = db.prepare_cached(
        "select id from user where couple_id = ?1 and withdrawn_at is null order by id",
    )?;
    let ids = query.query_map([couple], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// The couple as its members see it.
pub(crate) fn show(db: &Connection, couple: CoupleId) -> Result<Couple> {
    let mut query = db.prepare_cached("select id, nickname, role from user where couple_id = ?1 and withdrawn_at is null order by id")?;
    let members = query.query_map([couple], |row| {
        Ok(Partner { user_id: row.get(0)?, nickname: row.get(1)?, role: row.get(2)? })
    })?;
    let members = members.collect::<rusqlite::Result<_>>()?;
    let sql =
        "select time_zone, day_count, coalesce(paired_at, created_at) from couple where id = ?1";
    let found = db
        .prepare_cached(sql)?
        .query_row([couple], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (time_zone, day_count, since) = found.ok_or(Error::NoCouple)?;
    Ok(Couple { couple_id: couple, members, time_zone, day_count, since })
}
