//! The due dates of a child, each with when it was said; the last one counts.

use rusqlite::{Connection, Row};
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::day::Day;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::ChildId;

/// Far more often than any doctor revises one.
const REVISIONS_MAX: i64 = 100;

/// A due date as it was said.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Revision {
    due_date: Day,
    changed_at: Millis,
}

/// Notes a new due date behind the others.
pub(super) fn insert(tx: &Tx<'_>, child: ChildId, due_date: Day) -> Result<()> {
    let known: i64 = tx
        .prepare_cached("select count(*) from child_due_date where child_id = ?1")?
        .query_row([child], |row| row.get(0))?;
    if known >= REVISIONS_MAX {
        return Err(Error::TooManyDueDates);
    }
    let sql = "insert into child_due_date (child_id, due_date, changed_at) values (?1, ?2, ?3)";
    tx.prepare_cached(sql)?.execute((child, due_date, tx.now))?;
    Ok(())
}

/// One child has the other's history, too.
pub(super) fn copy_all(tx: &Tx<'_>, from: ChildId, to: ChildId) -> Result<()> {
    let sql = "
        insert into child_due_date (child_id, due_date, changed_at)
        select ?2, due_date, changed_at from child_due_date where child_id = ?1 order by id";
    tx.prepare_cached(sql)?.execute((from, to))?;
    Ok(())
}

/// All due dates of a child, the first one first.
pub(super) fn all(db: &Connection, child: ChildId) -> Result<Vec<Revision>> {
    let sql = "select due_date, changed_at from child_due_date where child_id = ?1 order by id";
    let mut query = db.prepare_cached(sql)?;
    let revisions = query.query_map([child], from_row)?;
    Ok(revisions.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Revision> {
    Ok(Revision { due_date: row.get(0)?, changed_at: row.get(1)? })
}
