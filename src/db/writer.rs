//! The writer: one thread, one connection, changes committed in groups.
//!
//! It takes every change that queued up while the last commit ran, runs each in its own savepoint inside one
//! transaction, commits once, hands the announcements to `live` in order and then answers the callers. A change that
//! fails or panics is rolled back alone, with its announcements.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use fail::fail_point;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::change::{Change, End, Failure, Pending, Tx};
use super::checkpoint::{self, Checkpoints};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::live::{Announcement, Live};

/// Changes in one commit at most.
const GROUP_MAX: usize = 64;
/// Changes waiting at most; beyond it the caller hears that it is too fast.
const QUEUE_MAX: usize = 20_000;
/// WAL pages from which the writer lends the checkpoint thread a hand.
const CHECKPOINT_NOW_PAGES: i32 = 16_000;

enum Order {
    Change(Box<dyn Change>),
    /// Says when everything queued before is done.
    Tell(oneshot::Sender<()>),
    Stop,
}

/// The caller's side of the writer thread.
pub(crate) struct Writer {
    queue: mpsc::UnboundedSender<Order>,
    /// How many changes wait; unbounded channels do not count.
    waiting: Arc<AtomicUsize>,
    /// Nothing new is taken any more.
    is_closing: AtomicBool,
    /// Becomes true when the thread ends, however it ends.
    dead: watch::Receiver<bool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        checkpoints: Checkpoints,
        live: Live,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let (queue, orders) = mpsc::unbounded_channel();
        let (grave, dead) = watch::channel(false);
        let waiting = Arc::new(AtomicUsize::new(0));
        let mut scribe = Scribe { connection, checkpoints, live, clock, waiting: waiting.clone() };
        let runtime = tokio::runtime::Handle::current();
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
            let _runtime = runtime.enter();
            let _grave = Grave(grave);
            scribe.work(orders);
        })?;
        Ok(Self {
            queue,
            waiting,
            is_closing: AtomicBool::new(false),
            dead,
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(super) fn write<T, F>(
        &self,
        change: F,
    ) -> impl Future<Output = Result<T>> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let is_closing = self.is_closing.load(Ordering::SeqCst);
        let is_full = self.waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE_MAX;
        let change = Pending::new(change, reply);
        let is_queued =
            !is_full && !is_closing && self.queue.send(Order::Change(Box::new(change))).is_ok();
        if !is_queued {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        async move {
            if is_full && !is_closing {
                return Err(Error::TooFast);
            }
            answer.await.unwrap_or(Err(Error::Stopping))
        }
    }

    /// Takes nothing new from now on; resolves when all that was taken before is committed.
    pub(super) async fn drain(&self) {
        self.is_closing.store(true, Ordering::SeqCst);
        let (drained, is_drained) = oneshot::channel();
        if self.queue.send(Order::Tell(drained)).is_ok() {
            let _ = is_drained.await;
        }
    }

    pub(super) async fn died(&self) {
        let _ = self.dead.clone().wait_for(|dead| *dead).await;
    }

    pub(super) fn close(&self) {
        let _ = self.queue.send(Order::Stop);
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

/// Says that the writer has ended when it is dropped, also by a panic.
struct Grave(watch::Sender<bool>);

impl Drop for Grave {
    fn drop(&mut self) {
        let _ = self.0.send(true);
    }
}

thread_local! {
    /// Pages in the WAL after the last commit; SQLite's hook is a plain function and can carry nothing.
    static WAL_PAGES: Cell<i32> = const { Cell::new(0) };
}

/// Takes the changes that queued up, up to a group's size; answers the other order that ended it, if one did.
fn gather(
    first: Order,
    orders: &mut mpsc::UnboundedReceiver<Order>,
    group: &mut Vec<Box<dyn Change>>,
) -> Option<Order> {
    let mut next = Some(first);
    while let Some(order) = next {
        match order {
            Order::Change(change) => group.push(change),
            other => return Some(other),
        }
        next = if group.len() < GROUP_MAX { orders.try_recv().ok() } else { None };
    }
    None
}

/// The writer thread's own things.
struct Scribe {
    connection: Connection,
    checkpoints: Checkpoints,
    live: Live,
    clock: Clock,
    waiting: Arc<AtomicUsize>,
}

impl Scribe {
    fn work(&mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        self.connection.wal_hook(Some(|_, pages| {
            WAL_PAGES.set(pages);
            Ok(())
        }));
        let mut group = Vec::with_capacity(GROUP_MAX);
        while let Some(first) = orders.blocking_recv() {
            let last = gather(first, &mut orders, &mut group);
            self.waiting.fetch_sub(group.len(), Ordering::Relaxed);
            fail_point!("writer_loop");
            if !group.is_empty() && !self.commit(&mut group) {
                return;
            }
            match last {
                None | Some(Order::Change(_)) => {}
                Some(Order::Tell(drained)) => drop(drained.send(())),
                Some(Order::Stop) => break,
            }
        }
        self.finish();
    }

    /// Commits one group and answers its callers; false when the disk can no longer be trusted.
    fn commit(&mut self, group: &mut Vec<Box<dyn Change>>) -> bool {
        let mut announcements = Vec::new();
        let end = match self.transact(group, &mut announcements) {
            Ok(()) => End::Committed,
            Err(error) => {
                let _ = self.connection.execute_batch("rollback");
                End::Failed(Failure::of(&error))
            }
        };
        fail_point!("after_commit_before_answer");
        if matches!(end, End::Committed) {
            self.live.tell(announcements);
        }
        if let End::Failed(Failure::Disk(text)) = &end {
            tracing::error!("the disk failed under the database, stopping: {text}");
        }
        for change in group.drain(..) {
            change.answer(&end);
        }
        self.keep_wal_small();
        !matches!(end, End::Failed(Failure::Disk(_)))
    }

    fn transact(
        &self,
        group: &mut [Box<dyn Change>],
        announcements: &mut Vec<Announcement>,
    ) -> rusqlite::Result<()> {
        self.run("begin immediate")?;
        for change in group {
            self.run("savepoint change")?;
            let tx = Tx::new(&self.connection, self.clock.now());
            if change.run(&tx) {
                announcements.append(&mut tx.announcements());
            } else {
                // A full disk or a failed read ends the whole transaction; then there is nothing to go on with.
                if self.connection.is_autocommit() {
                    return Err(rusqlite::Error::SqliteFailure(
                        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL),
                        None,
                    ));
                }
                self.run("rollback to change")?;
            }
            self.run("release change")?;
        }
        fail_point!("before_commit");
        self.run("commit")
    }

    fn run(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    fn keep_wal_small(&self) {
        let pages = WAL_PAGES.get();
        if pages >= CHECKPOINT_NOW_PAGES {
            // Only what came in while the checkpoint thread worked is left to do.
            let _ = self.connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()));
        } else if pages >= checkpoint::PAGES {
            self.checkpoints.wake();
        }
    }

    fn finish(&mut self) {
        if let Err(error) =
            self.connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
        {
            tracing::warn!("could not empty the write-ahead log: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Db, Folder};

    async fn db() -> (Db, tempfile::TempDir) {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(&directory.path().join("data")).expect("a fresh folder");
        let db = Db::open(&folder, Live::deaf(), Clock::system()).expect("a fresh database");
        (db, directory)
    }

    fn put(tx: &Tx<'_>, name: &str) -> Result<()> {
        tx.execute("insert into setting (name, value) values (?1, 1)", [name])?;
        Ok(())
    }

    async fn names(db: &Db) -> Vec<String> {
        db.read(|db| {
            let mut query = db.prepare(
                "select name from setting where name between 'test-' and 'test.' order by name",
            )?;
            let names = query.query_map([], |row| row.get(0))?;
            Ok(names.collect::<rusqlite::Result<_>>()?)
        })
        .await
        .expect("readable")
    }

    #[tokio::test]
    async fn a_failing_change_rolls_back_alone() {
        let (db, _directory) = db().await;

        let first = db.write(|tx| put(tx, "test-1"));
        let failing = db.write(|tx| {
            put(tx, "test-2")?;
            Err::<(), _>(Error::Invalid)
        });
        let last = db.write(|tx| put(tx, "test-3"));

        assert!(first.await.is_ok());
        assert!(matches!(failing.await, Err(Error::Invalid)));
        assert!(last.await.is_ok());
        assert_eq!(names(&db).await, ["test-1", "test-3"]);
    }

    #[tokio::test]
    async fn a_panicking_change_hurts_nobody() {
        let (db, _directory) = db().await;

        let first = db.write(|tx| put(tx, "test-1"));
        let panicking = db.write(|tx| {
            put(tx, "test-2")?;
            std::panic::panic_any("boom");
            #[expect(unreachable_code, reason = "the change needs a type")]
            Ok(())
        });
        let last = db.write(|tx| put(tx, "test-3"));

        assert!(first.await.is_ok());
        assert!(matches!(panicking.await, Err(Error::Internal(_))));
        assert!(last.await.is_ok());
        assert_eq!(names(&db).await, ["test-1", "test-3"]);
    }

    #[tokio::test]
    async fn announcements_of_a_rolled_back_change_are_never_sent_and_others_keep_commit_order() {
        let (db, _directory) = db().await;
        let told = Arc::new(Mutex::new(Vec::new()));
        let mut answers = Vec::new();

        for number in 0..200 {
            let told = told.clone();
            answers.push(db.write(move |tx| {
                tx.announce(Announcement::act(move |_| {
                    told.lock().expect("unpoisoned").push(number)
                }));
                if number % 3 == 0 { Err(Error::Invalid) } else { Ok(()) }
            }));
        }
        for answer in answers {
            let _ = answer.await;
        }

        let expected: Vec<i32> = (0..200).filter(|number| number % 3 != 0).collect();
        assert_eq!(*told.lock().expect("unpoisoned"), expected);
    }

    #[tokio::test]
    async fn a_reader_cannot_write() {
        let (db, _directory) = db().await;

        let refused = db
            .read(
                |db| Ok(db.execute("insert into setting (name, value) values ('test-1', 1)", [])?),
            )
            .await;

        assert!(matches!(refused, Err(Error::Database(_))));
        assert!(names(&db).await.is_empty());
    }

    #[tokio::test]
    async fn the_answer_comes_after_the_announcements() {
        let (db, _directory) = db().await;
        let told = Arc::new(AtomicUsize::new(0));

        let counter = told.clone();
        let announce = Announcement::act(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        db.write(move |tx| {
            tx.announce(announce);
            put(tx, "test-1")
        })
        .await
        .expect("committed");

        assert_eq!(told.load(Ordering::SeqCst), 1);
    }
}
