//! A room as it stands in somebody's list: last message, unread, who is there.

use std::collections::HashSet;

use rusqlite::Connection;
use serde::Serialize;
use tokio::sync::mpsc::UnboundedReceiver;
use utoipa::ToSchema;

use super::member::{self, RoomMember};
use super::message::{self, Message};
use super::receipt;
use crate::app::App;
use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::ids::{RoomId, UserId};
use crate::storage::Links;

/// A room in a person's list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    pub(super) room_id: RoomId,
    #[schema(examples("COUPLE"))]
    kind: String,
    #[schema(required, examples("우리 가족"))]
    title: Option<String>,
    rev: i64,
    members: Vec<RoomMember>,
    #[schema(required)]
    last_message: Option<Message>,
    unread_count: usize,
    muted: bool,
    /// Nothing more is written here.
    archived: bool,
    /// Whether I am of the couple that looks after it.
    is_owner: bool,
    pub(super) present: Vec<UserId>,
    #[serde(skip)]
    created_at: Millis,
}

/// The reader's rooms, the one with the newest message first.
pub(super) fn all(db: &Connection, links: &Links, reader: UserId) -> Result<Vec<Summary>> {
    let rooms = member::rooms_of(db, reader)?;
    let mut summaries =
        rooms.into_iter().map(|room| one(db, links, room, reader)).collect::<Result<Vec<_>>>()?;
    let newest = |summary: &Summary| {
        summary.last_message.as_ref().map_or(summary.created_at, Message::sent_at)
    };
    summaries.sort_by_key(|summary| {
        (std::cmp::Reverse(newest(summary)), std::cmp::Reverse(summary.room_id.get()))
    });
    Ok(summaries)
}

/// One room as `reader` has it in the list.
pub(super) fn one(db: &Connection, links: &Links, room: RoomId, reader: UserId) -> Result<Summary> {
    let members = member::all(db, room)?;
    let me = members.iter().find(|member| member.user_id == reader).ok_or(Error::NoSuchRoom)?;
    let last_message = message::select_last(db, room, me)?
        .map(|last| message::shown(db, links, &members, me, vec![last]))
        .transpose()?
        .and_then(|mut last| last.pop());
    let unread_count = receipt::unread(db, room, reader, me.last_read_id)?;
    let sql = "
        select room.kind, room.title, room.rev, room_member.muted, room.archived_at is not null, room.created_at,
            coalesce(room.kind = 'GROUP' and room.couple_id = user.couple_id, false)
        from room join room_member on room_member.room_id = room.id join user on user.id = room_member.user_id
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
            is_owner: row.get(6)?,
            members: members.into_iter().map(|member| member.with_links(links)).collect(),
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
        app.backlog.add(rooms.iter().copied());
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
        let links = app.links.clone();
        let mut summary = match app.db.read(move |db| one(db, &links, room, user)).await {
            Ok(summary) => summary,
            // Left meanwhile.
            Err(Error::NoSuchRoom) => continue,
            Err(error) => return Err(error),
        };
        summary.present = app.live.present_to(room, user);
        app.live.emit_outside(room, user, "room", &summary);
    }
    Ok(())
}
