//! Rows of two couples that say the same: what parting copied and neither has changed since.

use std::collections::HashMap;

use ring::digest::{SHA256, digest};
use rusqlite::types::FromSql;
use rusqlite::{Connection, Row, ToSql};

use super::Tx;
use crate::error::{Error, Result};
use crate::ids::CoupleId;

/// Two that are the same.
pub(crate) struct Twins<Id> {
    pub(crate) from: Id,
    /// What the first one was sent with.
    pub(crate) client_id: Option<Vec<u8>>,
    pub(crate) to: Id,
}

impl<Id: ToSql> Twins<Id> {
    /// One stays in `table`, with the client id of both.
    pub(crate) fn merge(self, tx: &Tx<'_>, table: &'static str) -> Result<()> {
        tx.prepare_cached(&format!("delete from {table} where id = ?1"))?.execute([self.from])?;
        if let Some(client_id) = self.client_id {
            let sql =
                format!("update {table} set client_id = coalesce(client_id, ?2) where id = ?1");
            tx.prepare_cached(&sql)?.execute((self.to, client_id))?;
        }
        Ok(())
    }
}

/// Rows by the digests of what they say: their ids and client ids.
type Lonely<Id> = HashMap<Vec<u8>, Vec<(Id, Option<Vec<u8>>)>>;

/// Finds for each row of `from` one of `to` that says the same; no row has two. `sql` asks for a couple's contents, as
/// text, with their ids and client ids. A calendar is long: only its digests are kept.
pub(crate) fn twins<Id: FromSql>(
    db: &Connection,
    sql: &str,
    from: CoupleId,
    to: CoupleId,
) -> Result<Vec<Twins<Id>>> {
    let mut query = db.prepare_cached(sql)?;
    let mut lonely = Lonely::<Id>::new();
    let mut rows = query.query([from])?;
    while let Some(row) = rows.next()? {
        lonely.entry(digest_of(row)?).or_default().push((row.get(1)?, row.get(2)?));
    }
    drop(rows);
    let mut found = Vec::new();
    let mut rows = query.query([to])?;
    while !lonely.is_empty()
        && let Some(row) = rows.next()?
    {
        if let Some((from, client_id)) = lonely.get_mut(&digest_of(row)?).and_then(Vec::pop) {
            found.push(Twins { from, client_id, to: row.get(1)? });
        }
    }
    Ok(found)
}

/// Two come together with up to `max` rows, or with as many as one of them had: what joins is copied whenever they part,
/// and everybody else waits.
pub(crate) fn refuse_beyond(max: usize, from: usize, to: usize, twins: usize) -> Result<()> {
    if from + to - twins > max.max(from).max(to) { Err(Error::TooMuchTogether) } else { Ok(()) }
}

fn digest_of(row: &Row<'_>) -> rusqlite::Result<Vec<u8>> {
    Ok(digest(&SHA256, row.get_ref(0)?.as_bytes()?).as_ref().to_vec())
}
