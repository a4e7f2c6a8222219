//! Whether the database still takes writes.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::{Db, setting};
use crate::error::Error;

/// A write that has not reached the disk by then is lost time for everybody.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// How old a finding may be: anybody may ask, so it must not cost a write each time.
const FRESH: Duration = Duration::from_secs(1);

type Finding = Result<(), String>;

/// The last finding; who asks meanwhile waits for the same one.
#[derive(Default)]
pub(super) struct Pulse(Mutex<Option<(Instant, Finding)>>);

impl Pulse {
    pub(super) async fn feel(&self, db: &Db) -> Finding {
        let mut last = self.0.lock().await;
        if let Some((at, finding)) = last.as_ref()
            && at.elapsed() < FRESH
        {
            return finding.clone();
        }
        let finding = beat(db).await;
        *last = Some((Instant::now(), finding.clone()));
        finding
    }
}

async fn beat(db: &Db) -> Finding {
    let write = db.write(|tx| setting::put(tx, "pulse", tx.now));
    match tokio::time::timeout(ANSWER_MAX, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Error::DiskFull)) => Err("the disk is full".to_owned()),
        Ok(Err(_)) => Err("the database does not take writes".to_owned()),
        Err(_) => Err("the database is too slow to answer".to_owned()),
    }
}
