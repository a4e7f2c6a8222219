//! A child: written down, changed, taken away and brought back, each told to both at once.

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::age::{Age, Today};
use super::bodies::Gender;
use super::details::{Change, Details, Status, gender_named};
use super::due_date::{self, Revision};
use crate::accounts::{Member, current, tell_couple};
use crate::app::App;
use crate::clock::{DAY_MS, Millis};
use crate::day::Day;
use crate::db::{Tx, refuse_beyond, twins};
use crate::error::{Error, Result};
use crate::ids::{ChildId, CoupleId, UserId, number};

/// How many a couple may write down; a pairing may bring more together.
const CHILDREN_MAX: i64 = 20;
/// How many a couple may have with the deleted ones, which are copied, too, when two part.
const KEPT_MAX: usize = 200;
/// How long a deletion can be undone.
const KEPT_MS: i64 = 30 * DAY_MS;
/// Removed for good in one commit: others want to write, too.
const AT_ONCE: usize = 500;

/// A child as its parents see it today.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Child {
    child_id: ChildId,
    status: Status,
    #[schema(required, examples("밤비"))]
    fetal_name: Option<String>,
    #[schema(required)]
    due_date: Option<Day>,
    due_date_history: Vec<Revision>,
    #[schema(required, examples("하나"))]
    name: Option<String>,
    #[schema(required, value_type = Option<Gender>)]
    gender: Option<&'static str>,
    #[schema(required)]
    birth_date: Option<Day>,
    #[serde(flatten)]
    age: Age,
    created_at: Millis,
    updated_at: Millis,
}

/// A child that was taken away, as both hear of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Deleted {
    child_id: ChildId,
    deleted: bool,
}

/// A child as it is kept.
struct Kept {
    id: ChildId,
    couple: CoupleId,
    details: Details,
    created_at: Millis,
    updated_at: Millis,
    deleted_at: Option<Millis>,
}

impl Kept {
    fn shown(self, db: &Connection, today: Today) -> Result<Child> {
        let age = today.age(&self.details);
        let Details { status, fetal_name, due_date, name, gender, birth_date } = self.details;
        Ok(Child {
            child_id: self.id,
            status,
            fetal_name,
            due_date,
            due_date_history: due_date::all(db, self.id)?,
            name,
            gender,
            birth_date,
            age,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// Parses a child's id from a path; what is no number is no child.
pub(super) fn id_of(text: &str) -> Result<ChildId> {
    number(text).map(ChildId::new).ok_or(Error::NoSuchChild)
}

/// The couple's children, the oldest first.
pub(super) fn all(db: &Connection, couple: CoupleId, now: Millis) -> Result<Vec<Child>> {
    let today = Today::of(db, couple, now)?;
    select_all(db, couple)?.into_iter().map(|kept| kept.shown(db, today)).collect()
}

/// One of the couple's children.
pub(super) fn show(db: &Connection, couple: CoupleId, id: ChildId, now: Millis) -> Result<Child> {
    select_live(db, couple, id)?.shown(db, Today::of(db, couple, now)?)
}

/// Writes a child down; sent again with the same client id it is the first one's answer.
pub(super) async fn create(
    app: &App,
    author: Member,
    change: Change,
    client_id: Option<Uuid>,
) -> Result<Child> {
    let created = app.db.write(move |tx| {
        let author = current(tx, author.session)?;
        let today = Today::of(tx, author.couple, tx.now)?;
        if let Some(saved) = saved_before(tx, author, client_id)? {
            return saved.shown(tx, today);
        }
        let details = Details::new(change, today.day)?;
        if count(tx, author.couple)? >= CHILDREN_MAX || count_kept(tx, author.couple)? >= KEPT_MAX {
            return Err(Error::TooManyChildren);
        }
        let id = insert(tx, author, &details, client_id)?;
        if let Some(due_date) = details.due_date {
            due_date::insert(tx, id, due_date)?;
        }
        tell(tx, author.couple, id)
    });
    created.await
}

/// What this author wrote down with the same client id. In another couple it is not what was asked for.
fn saved_before(db: &Connection, author: Member, client_id: Option<Uuid>) -> Result<Option<Kept>> {
    let Some(client_id) = client_id else { return Ok(None) };
    let saved = select_by_client(db, author.user, client_id)?;
    if saved.as_ref().is_some_and(|saved| saved.couple != author.couple) {
        return Err(Error::Invalid);
    }
    Ok(saved)
}

/// Changes what is named and nothing else; a new due date joins the earlier ones.
pub(super) async fn change(
    app: &App,
    author: Member,
    id: ChildId,
    change: Change,
) -> Result<Child> {
    let changed = app.db.write(move |tx| {
        let couple = current(tx, author.session)?.couple;
        let today = Today::of(tx, couple, tx.now)?;
        let before = select_live(tx, couple, id)?;
        let details = before.details.clone().changed(change, today.day)?;
        if details == before.details {
            return before.shown(tx, today);
        }
        update(tx, couple, id, &details)?;
        if let Some(due_date) = details.due_date
            && before.details.due_date != Some(due_date)
        {
            due_date::insert(tx, id, due_date)?;
        }
        tell(tx, couple, id)
    });
    changed.await
}

/// Takes a child away; it can be brought back for 30 days.
pub(super) async fn delete(app: &App, author: Member, id: ChildId) -> Result<()> {
    let deleted = app.db.write(move |tx| {
        let couple = current(tx, author.session)?.couple;
        select_live(tx, couple, id)?;
        update_deleted(tx, couple, id, Some(tx.now))?;
        tell_couple(tx, couple, "child", &Deleted { child_id: id, deleted: true })
    });
    deleted.await
}

/// Undoes a deletion; one that was not deleted stays as it is.
pub(super) async fn restore(app: &App, author: Member, id: ChildId) -> Result<Child> {
    let restored = app.db.write(move |tx| {
        let couple = current(tx, author.session)?.couple;
        let found = select(tx, couple, id)?.ok_or(Error::NoSuchChild)?;
        let Some(deleted_at) = found.deleted_at else {
            return found.shown(tx, Today::of(tx, couple, tx.now)?);
        };
        if tx.now.since(deleted_at) >= KEPT_MS {
            return Err(Error::NoSuchChild);
        }
        if count(tx, couple)? >= CHILDREN_MAX {
            return Err(Error::TooManyChildren);
        }
        update_deleted(tx, couple, id, None)?;
        tell(tx, couple, id)
    });
    restored.await
}

/// Tells both how the child stands now.
fn tell(tx: &Tx<'_>, couple: CoupleId, id: ChildId) -> Result<Child> {
    let child = show(tx, couple, id, tx.now)?;
    tell_couple(tx, couple, "child", &child)?;
    Ok(child)
}

fn select_live(db: &Connection, couple: CoupleId, id: ChildId) -> Result<Kept> {
    let found = select(db, couple, id)?.filter(|found| found.deleted_at.is_none());
    found.ok_or(Error::NoSuchChild)
}

fn count(db: &Connection, couple: CoupleId) -> Result<i64> {
    let sql = "select count(*) from child where couple_id = ?1 and deleted_at is null";
    Ok(db.prepare_cached(sql)?.query_row([couple], |row| row.get(0))?)
}

fn count_kept(db: &Connection, couple: CoupleId) -> Result<usize> {
    let sql = "select count(*) from child where couple_id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([couple], |row| row.get(0))?)
}

fn insert(
    tx: &Tx<'_>,
    author: Member,
    details: &Details,
    client_id: Option<Uuid>,
) -> Result<ChildId> {
    let sql = "
        insert into child (couple_id, creator_id, client_id, status, fetal_name, due_date, name, gender, birth_date,
            created_at, updated_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)
        returning id";
    let row = (
        author.couple,
        author.user,
        client_id.as_ref().map(|id| id.as_bytes().as_slice()),
        details.status.name(),
        &details.fetal_name,
        details.due_date,
        &details.name,
        details.gender,
        details.birth_date,
        tx.now,
    );
    Ok(tx.prepare_cached(sql)?.query_row(row, |row| row.get(0))?)
}

fn update(tx: &Tx<'_>, couple: CoupleId, id: ChildId, details: &Details) -> Result<()> {
    let sql = "
        update child set status = ?3, fetal_name = ?4, due_date = ?5, name = ?6, gender = ?7, birth_date = ?8,
            updated_at = ?9
        where couple_id = ?1 and id = ?2";
    tx.prepare_cached(sql)?.execute((
        couple,
        id,
        details.status.name(),
        &details.fetal_name,
        details.due_date,
        &details.name,
        details.gender,
        details.birth_date,
        tx.now,
    ))?;
    Ok(())
}

fn update_deleted(
    tx: &Tx<'_>,
    couple: CoupleId,
    id: ChildId,
    deleted_at: Option<Millis>,
) -> Result<()> {
    tx.prepare_cached("update child set deleted_at = ?3 where couple_id = ?1 and id = ?2")?
        .execute((couple, id, deleted_at))?;
    Ok(())
}

/// All children of one couple, deleted ones too, are the other's from now on; none are merged. Where the two have parted
/// before, those of whom neither has changed anything since are one child still, and stand once.
pub(crate) fn move_all(tx: &Tx<'_>, from: CoupleId, to: CoupleId) -> Result<()> {
    let twins = twins::<ChildId>(tx, CONTENTS, from, to)?;
    refuse_beyond(KEPT_MAX, count_kept(tx, from)?, count_kept(tx, to)?, twins.len())?;
    for twins in twins {
        twins.merge(tx, "child")?;
    }
    tx.prepare_cached("update child set couple_id = ?2 where couple_id = ?1")?
        .execute((from, to))?;
    Ok(())
}

/// Whom a couple has, by all that parting copies.
const CONTENTS: &str = "
    select json_array(creator_id, status, fetal_name, due_date, name, gender, birth_date, created_at, updated_at, deleted_at,
        (select json_group_array(json_array(due_date, changed_at))
         from (select due_date, changed_at from child_due_date where child_id = child.id order by child_due_date.id))),
        id, client_id
    from child where couple_id = ?1";

/// Whom `from` wrote down in their couple, `to` did all along.
pub(crate) fn hand_over(tx: &Tx<'_>, (from, couple): (UserId, CoupleId), to: Member) -> Result<()> {
    // A client id that both have used says nothing about what either sends again.
    let sql = "
        update child set couple_id = ?3, creator_id = ?2,
            client_id = iif(
                client_id in (select client_id from child where creator_id = ?2 and client_id is not null), null, client_id)
        where couple_id = ?4 and creator_id = ?1";
    tx.prepare_cached(sql)?.execute((from, to.user, to.couple, couple))?;
    Ok(())
}

/// Whom `leaver` wrote down goes along into the couple that they leave for; then each of the two couples gets a copy of
/// all whom the other has, due dates included, deleted ones too. A client id stays with what its author sent.
pub(crate) fn divide(tx: &Tx<'_>, from: CoupleId, to: CoupleId, leaver: UserId) -> Result<()> {
    tx.prepare_cached("update child set couple_id = ?2 where couple_id = ?1 and creator_id = ?3")?
        .execute((from, to, leaver))?;
    let mut query = tx.prepare_cached("select id from child where couple_id in (?1, ?2)")?;
    let children = query.query_map((from, to), |row| row.get(0))?;
    let sql = "
        insert into child (couple_id, creator_id, status, fetal_name, due_date, name, gender, birth_date, created_at,
            updated_at, deleted_at)
        select iif(couple_id = ?2, ?3, ?2), creator_id, status, fetal_name, due_date, name, gender, birth_date,
            created_at, updated_at, deleted_at
        from child where id = ?1 returning id";
    let mut children = children.collect::<rusqlite::Result<Vec<ChildId>>>()?;
    children.sort_by_key(|child| child.get());
    for child in children {
        let copy = tx.prepare_cached(sql)?.query_row((child, from, to), |row| row.get(0))?;
        due_date::copy_all(tx, child, copy)?;
    }
    Ok(())
}

/// Removes some of a couple's children for good, due dates included; answers how many.
pub(crate) fn delete_some(tx: &Tx<'_>, couple: CoupleId, at_once: usize) -> Result<usize> {
    let sql = "delete from child where id in (select id from child where couple_id = ?1 limit ?2)";
    Ok(tx.prepare_cached(sql)?.execute((couple, at_once))?)
}

/// Removes for good what was deleted 30 days ago, due dates included, a little in each commit.
pub(crate) async fn delete_expired(app: &App, now: Millis) -> Result<()> {
    let before = now.plus(-KEPT_MS);
    while let removed @ 1.. = app.db.write(move |tx| delete_some_expired(tx, before)).await? {
        tracing::info!(removed, "removed children that were deleted 30 days ago");
    }
    Ok(())
}

fn delete_some_expired(tx: &Tx<'_>, before: Millis) -> Result<usize> {
    let sql =
        "delete from child where id in (select id from child where deleted_at <= ?1 limit ?2)";
    Ok(tx.prepare_cached(sql)?.execute((before, AT_ONCE))?)
}

const COLUMNS: &str = "
    id, couple_id, status, fetal_name, due_date, name, gender, birth_date, created_at, updated_at, deleted_at
    from child";

/// One of the couple's, deleted or not.
fn select(db: &Connection, couple: CoupleId, id: ChildId) -> Result<Option<Kept>> {
    let sql = format!("select {COLUMNS} where id = ?2 and couple_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row((couple, id), from_row).optional()?)
}

fn select_by_client(db: &Connection, creator: UserId, client_id: Uuid) -> Result<Option<Kept>> {
    let sql = format!("select {COLUMNS} where creator_id = ?1 and client_id = ?2");
    let key = (creator, client_id.as_bytes().as_slice());
    Ok(db.prepare_cached(&sql)?.query_row(key, from_row).optional()?)
}

fn select_all(db: &Connection, couple: CoupleId) -> Result<Vec<Kept>> {
    let sql = format!(
        "select {COLUMNS} where couple_id = ?1 and deleted_at is null order by coalesce(birth_date, due_date), id"
    );
    let mut query = db.prepare_cached(&sql)?;
    let children = query.query_map([couple], from_row)?;
    Ok(children.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let (status, gender): (String, Option<String>) = (row.get(2)?, row.get(6)?);
    Ok(Kept {
        id: row.get(0)?,
        couple: row.get(1)?,
        details: Details {
            // The table holds no other.
            status: Status::named(&status).unwrap_or(Status::Fetal),
            fetal_name: row.get(3)?,
            due_date: row.get(4)?,
            name: row.get(5)?,
            gender: gender.as_deref().and_then(gender_named),
            birth_date: row.get(7)?,
        },
        created_at: row.get(8)?,
        updated_at: row.get(9)?,
        deleted_at: row.get(10)?,
    })
}
