//! What the server remembers about itself, by name.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, ToSql};

use super::Tx;
use crate::error::Result;

/// The value kept under this name.
pub(crate) fn select<T: FromSql>(db: &Connection, name: &str) -> Result<Option<T>> {
    let sql = "select value from setting where name = ?1";
    Ok(db.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
}

/// Keeps a value under this name.
pub(crate) fn put(tx: &Tx<'_>, name: &str, value: impl ToSql) -> Result<()> {
    let sql = "
        insert into setting (name, value) values (?1, ?2)
        on conflict (name) do update set value = excluded.value";
    tx.prepare_cached(sql)?.execute((name, value))?;
    Ok(())
}

/// Forgets a name, if it still has this value.
pub(crate) fn delete(tx: &Tx<'_>, name: &str, value: impl ToSql) -> Result<()> {
    let sql = "delete from setting where name = ?1 and value = ?2";
    tx.prepare_cached(sql)?.execute((name, value))?;
    Ok(())
}

/// Begins a new era, before there is a writer.
pub(super) fn replace_era(connection: &Connection, era: &str) -> rusqlite::Result<()> {
    connection.execute("update setting set value = ?1 where name = 'era'", [era])?;
    Ok(())
}
