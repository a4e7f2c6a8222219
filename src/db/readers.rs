//! A small pool of connections that cannot write.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use r2d2::Pool;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};

const READERS_MAX: u32 = 4;

#[derive(Clone)]
pub(super) struct Readers(Arc<Pool<SqliteConnectionManager>>);

impl Readers {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let manager =
            SqliteConnectionManager::file(path).with_flags(flags).with_init(|connection| {
                super::configure(connection)?;
                connection.pragma_update(None, "query_only", true)
            });
        let pool = Pool::builder()
            .max_size(READERS_MAX)
            .min_idle(Some(1))
            .idle_timeout(None)
            .max_lifetime(None)
            .test_on_check_out(false)
            .build(manager)
            .context("cannot open the database for reading")?;
        Ok(Self(Arc::new(pool)))
    }

    pub(super) async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        let pool = self.0.clone();
        let work = move || {
            let connection =
                pool.get().map_err(|error| Error::Internal(anyhow!("no reader: {error}")))?;
            let snapshot = connection.unchecked_transaction()?;
            query(&snapshot)
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Error::Internal(anyhow!("a read ended early: {error}")))?
    }
}
