//! What a message may hold.

use serde_json::Value;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::http::Fields;

/// Code points of a text at most.
const TEXT_MAX_CHARS: usize = 5_000;

/// A message to be; only made of what was checked.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) client_id: Option<Uuid>,
    pub(super) content: String,
}

impl Draft {
    /// From `/rooms` and REST: `{clientId?, type?, content}`.
    pub(super) fn of(fields: &Fields) -> Result<Self> {
        let client_id = fields.client_id()?;
        only_text(fields)?;
        let content = match fields.get("content") {
            None => return Err(Error::Missing),
            Some(Value::String(content)) => content.clone(),
            Some(_) => return Err(Error::Invalid),
        };
        Self { client_id, content }.checked()
    }

    /// From the mobile app: `{type?, content}`, and one code for whatever is wrong.
    pub(super) fn of_app(fields: &Fields) -> Result<Self> {
        let draft = Self {
            client_id: None,
            content: fields.text("content")?.ok_or(Error::Invalid)?.to_owned(),
        };
        only_text(fields)?;
        draft.checked().map_err(|_| Error::Invalid)
    }

    fn checked(self) -> Result<Self> {
        let is_long = self.content.chars().nth(TEXT_MAX_CHARS).is_some();
        if self.content.is_empty() || is_long { Err(Error::TextLength) } else { Ok(self) }
    }
}

/// A missing type is TEXT; a photo's link that is not ours is no photo.
fn only_text(fields: &Fields) -> Result<()> {
    match fields.text("type")? {
        None | Some("TEXT") => Ok(()),
        Some(_) => Err(Error::Invalid),
    }
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
