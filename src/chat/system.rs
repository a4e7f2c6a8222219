//! What a room says of itself: a line between the messages, worded by whoever shows it, in their language.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::message::{self, Message, NewMessage};
use super::room::Next;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{RoomId, UserId};

/// What happened. Who did it is the message's sender.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct System {
    event: Happening,
    /// Who was brought in or sent away, where it is not the sender.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    user_ids: Vec<UserId>,
    /// What the room is called from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, examples("우리 가족"))]
    title: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Happening {
    Created,
    Invited,
    /// By a link.
    Came,
    Left,
    Removed,
    Renamed,
}

impl System {
    fn of(event: Happening) -> Self {
        Self { event, user_ids: Vec::new(), title: None }
    }

    pub(super) fn created(title: &str, with: Vec<UserId>) -> Self {
        Self { user_ids: with, title: Some(title.to_owned()), ..Self::of(Happening::Created) }
    }

    pub(super) fn invited(users: Vec<UserId>) -> Self {
        Self { user_ids: users, ..Self::of(Happening::Invited) }
    }

    pub(super) fn came() -> Self {
        Self::of(Happening::Came)
    }

    pub(super) fn left() -> Self {
        Self::of(Happening::Left)
    }

    pub(super) fn removed(user: UserId) -> Self {
        Self { user_ids: vec![user], ..Self::of(Happening::Removed) }
    }

    pub(super) fn renamed(title: &str) -> Self {
        Self { title: Some(title.to_owned()), ..Self::of(Happening::Renamed) }
    }
}

/// Writes a line into the room as its message `next`, done by `sender`.
pub(super) fn say(
    tx: &Tx<'_>,
    room: RoomId,
    next: Next,
    sender: UserId,
    line: &System,
) -> Result<Message> {
    let content = serde_json::to_string(line).map_err(|error| Error::Internal(error.into()))?;
    let new = NewMessage {
        sender,
        client_id: None,
        kind: "SYSTEM",
        content,
        media: None,
        reply_to: None,
        schedule: None,
    };
    message::insert(tx, room, next, new)
}
