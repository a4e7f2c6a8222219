//! One change: what it works with, how it runs, how its caller hears of the end.

use std::any::Any;
use std::cell::RefCell;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::anyhow;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::live::Announcement;

/// What a change works with: the connection inside its savepoint, one `now`, and what to tell after the commit.
pub(crate) struct Tx<'a> {
    connection: &'a Connection,
    announcements: RefCell<Vec<Announcement>>,
    /// The instant of this change.
    pub(crate) now: Millis,
}

impl<'a> Tx<'a> {
    pub(super) fn new(connection: &'a Connection, now: Millis) -> Self {
        Self { connection, announcements: RefCell::default(), now }
    }

    /// What is to be told, in order.
    pub(super) fn announcements(self) -> Vec<Announcement> {
        self.announcements.into_inner()
    }
}

impl Tx<'_> {
    /// Tells this once the change is committed, in commit order; never if it is rolled back.
    pub(crate) fn announce(&self, announcement: Announcement) {
        self.announcements.borrow_mut().push(announcement);
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// A queued change, whatever it returns.
pub(super) trait Change: Send {
    /// Runs the change; true when it is to be kept.
    fn run(&mut self, tx: &Tx<'_>) -> bool;
    /// Tells the caller how it ended.
    fn answer(self: Box<Self>, end: &End);
}

/// A change of one kind, and who waits for it.
pub(super) struct Pending<F, T> {
    act: Option<F>,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Pending<F, T> {
    pub(super) fn new(act: F, reply: oneshot::Sender<Result<T>>) -> Self {
        Self { act: Some(act), outcome: None, reply }
    }
}

impl<F, T> Change for Pending<F, T>
where
    F: FnOnce(&Tx<'_>) -> Result<T> + Send,
    T: Send,
{
    fn run(&mut self, tx: &Tx<'_>) -> bool {
        let Some(act) = self.act.take() else { return false };
        let outcome = catch_unwind(AssertUnwindSafe(|| act(tx)))
            .unwrap_or_else(|panic| Err(panicked(&*panic)));
        let kept = outcome.is_ok();
        self.outcome = Some(outcome);
        kept
    }

    fn answer(self: Box<Self>, end: &End) {
        let answer = match (self.outcome, end) {
            (Some(Ok(done)), End::Committed) => Ok(done),
            (Some(Err(error)), _) => Err(error),
            (_, End::Failed(failure)) => Err(failure.error()),
            (None, End::Committed) => Err(Error::Stopping),
        };
        // A phone that has gone will ask again.
        let _ = self.reply.send(answer);
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    Error::Internal(anyhow!("a change panicked: {}", text.unwrap_or_default()))
}

/// How the group's transaction ended.
pub(super) enum End {
    Committed,
    Failed(Failure),
}

/// Why a whole group failed: the same for each of its callers.
pub(super) enum Failure {
    DiskFull,
    /// The disk refused; what is in the system's cache is unknown, so no further write may be acknowledged.
    Disk(String),
    Other(String),
}

impl Failure {
    pub(super) fn of(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(
                ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase,
            ) => Self::Disk(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }

    fn error(&self) -> Error {
        match self {
            Self::DiskFull => Error::DiskFull,
            Self::Disk(text) | Self::Other(text) => {
                Error::Internal(anyhow!("the commit failed: {text}"))
            }
        }
    }
}
