//! A couple of one or two: its time zone, how it counts days, who is in it.

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use utoipa::ToSchema;

use super::bodies::DayCount;
use crate::accounts::user::Role;
use crate::clock::Millis;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::http::Fields;
use crate::ids::{CoupleId, MediaId, RoomId, UserId};
use crate::storage::{Links, Variant};
use crate::zone;

/// A couple as its members see it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Couple {
    couple_id: CoupleId,
    members: Vec<Partner>,
    #[schema(examples("Asia/Seoul"))]
    time_zone: String,
    #[schema(value_type = DayCount)]
    day_count: String,
    /// When they were paired; alone, when the couple of one began.
    since: Millis,
    /// One of them wants to part and waits for the other.
    #[schema(required)]
    parting: Option<Parting>,
}

/// Who proposed parting, and when.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub(super) struct Parting {
    pub(super) by: UserId,
    pub(super) at: Millis,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Partner {
    user_id: UserId,
    #[schema(examples("안나"))]
    nickname: String,
    #[schema(value_type = Role)]
    role: String,
    avatar_url: Option<String>,
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
    let zone = zone::by_name(name).ok_or(Error::Invalid)?;
    Ok(Some(zone.iana_name().ok_or(Error::Invalid)?.to_owned()))
}

/// For who did not say where they live.
pub(crate) fn default_time_zone() -> String {
    zone::of_the_server().iana_name().unwrap_or("UTC").to_owned()
}

/// Makes a couple of one, for somebody about to be.
pub(crate) fn insert(tx: &Tx<'_>, time_zone: &str, locale: &str) -> Result<CoupleId> {
    let day_count = if locale == "ko" { "birthday-is-one" } else { "elapsed" };
    let sql =
        "insert into couple (time_zone, day_count, created_at) values (?1, ?2, ?3) returning id";
    Ok(tx.prepare_cached(sql)?.query_row((time_zone, day_count, tx.now), |row| row.get(0))?)
}

/// Makes a couple for somebody who parts: it counts days and sets its clocks as the one they come from.
pub(super) fn insert_like(tx: &Tx<'_>, couple: CoupleId) -> Result<CoupleId> {
    let sql = "
        insert into couple (time_zone, day_count, created_at)
        select time_zone, day_count, ?2 from couple where id = ?1 returning id";
    Ok(tx.prepare_cached(sql)?.query_row((couple, tx.now), |row| row.get(0))?)
}

/// Gives a couple its room.
pub(super) fn update_paired(tx: &Tx<'_>, couple: CoupleId, room: RoomId) -> Result<()> {
    tx.prepare_cached("update couple set room_id = ?2, paired_at = ?3 where id = ?1")?
        .execute((couple, room, tx.now))?;
    Ok(())
}

/// The couple is of one again and has no common room, and nobody to part from.
pub(super) fn update_alone(tx: &Tx<'_>, couple: CoupleId) -> Result<Option<RoomId>> {
    let room = tx
        .prepare_cached("select room_id from couple where id = ?1")?
        .query_row([couple], |row| row.get(0))?;
    let sql = "
        update couple set room_id = null, paired_at = null, parting_by = null, parting_at = null where id = ?1";
    tx.prepare_cached(sql)?.execute([couple])?;
    Ok(room)
}

/// Notes who wants to part, or that nobody does.
pub(super) fn update_parting(tx: &Tx<'_>, couple: CoupleId, by: Option<UserId>) -> Result<()> {
    let sql = "update couple set parting_by = ?2, parting_at = ?3 where id = ?1";
    tx.prepare_cached(sql)?.execute((couple, by, by.map(|_| tx.now)))?;
    Ok(())
}

/// Who wants to part, if anybody does.
pub(super) fn select_parting(db: &Connection, couple: CoupleId) -> Result<Option<Parting>> {
    let sql = "
        select parting_by, parting_at from couple where id = ?1 and parting_by is not null";
    let read = |row: &Row<'_>| Ok(Parting { by: row.get(0)?, at: row.get(1)? });
    Ok(db.prepare_cached(sql)?.query_row([couple], read).optional()?)
}

/// Removes the shell of a couple that nobody is in any more; what it had has moved.
pub(super) fn delete_empty(tx: &Tx<'_>, couple: CoupleId) -> Result<()> {
    let sql =
        "delete from couple where id = ?1 and not exists (select 1 from user where couple_id = ?1)";
    tx.prepare_cached(sql)?.execute([couple])?;
    Ok(())
}

/// A couple that nobody is in any more goes to the trash.
pub(super) fn trash_empty(tx: &Tx<'_>, couple: CoupleId) -> Result<()> {
    let sql = "
        update couple set trashed_at = ?2
        where id = ?1 and not exists (select 1 from user where couple_id = ?1)";
    tx.prepare_cached(sql)?.execute((couple, tx.now))?;
    Ok(())
}

/// What has been in the trash since `before`.
pub(super) fn select_trashed(db: &Connection, before: Millis) -> Result<Vec<CoupleId>> {
    let mut query = db.prepare_cached("select id from couple where trashed_at <= ?1")?;
    let couples = query.query_map([before], |row| row.get(0))?;
    Ok(couples.collect::<rusqlite::Result<_>>()?)
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
pub(crate) fn show(db: &Connection, links: &Links, couple: CoupleId) -> Result<Couple> {
    let sql = "select id, nickname, role, avatar_id from user where couple_id = ?1 and withdrawn_at is null order by id";
    let mut query = db.prepare_cached(sql)?;
    let members = query.query_map([couple], |row| {
        let avatar: Option<MediaId> = row.get(3)?;
        let avatar_url = avatar.map(|id| links.path(id, Variant::Thumb));
        Ok(Partner { user_id: row.get(0)?, nickname: row.get(1)?, role: row.get(2)?, avatar_url })
    })?;
    let members = members.collect::<rusqlite::Result<_>>()?;
    let sql =
        "select time_zone, day_count, coalesce(paired_at, created_at) from couple where id = ?1";
    let found = db
        .prepare_cached(sql)?
        .query_row([couple], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (kept, day_count, since): (String, _, _) = found.ok_or(Error::NoCouple)?;
    // The zone by which its days are really told.
    let time_zone = zone::kept(&kept).iana_name().map_or(kept, str::to_owned);
    let parting = select_parting(db, couple)?;
    Ok(Couple { couple_id: couple, members, time_zone, day_count, since, parting })
}
