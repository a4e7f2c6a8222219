//! How much somebody may store: a file has its largest size, and all of a guest's together have theirs, for one link lets
//! in many and the disk is the family's.

use rusqlite::Connection;

use crate::accounts::Person;
use crate::app::App;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::ids::UserId;

/// What even the smallest file takes up: blocks of the disk, a thumbnail, rows.
const FILE_MIN_BYTES: u64 = 16 << 10;

/// How long a file may become.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    one_max: u64,
    /// What a guest has left of theirs.
    left: Option<u64>,
}

impl Bounds {
    /// Those of an upload that is about to begin. Of several that run at once each has all that is left: [`Bounds::of`] is
    /// asked again when one is noted.
    pub(super) async fn now(app: &App, uploader: Person) -> Result<Self> {
        if uploader.couple.is_some() {
            return Ok(Self { one_max: app.config.max_upload.as_u64(), left: None });
        }
        let config = app.config.clone();
        app.db.read(move |db| Self::of(db, &config, uploader)).await
    }

    /// Those that hold for this person.
    pub(super) fn of(db: &Connection, config: &Config, uploader: Person) -> Result<Self> {
        let left = match uploader.couple {
            Some(_) => None,
            None => Some(config.guest_storage.as_u64().saturating_sub(held(db, uploader.user)?)),
        };
        Ok(Self { one_max: config.max_upload.as_u64(), left })
    }

    /// A file of this length is too long, or more than is left.
    pub(super) fn refuse_beyond(self, length: u64) -> Result<()> {
        if length > self.one_max {
            return Err(Error::TooLarge);
        }
        match self.left {
            Some(left) if length.max(FILE_MIN_BYTES) > left => Err(Error::GuestStorage),
            _ => Ok(()),
        }
    }
}

/// What a person's files take up, those in the trash along: they are on the disk as long as they have a row.
fn held(db: &Connection, user: UserId) -> Result<u64> {
    let sql = "select coalesce(sum(max(size + poster_size, ?2)), 0) from media where user_id = ?1";
    Ok(db.prepare_cached(sql)?.query_row((user, FILE_MIN_BYTES), |row| row.get(0))?)
}
