//! What `tests/bench` measures from outside: the writer alone, with rows such as a message makes.

use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::clock::Clock;
use crate::db::{Db, Folder};
use crate::live::Live;

/// What a run found.
#[derive(Debug)]
pub struct Report {
    /// Rows a second, each in a change of its own.
    pub rows_per_s: f64,
    /// From queueing to the answer, in milliseconds.
    pub p50_ms: f64,
    /// The same, of the slowest hundredth.
    pub p99_ms: f64,
}

/// Keeps `in_flight` changes queued for `time` on a fresh database in `folder`.
///
/// # Errors
/// When the folder cannot be used or a change fails.
pub async fn writer(folder: &Path, in_flight: usize, time: Duration) -> anyhow::Result<Report> {
    let folder = Folder::open(folder)?;
    let db = Db::open(&folder, Live::deaf(), Clock::system())?;
    db.write(|tx| {
        Ok(tx.execute_batch(
            "create table bench (id integer primary key, text text not null) strict",
        )?)
    })
    .await?;
    let change = || {
        let (db, queued) = (db.clone(), Instant::now());
        async move {
            let insert = db.write(|tx| {
                let sql = "insert into bench (text) values (?1)";
                Ok(tx.prepare_cached(sql)?.execute([
                    "오늘 아기가 처음으로 뒤집었어요! 오늘 저녁은 뭐 먹을까? 사진 보낼게.",
                ])?)
            });
            insert.await.map(|_| queued.elapsed())
        }
    };
    let (start, mut waits) = (Instant::now(), Vec::new());
    let mut queued: FuturesUnordered<_> = (0..in_flight).map(|_| change()).collect();
    while let Some(waited) = queued.next().await {
        waits.push(waited?.as_secs_f64() * 1_000.0);
        if start.elapsed() < time {
            queued.push(change());
        }
    }
    let rows_per_s = waits.len() as f64 / start.elapsed().as_secs_f64();
    tokio::task::spawn_blocking(move || db.close()).await?;
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    Ok(Report { rows_per_s, p50_ms: at(0.5), p99_ms: at(0.99) })
}
