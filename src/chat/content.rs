//! What a message may hold.

use serde_json::Value;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::http::Fields;
use crate::ids::{MediaId, MessageId, ScheduleId};
use crate::media::Kind;
use crate::storage::Links;

/// Code points of a text at most.
const TEXT_MAX_CHARS: usize = 5_000;

/// A message to be; only made of what was checked.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) client_id: Option<Uuid>,
    pub(super) body: Body,
    /// What it answers to, if anything.
    pub(super) reply_to: Option<MessageId>,
}

/// What it says or shows.
#[derive(Clone, Debug)]
pub(super) enum Body {
    Text(String),
    /// Whether its author may show it is asked when it is saved.
    Media {
        kind: Kind,
        id: MediaId,
    },
    /// A card; whether it is of their couple's calendar is asked when it is saved.
    Schedule(ScheduleId),
}

impl Draft {
    /// From `/rooms` and REST: `{clientId?, type?, content | mediaId | scheduleId, replyTo?}`.
    pub(super) fn of(fields: &Fields) -> Result<Self> {
        let client_id = fields.client_id()?;
        let body = match fields.text("type")? {
            None | Some("TEXT") => Body::Text(text(fields)?),
            Some("SCHEDULE") => {
                Body::Schedule(ScheduleId::new(fields.required_number("scheduleId")?))
            }
            Some(name) => {
                let kind = Kind::of(name).ok_or(Error::Invalid)?;
                Body::Media { kind, id: media_id(fields)? }
            }
        };
        Ok(Self { client_id, body, reply_to: fields.number("replyTo")? })
    }

    /// From the mobile app: `{type?, content}`, and one code for whatever is wrong. A photo's or video's content is the
    /// link that uploading it answered.
    pub(super) fn of_app(fields: &Fields, links: &Links) -> Result<Self> {
        let content = fields.text("content")?.ok_or(Error::Invalid)?;
        let media = |kind| -> Result<Body> {
            let id = links.recognise(content).ok_or(Error::Invalid)?;
            Ok(Body::Media { kind, id })
        };
        let body = match fields.text("type")? {
            None | Some("TEXT") => Body::Text(checked(content).map_err(|_| Error::Invalid)?),
            Some("IMAGE") => media(Kind::Image)?,
            Some("VIDEO") => media(Kind::Video)?,
            Some(_) => return Err(Error::Invalid),
        };
        Ok(Self { client_id: None, body, reply_to: None })
    }

    /// Bytes that wait to be written with it.
    pub(super) fn weight(&self) -> usize {
        match &self.body {
            Body::Text(text) => text.len(),
            Body::Media { .. } | Body::Schedule(_) => 0,
        }
    }
}

/// The `content` that must be there, of a length that may be sent.
pub(super) fn text(fields: &Fields) -> Result<String> {
    match fields.get("content") {
        None => Err(Error::Missing),
        Some(Value::String(content)) => checked(content),
        Some(_) => Err(Error::Invalid),
    }
}

fn checked(content: &str) -> Result<String> {
    let is_long = content.chars().nth(TEXT_MAX_CHARS).is_some();
    if content.is_empty() || is_long { Err(Error::TextLength) } else { Ok(content.to_owned()) }
}

fn media_id(fields: &Fields) -> Result<MediaId> {
    fields.required_text("mediaId")?.parse().map_err(|()| Error::NoSuchMedia)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_has_one_to_five_thousand_code_points() {
        let draft = |content: Value| {
            Draft::of(&Fields::of(json!({ "content": content })).expect("an object"))
        };
        for good in [
            "a".to_owned(),
            "가".repeat(5_000),
            "👶".repeat(5_000),
            " x ".to_owned(),
            "a\0b".to_owned(),
        ] {
            assert!(draft(json!(good)).is_ok());
        }
        for bad in [String::new(), "가".repeat(5_001)] {
            assert!(matches!(draft(json!(bad)), Err(Error::TextLength)));
        }
        assert!(matches!(draft(json!(5)), Err(Error::Invalid)));
        assert!(matches!(draft(Value::Null), Err(Error::Missing)));
    }
}
