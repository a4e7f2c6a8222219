//! Brings the schema up to date: each migration in its own transaction, a snapshot first when there is data.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::{M, Migrations};

use super::{Folder, setting};
use crate::clock::Clock;

/// In order, forward only. A released file never changes: a test holds their hashes.
const MIGRATIONS: [&str; 14] = [
    include_str!("../../migrations/0001_accounts.sql"),
    include_str!("../../migrations/0002_chat.sql"),
    include_str!("../../migrations/0003_media.sql"),
    include_str!("../../migrations/0004_schedules.sql"),
    include_str!("../../migrations/0005_children.sql"),
    include_str!("../../migrations/0006_groups.sql"),
    include_str!("../../migrations/0007_acts.sql"),
    include_str!("../../migrations/0008_parting.sql"),
    include_str!("../../migrations/0009_search.sql"),
    include_str!("../../migrations/0010_tidying.sql"),
    include_str!("../../migrations/0011_brought.sql"),
    include_str!("../../migrations/0012_held.sql"),
    include_str!("../../migrations/0013_search_anew.sql"),
    include_str!("../../migrations/0014_seats.sql"),
];

/// "Bamb" in SQLite's header: tells our database from any other.
const APPLICATION_ID: i32 = 0x4261_6d62;
/// SQLite file format, section 1.3: the first 16 bytes, then the page size at 16, the size in pages at 28, and the
/// application's mark at 68.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEADER_BYTES: usize = 100;

/// Makes the database in a fresh folder, or checks and migrates the one that is there.
pub(super) fn prepare(folder: &Folder, clock: &Clock) -> Result<()> {
    let path = folder.database();
    if !path.exists() {
        return create(folder);
    }
    inspect(folder)?;
    let damaged = || format!("{} cannot be read; put a backup in its place", path.display());
    let mut connection = super::connect(&path).with_context(damaged)?;
    let version = schema_version(&connection).with_context(damaged)?;
    if version > MIGRATIONS.len() {
        bail!(
            "{} was written by a newer BambiTalk (schema {version}, this one knows {}); \
             install that version again",
            path.display(),
            MIGRATIONS.len()
        );
    }
    if version < MIGRATIONS.len() {
        snapshot(&connection, folder, version, clock)?;
        migrate(&mut connection, version)?;
    }
    let last = era(&connection).with_context(damaged)?;
    match begin_era(&connection, folder, &last) {
        // The last era is as good as it was; what is full can still be read, and recovers by itself.
        Err(error) if is_disk_full(&error) => {
            tracing::error!("the disk is full: nothing can be written until there is room");
            Ok(())
        }
        begun => begun,
    }
}

fn is_disk_full(error: &anyhow::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    let by_sqlite =
        error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    let by_system = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    by_sqlite == Some(ErrorCode::DiskFull) || matches!(by_system, Some(StorageFull | QuotaExceeded))
}

/// A log that a crash leaves from now on belongs to this start of this database and to nothing else.
fn begin_era(connection: &Connection, folder: &Folder, last: &str) -> Result<()> {
    let next: String =
        connection.query_row("select lower(hex(randomblob(16)))", [], |row| row.get(0))?;
    // Both are good until the new one is in the file itself: whatever moment a crash takes, one of them is found.
    folder.remember([&next, last])?;
    setting::replace_era(connection, &next)?;
    connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    folder.remember([&next, &next])?;
    Ok(())
}

fn schema_version(connection: &Connection) -> Result<usize> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(version.try_into()?)
}

fn era(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_row("select value from setting where name = 'era'", [], |row| row.get(0))
}

/// Written under another name and moved into place whole, so that a half-made database never stands there.
fn create(folder: &Folder) -> Result<()> {
    let path = folder.database();
    let draft = path.with_extension("db.new");
    for leftover in
        [draft.clone(), draft.with_extension("new-wal"), draft.with_extension("new-shm")]
    {
        if leftover.exists() {
            fs::remove_file(&leftover)
                .with_context(|| format!("cannot remove {}", leftover.display()))?;
        }
    }
    let mut connection = super::connect(&draft)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrate(&mut connection, 0)?;
    let era = era(&connection)?;
    connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)?;
    File::open(&draft)?.sync_all()?;
    fs::rename(&draft, &path).with_context(|| format!("cannot write {}", path.display()))?;
    folder.sync()?;
    folder.remember([&era, &era])
}

/// Makes today's schema in an empty database.
#[cfg(test)]
pub(super) fn latest(connection: &mut Connection) {
    migrate(connection, 0).expect("the schema");
}

fn migrate(connection: &mut Connection, from: usize) -> Result<()> {
    let migrations = Migrations::new(MIGRATIONS.iter().map(|sql| M::up(sql)).collect());
    for version in from + 1..=MIGRATIONS.len() {
        migrations
            .to_version(connection, version)
            .with_context(|| format!("migration {version} failed; nothing was changed"))?;
    }
    Ok(())
}

/// Refuses what is not our database before SQLite could write to it.
fn inspect(folder: &Folder) -> Result<()> {
    let path = &folder.database();
    let name = path.display();
    let header = header(path).with_context(|| format!("cannot read {name}"))?;
    let Some(header) = header else {
        bail!(
            "{name} is cut short or not a database; put a backup in its place, or move it away to start anew"
        );
    };
    let word = |at: usize| {
        u64::from(u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]))
    };
    let page_bytes = match u64::from(u16::from_be_bytes([header[16], header[17]])) {
        1 => 65_536,
        bytes => bytes,
    };
    let (bytes, promised) = (fs::metadata(path)?.len(), word(28) * page_bytes);
    // With a log beside it the file may lag behind its first page: a checkpoint that a crash cut off is made up for.
    let has_log = has_log(folder);
    if promised > bytes && !has_log {
        bail!("{name} is cut short ({bytes} bytes of {promised}); put a backup in its place");
    }
    if word(68) != APPLICATION_ID as u64 {
        bail!(
            "{name} is a database of another program; \
             move it away, or choose another folder with --data-dir"
        );
    }
    if has_log { inspect_log(folder) } else { Ok(()) }
}

fn has_log(folder: &Folder) -> bool {
    /// SQLite file format, section 4.1: a log with nothing behind its header is empty.
    const LOG_HEADER_BYTES: u64 = 32;
    fs::metadata(folder.log()).is_ok_and(|log| log.len() > LOG_HEADER_BYTES)
}

/// SQLite replays whatever log lies beside a database: another's, or this one's of another time, would leave a mixture.
/// Both the file alone and the file with its log must be of the era remembered. Looked at without writing.
fn inspect_log(folder: &Folder) -> Result<()> {
    let eras = folder.eras()?;
    if eras.is_empty() {
        return Ok(());
    }
    let name = folder.database().display().to_string();
    let is_known = |found: rusqlite::Result<String>, unreadable| {
        found.map_or(unreadable, |era| eras.contains(&era))
    };
    // A checkpoint that a crash cut off may leave the file alone unreadable; the log makes up for it.
    let is_file_known = is_known(read_era(&format!("file:{}?immutable=1", escaped(&name))), true);
    let is_log_known = is_known(read_era(&format!("file:{}", escaped(&name))), false);
    if is_file_known && is_log_known {
        return Ok(());
    }
    bail!(
        "{name} and the log beside it do not belong to this folder's last start; if both were copied here \
         together, remove bambitalk.lock; otherwise put a backup in place of both"
    );
}

/// RFC 3986, section 3.3, as far as SQLite's URI file names need it.
fn escaped(path: &str) -> String {
    path.replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

fn read_era(uri: &str) -> rusqlite::Result<String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    era(&Connection::open_with_flags(uri, flags)?)
}

/// The first bytes of the file when it looks like SQLite's at all.
fn header(path: &Path) -> std::io::Result<Option<[u8; HEADER_BYTES]>> {
    use std::io::Read;
    let mut header = [0; HEADER_BYTES];
    match File::open(path)?.read_exact(&mut header) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    Ok(header.starts_with(MAGIC).then_some(header))
}

fn snapshot(connection: &Connection, folder: &Folder, version: usize, clock: &Clock) -> Result<()> {
    let stamp = clock.now().iso().replace(':', "-");
    let path = folder.backups()?.join(format!("before-schema-{}-{stamp}.db", version + 1));
    connection
        .execute("vacuum into ?1", [path.to_string_lossy()])
        .context("cannot make a snapshot before the upgrade")?;
    File::open(&path)?.sync_all()?;
    tracing::info!(path = %path.display(), "made a snapshot before the upgrade");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_migrations_never_change() {
        // Add a hash with each new file; a hash that is here is never edited once it was released.
        let hashes = MIGRATIONS.map(|sql| {
            let digest = ring::digest::digest(&ring::digest::SHA256, sql.as_bytes());
            digest.as_ref()[..4].iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        });
        assert_eq!(hashes, RELEASED);
    }

    const RELEASED: [&str; 14] = [
        "37ce42ae", "4f475090", "0aeeb90e", "a21fddb9", "bcca1d1b", "d7e4020a", "b2d3c1de",
        "1904a3fd", "862cc168", "af7dacdd", "ff68e602", "47d6b10e", "fc9d8972", "1b6e26e6",
    ];

    #[test]
    fn an_older_schema_is_snapshot_and_then_brought_up_to_date() {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(&directory.path().join("data")).expect("a fresh folder");
        let mut old = super::super::connect(&folder.database()).expect("a database");
        old.pragma_update(None, "application_id", APPLICATION_ID).expect("marked");
        Migrations::new(vec![M::up(MIGRATIONS[0])]).to_latest(&mut old).expect("the first schema");
        old.execute("insert into setting (name, value) values ('kept', 1)", []).expect("some data");
        drop(old);

        prepare(&folder, &Clock::system()).expect("an upgrade");

        let new = Connection::open(folder.database()).expect("readable");
        let version: i64 =
            new.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
        assert_eq!(usize::try_from(version).expect("positive"), MIGRATIONS.len());
        let snapshots: Vec<_> = fs::read_dir(folder.backups().expect("a folder"))
            .expect("readable")
            .flatten()
            .collect();
        assert_eq!(snapshots.len(), 1);
        let snapshot = Connection::open(snapshots[0].path()).expect("a snapshot that opens");
        for database in [new, snapshot] {
            let kept: i64 = database
                .query_row("select value from setting where name = 'kept'", [], |row| row.get(0))
                .expect("the data");
            assert_eq!(kept, 1);
        }
    }
}
