//! What a message answers to: another of the room's, as far as the reader may see it.

use rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;

use super::hiding;
use super::member::RoomMember;
use super::message::{self, Message};
use crate::error::Result;
use crate::ids::{MessageId, UserId};
use crate::storage::Links;

/// Code points of a quoted text that are shown.
const EXCERPT_CHARS: usize = 200;

/// The message answered to; of one that the reader may not see, the number alone.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quote {
    #[schema(value_type = i64, examples(1))]
    pub(super) id: MessageId,
    #[serde(flatten)]
    seen: Option<Excerpt>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Excerpt {
    sender_id: UserId,
    #[serde(rename = "type")]
    #[schema(examples("TEXT"))]
    kind: String,
    /// The first 200 characters.
    #[schema(examples("안녕 👶"))]
    content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    thumbnail_url: Option<String>,
}

impl Quote {
    /// A number, and nothing of what stands there.
    pub(super) fn bare(id: MessageId) -> Self {
        Self { id, seen: None }
    }
}

/// The quoted message as `reader` may see it.
pub(super) fn of(
    db: &Connection,
    links: &Links,
    reader: &RoomMember,
    message: &Message,
    id: MessageId,
) -> Result<Quote> {
    let room = message.room_id;
    if hiding::is_blind(db, reader, room, id)? {
        return Ok(Quote::bare(id));
    }
    let quoted = message::select_one(db, room, id)?.with_links(links);
    let content = quoted.card().map_or(quoted.content.as_str(), |card| card.title.as_str());
    let seen = Excerpt {
        sender_id: quoted.sender_id,
        content: content.chars().take(EXCERPT_CHARS).collect(),
        thumbnail_url: quoted.thumbnail_url().map(str::to_owned),
        kind: quoted.kind,
    };
    Ok(Quote { id, seen: Some(seen) })
}
