//! The database: one writer that commits in groups, a few readers that cannot write.
//!
//! Acknowledged means on disk: `synchronous = full`, and a change is answered after its commit. What a change announces
//! is told after the commit, in commit order. Nothing outside this folder opens a connection.

mod change;
mod checkpoint;
mod folder;
mod migrate;
#[cfg(test)]
pub(crate) mod plans;
mod pulse;
mod readers;
pub(crate) mod setting;
mod twins;
mod writer;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rusqlite::Connection;
use rusqlite::limits::Limit;

pub(crate) use change::Tx;
pub(crate) use folder::Folder;
pub(crate) use twins::{refuse_beyond, twins};

use crate::clock::Clock;
use crate::live::Live;
use writer::Writer;

/// A page cache per connection this small keeps memory flat; the system's cache does the rest.
const CACHE_KIB: i64 = 1024;
const STATEMENTS_CACHED: usize = 128;
const BUSY_MS: u64 = 5_000;
/// The largest text or blob a row may hold: far above any message, far below trouble.
const VALUE_MAX_BYTES: i32 = 16 << 20;

/// The handle every feature uses. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Db {
    /// Queue of the thread that owns the only write connection.
    writer: Arc<Writer>,
    /// Read-only connections.
    readers: readers::Readers,
    /// Whether the disk takes writes, as found a moment ago.
    pulse: Arc<pulse::Pulse>,
}

impl Db {
    /// Opens the folder's database, brings its schema up to date and starts the writer.
    pub(crate) fn open(folder: &Folder, live: Live, clock: Clock) -> Result<Self> {
        let path = folder.database();
        migrate::prepare(folder, &clock)?;
        checkpoint::presize(&folder.log());
        let checkpoints = checkpoint::start(&path)?;
        let writer = Writer::start(connect(&path)?, checkpoints, live, clock)?;
        Ok(Self {
            writer: Arc::new(writer),
            readers: readers::Readers::open(&path)?,
            pulse: Arc::default(),
        })
    }

    /// Queues a change at once, in the order of the calls; the future answers after the commit.
    pub(crate) fn write<T, F>(
        &self,
        change: F,
    ) -> impl Future<Output = crate::error::Result<T>> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> crate::error::Result<T> + Send + 'static,
    {
        self.writer.write(change)
    }

    /// Runs `query` on a reader, off the async threads, on one snapshot.
    pub(crate) async fn read<T, F>(&self, query: F) -> crate::error::Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> crate::error::Result<T> + Send + 'static,
    {
        self.readers.read(query).await
    }

    /// Whether a write reached the disk a moment ago; if not, why.
    pub(crate) async fn pulse(&self) -> std::result::Result<(), String> {
        self.pulse.feel(self).await
    }

    /// Resolves when the writer has died; a server that cannot write must end, not pretend.
    pub(crate) async fn died(&self) {
        self.writer.died().await;
    }

    /// Takes no new changes; resolves when all that were taken are committed.
    pub(crate) async fn drain(&self) {
        self.writer.drain().await;
    }

    /// Finishes what is queued, empties the WAL and ends the writer. Blocks.
    pub(crate) fn close(&self) {
        self.writer.close();
    }
}

/// An empty database of today's schema in memory, to try queries on.
#[cfg(test)]
pub(crate) fn scratch() -> Connection {
    let mut connection = Connection::open_in_memory().expect("memory");
    migrate::latest(&mut connection);
    connection
}

/// Opens a connection that may write.
fn connect(path: &Path) -> Result<Connection> {
    let connection =
        Connection::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    configure(&connection)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", synchronous())?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is gone from the file, too.
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_MAX_BYTES)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    #[cfg(test)]
    plans::watch(connection);
    Ok(())
}

/// FULL, always; the power-cut test proves that its harness can catch a loss by asking a debug build for less.
fn synchronous() -> String {
    #[cfg(debug_assertions)]
    if let Ok(mode) = std::env::var("BAMBITALK_TEST_SYNCHRONOUS") {
        return mode;
    }
    "full".to_owned()
}
