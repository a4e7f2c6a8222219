//! A room as it stands in somebody's list: last message, unread, who is there.

use std::collections::HashSet;

use rusqlite::Connection;
use serde::Serialize;
use tokio::sync::mpsc::UnboundedReceiver;

use super::member::{self, RoomMember};
use super::message::{self, Message};
use super::receipt;
use crate::app::App;
use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::ids::{RoomId, UserId};

/// A room in a person's list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    pub(super) room_id: RoomId,
    kind: String,
    title: Option<String>,
    rev: i64,
    members: Vec<RoomMember>,
    last_message: Option<Message>,
    unread_count: usize,
    muted: bool,
    /// Nothing more is written here.
    archived: bool,
    pub(super) present: Vec<UserId>,
    #[serde(skip)]
    created_at: Millis,
}

/// The reader's rooms, the one with the newest message first.
pub(super) fn all(db: &Connection, reader: UserId) -> Result<Vec<Summary>> {
    let rooms = member::rooms_of(db, reader)?;
    let mut summaries =
        rooms.into_iter().map(|room| one(db, room, reader)).collect::<Result<Vec<_>>>()?;
    let newest = |summary: &Summary| {
        summary.last_message.as_ref().map_or(summary.created_at, Message::sent_at)
    };
    summaries.sort_by_key(|summary| {
        (std::cmp::Reverse(newest(summary)), std::cmp::Reverse(summary.room_id.get()))
    });
    Ok(summaries)
}

/// One room as `reader` has it in the list.
pub(super) fn one(db: &Connection, room: RoomId, reader: UserId) -> Result<Summary> {
    let members = member::all(db, room)?;
    let me = members.iter().find(|member| member.user_id == reader).ok_or(Error::NoSuchRoom)?;
    let last_message = message::select_last(db, room, me)?
        .map(|last| message::with_unread(vec![last], &members))
        .and_then(|mut last| last.pop());
    let unread_count = receipt::unread(db, room, reader, me.last_read_id)?;
    let sql = "
        select room.kind, room.title, room.rev, room_member.muted, room.archived_at is not null, room.created_at
        from room join room_member on room_member.room_id = room.id
        where room.id = ?1 and room_member.user_id = ?2";
    let summary = db.prepare_cached(sql)?.query_row((room, reader), |row| {
        Ok(Summary {
            room_id: room,
            kind: row.get(0)?,
            title: row.get(1)?,
            rev: row.get(2)?,
            muted: row.get(3)?,
            archived: row.get(4)?,
            created_at: row.get(5)?,
            members,
            last_message,
            unread_count,
            present: Vec::new(),
        })
    })?;
    Ok(summary)
}

/// Tells the summaries of rooms that changed to people who are not in them; many changes in a moment are told once.
pub(crate) async fn tell_changes(app: App, mut changed: UnboundedReceiver<RoomId>) {
    while let Some(room) = changed.recv().await {
        let mut rooms = HashSet::from([room]);
        while let Ok(room) = changed.try_recv() {
            rooms.insert(room);
        }
        for room in rooms {
            if let Err(error) = tell(&app, room).await {
                tracing::warn!(room.id = %room, "a room's summary was not told: {error}");
            }
        }
    }
}

async fn tell(app: &App, room: RoomId) -> Result<()> {
    let members = app
        .db
        .read(move |db| {
            Ok(member::all(db, room)?.into_iter().map(|member| member.user_id).collect::<Vec<_>>())
        })
        .await?;
    let listeners: Vec<_> =
        members.into_iter().filter(|user| app.live.is_listening(*user)).collect();
    for user in listeners {
        let mut summary = app.db.read(move |db| one(db, room, user)).await?;
        summary.present = app.live.present(room);
        app.live.emit_outside(room, user, "room", &summary);
    }
    Ok(())
}
