//! The index of what was said: it is filled a little behind the messages, and what is deleted or edited is out of it in
//! the same change.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::needle::{pieces, said};
use super::room;
use crate::app::App;
use crate::db::{Tx, setting};
use crate::error::Result;
use crate::ids::{MessageId, RoomId};

/// Messages of one commit, and the pieces of them together: others want to write, too.
const AT_ONCE: usize = 100;
const AT_ONCE_BYTES: usize = 64 << 10;
/// What is sent in this time is indexed together; a search looks through the newest messages themselves.
const GATHERED: Duration = Duration::from_secs(1);
/// How much longer than it works it rests, so that messages hardly notice.
const REST: u32 = 4;
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// The setting that counts deletions whose words still lie in the index's segments.
const DELETIONS: &str = "search-deletions";
/// Pages of the index that are merged in one commit.
const MERGED_AT_ONCE: i64 = 64;

/// The rooms in which something may not be indexed yet. May be forgotten: what is behind stands in the rows.
#[derive(Clone, Default)]
pub(crate) struct Backlog {
    rooms: Arc<Mutex<HashSet<RoomId>>>,
    waiting: Arc<Notify>,
}

impl Backlog {
    pub(super) fn add(&self, rooms: impl IntoIterator<Item = RoomId>) {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).extend(rooms);
        self.waiting.notify_one();
    }

    fn take(&self) -> HashSet<RoomId> {
        std::mem::take(&mut self.rooms.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Indexes what is sent, for as long as the server runs; first what was left when it ended.
pub(crate) async fn keep_index(app: App) {
    let mut after = Some(RoomId::new(0));
    loop {
        if let Err(error) = index_next(&app, &mut after).await {
            tracing::warn!("messages were not indexed, trying again in a while: {error}");
            tokio::time::sleep(RETRY_AFTER).await;
        }
    }
}

/// Indexes what is known to be behind, and then looks at some more of the rooms after `after`, or waits for news.
async fn index_next(app: &App, after: &mut Option<RoomId>) -> Result<()> {
    let mut rooms = app.backlog.take().into_iter();
    while let Some(room) = rooms.next() {
        if let Err(error) = index(app, room).await {
            app.backlog.add(rooms.chain([room]));
            return Err(error);
        }
    }
    let Some(last) = *after else {
        app.backlog.waiting.notified().await;
        tokio::time::sleep(GATHERED).await;
        return Ok(());
    };
    let (rooms, looked_at) = app.db.read(move |db| room::select_behind(db, last)).await?;
    *after = looked_at;
    app.backlog.add(rooms);
    Ok(())
}

async fn index(app: &App, room: RoomId) -> Result<()> {
    while app
        .db
        .read(move |db| Ok(room::extent(db, room)?.is_some_and(|extent| extent.is_behind())))
        .await?
    {
        let start = Instant::now();
        app.db.write(move |tx| index_some(tx, room)).await?;
        tokio::time::sleep(start.elapsed() * REST).await;
    }
    Ok(())
}

/// Merges the index until it holds no word of what was deleted: for itself, FTS5 only remembers that a row is gone
/// (fts5.html, section 4.4.2).
pub(crate) async fn forget_deleted(app: &App) -> Result<()> {
    let counted = app.db.read(|db| setting::select::<i64>(db, DELETIONS)).await?;
    let Some(deletions) = counted else { return Ok(()) };
    loop {
        let start = Instant::now();
        if app.db.write(move |tx| merge_some(tx, deletions)).await? {
            return Ok(());
        }
        tokio::time::sleep(start.elapsed() * REST).await;
    }
}

/// Answers whether all is merged. What was deleted since `deletions` were counted waits for the next time.
fn merge_some(tx: &Tx<'_>, deletions: i64) -> Result<bool> {
    let before = tx.total_changes();
    let sql = "insert into search_index (search_index, rank) values ('merge', -?1)";
    tx.prepare_cached(sql)?.execute([MERGED_AT_ONCE])?;
    // Less than two changes: there was nothing to merge (fts5.html, section 6.7).
    let is_done = tx.total_changes() - before < 2;
    if is_done {
        setting::delete(tx, DELETIONS, deletions)?;
    }
    Ok(is_done)
}

/// Indexes the next messages of a room.
fn index_some(tx: &Tx<'_>, room: RoomId) -> Result<()> {
    let Some(extent) = room::extent(tx, room)? else { return Ok(()) };
    let sql = "
        select id, type, content from message where room_id = ?1 and id > ?2 order by id limit ?3";
    let mut query = tx.prepare_cached(sql)?;
    let mut rows = query.query((room, extent.indexed_id, AT_ONCE))?;
    let (mut last, mut count, mut bytes) = (extent.indexed_id, 0, 0);
    while bytes < AT_ONCE_BYTES
        && let Some(row) = rows.next()?
    {
        last = row.get(0)?;
        let (kind, content): (String, String) = (row.get(1)?, row.get(2)?);
        bytes += insert(tx, room, last, &said(&kind, &content))?;
        count += 1;
    }
    let is_all = count < AT_ONCE && bytes < AT_ONCE_BYTES;
    room::update_indexed(tx, room, if is_all { extent.last_message_id } else { last })
}

/// Another text stands in the place of one that may have been indexed.
pub(super) fn replace(tx: &Tx<'_>, room: RoomId, id: MessageId, text: &str) -> Result<()> {
    let is_indexed = room::extent(tx, room)?.is_some_and(|extent| id <= extent.indexed_id);
    if is_indexed {
        remove(tx, room, id)?;
        insert(tx, room, id, text)?;
    }
    Ok(())
}

/// Nothing of this message is found any more.
pub(super) fn remove(tx: &Tx<'_>, room: RoomId, id: MessageId) -> Result<()> {
    let sql = "delete from search_index where rowid = ?1";
    let rows = tx.prepare_cached(sql)?.execute([row_id(room, id)])?;
    count_deletion(tx, rows)
}

/// Nothing of a room's oldest messages is found any more.
pub(super) fn delete_oldest(tx: &Tx<'_>, room: RoomId, messages: usize) -> Result<()> {
    let sql = "
        delete from search_index where rowid in (
            select (?1 << 32) + id from message where room_id = ?1 order by id limit ?2)";
    let rows = tx.prepare_cached(sql)?.execute((room, messages))?;
    count_deletion(tx, rows)
}

/// Without a row there were no words, as of a photo, and there is nothing to merge.
fn count_deletion(tx: &Tx<'_>, rows: usize) -> Result<()> {
    if rows == 0 {
        return Ok(());
    }
    let deletions: Option<i64> = setting::select(tx, DELETIONS)?;
    setting::put(tx, DELETIONS, deletions.unwrap_or_default() + 1)
}

/// Answers how much it was.
fn insert(tx: &Tx<'_>, room: RoomId, id: MessageId, text: &str) -> Result<usize> {
    let pieces = pieces(text);
    if !pieces.is_empty() {
        let sql = "insert into search_index (rowid, pieces) values (?1, ?2)";
        tx.prepare_cached(sql)?.execute((row_id(room, id), &pieces))?;
    }
    Ok(pieces.len())
}

/// A message's row in the index.
pub(super) fn row_id(room: RoomId, id: MessageId) -> i64 {
    (room.get() << 32) + id
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::message::{self, NewMessage};
    use super::super::needle::Needle;
    use super::super::room::Next;
    use super::*;
    use crate::clock::Clock;
    use crate::db::{Db, Folder};
    use crate::ids::UserId;
    use crate::live::Live;

    const ROOM: i64 = 3;

    /// A room of one person who said all this, not indexed yet.
    async fn room(texts: &[&str]) -> (Db, tempfile::TempDir) {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(&directory.path().join("data")).expect("a fresh folder");
        let db = Db::open(&folder, Live::deaf(), Clock::system()).expect("a fresh database");
        let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
        db.write(move |tx| {
            tx.execute_batch(
                "insert into user (id, nickname, role, locale, created_at) values (7, '안나', 'MOM', 'ko', 0);
                insert into room (id, kind, created_at) values (3, 'SELF', 0);",
            )?;
            tx.execute("update room set last_message_id = ?1 where id = 3", [texts.len()])?;
            for (id, content) in (1..).zip(texts) {
                let new = NewMessage {
                    sender: UserId::new(7),
                    client_id: None,
                    kind: "TEXT",
                    content,
                    media: None,
                    reply_to: None,
                    schedule: None,
                };
                message::insert(tx, RoomId::new(ROOM), Next { id, rev: id }, new)?;
            }
            Ok(())
        })
        .await
        .expect("written");
        (db, directory)
    }

    async fn index_all(db: &Db) -> usize {
        let mut steps = 0;
        let is_behind = |db: &Connection| {
            Ok(room::extent(db, RoomId::new(ROOM))?.is_some_and(room::Extent::is_behind))
        };
        while db.read(is_behind).await.expect("readable") {
            db.write(|tx| index_some(tx, RoomId::new(ROOM))).await.expect("indexed");
            steps += 1;
        }
        steps
    }

    /// The messages that the index itself takes for meant.
    async fn known(db: &Db, query: &str) -> Vec<i64> {
        let expression = Needle::of(query).expect("a query").match_expression();
        let known = db.read(move |db| {
            let sql = "
                select rowid - (?1 << 32) from search_index
                where search_index match ?2 and rowid between ?1 << 32 and (?1 + 1) << 32";
            let mut query = db.prepare(sql)?;
            let ids = query.query_map((ROOM, expression), |row| row.get(0))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        });
        known.await.expect("an answer")
    }

    #[tokio::test]
    async fn what_is_deleted_or_edited_is_out_of_the_index_in_the_same_change() {
        let (db, _directory) = room(&["내일 병원에 가자", "병원 예약", "회사"]).await;
        assert!(known(&db, "병원").await.is_empty());
        index_all(&db).await;
        assert_eq!(known(&db, "병원").await, [1, 2]);
        assert_eq!(known(&db, "ㅂㅇ").await, [1, 2]);

        let room = RoomId::new(ROOM);
        db.write(move |tx| message::update_text(tx, room, 1, "내일 공원에 가자", 9))
            .await
            .expect("edited");
        db.write(move |tx| message::update_deleted(tx, room, 2, 10)).await.expect("deleted");
        assert!(known(&db, "병원").await.is_empty());
        assert!(known(&db, "예약").await.is_empty());
        assert_eq!(known(&db, "공원").await, [1]);
        db.write(move |tx| delete_oldest(tx, room, 2)).await.expect("removed");
        assert!(known(&db, "공원").await.is_empty());
        assert_eq!(known(&db, "회사").await, [3]);
    }

    #[tokio::test]
    async fn what_changes_before_it_is_indexed_is_indexed_as_it_is_then() {
        let (db, _directory) = room(&["병원", "예약"]).await;
        let room = RoomId::new(ROOM);
        db.write(move |tx| message::update_text(tx, room, 1, "공원", 9)).await.expect("edited");
        db.write(move |tx| message::update_deleted(tx, room, 2, 10)).await.expect("deleted");
        assert!(known(&db, "공원").await.is_empty());
        index_all(&db).await;
        assert_eq!(known(&db, "공원").await, [1]);
        assert!(known(&db, "병원").await.is_empty());
        assert!(known(&db, "예약").await.is_empty());
    }

    #[tokio::test]
    async fn a_commit_takes_a_hundred_messages_or_a_few_long_ones() {
        let (db, _directory) = room(&["병원"; 250]).await;
        assert_eq!(index_all(&db).await, 3);
        assert_eq!(known(&db, "병원").await.len(), 250);

        let long: String = ('가'..='힣').take(5_000).collect();
        let (db, _directory) = room(&[long.as_str(); 10]).await;
        assert_eq!(index_all(&db).await, 5);
        assert_eq!(known(&db, "가각").await.len(), 10);
    }
}
