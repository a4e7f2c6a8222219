//! The fields of a JSON object, asked for one by one so that each failure has the wire's own code.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::{Error, Result};

/// An object from outside; unknown fields are ignored.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// No fields at all.
    pub(crate) fn none() -> Self {
        Self(Map::new())
    }

    /// Takes an object; anything else is [`Error::Invalid`].
    pub(crate) fn of(value: Value) -> Result<Self> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Error::Invalid),
        }
    }

    /// The field unless it is missing or null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field was named, also as null.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Text, if it is there; anything but text is [`Error::Invalid`].
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>> {
        self.get(name).map(|value| value.as_str().ok_or(Error::Invalid)).transpose()
    }

    /// Text that must be there: missing, null or empty is [`Error::Missing`].
    pub(crate) fn required_text(&self, name: &str) -> Result<&str> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or(Error::Missing)
    }

    /// A whole number, if it is there.
    pub(crate) fn number(&self, name: &str) -> Result<Option<i64>> {
        self.get(name).map(|value| value.as_i64().ok_or(Error::Invalid)).transpose()
    }

    /// A whole number that must be there.
    pub(crate) fn required_number(&self, name: &str) -> Result<i64> {
        match self.get(name) {
            Some(Value::String(text)) if text.is_empty() => Err(Error::Missing),
            _ => self.number(name)?.ok_or(Error::Missing),
        }
    }

    /// Whole numbers in a list that must be there.
    pub(crate) fn required_numbers(&self, name: &str) -> Result<Vec<i64>> {
        let list = self.get(name).ok_or(Error::Missing)?.as_array().ok_or(Error::Invalid)?;
        list.iter().map(|number| number.as_i64().ok_or(Error::Invalid)).collect()
    }

    /// True or false, if it is there.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>> {
        self.get(name).map(|value| value.as_bool().ok_or(Error::Invalid)).transpose()
    }

    /// The `clientId` that makes sending again safe: a UUID, if it is there.
    pub(crate) fn client_id(&self) -> Result<Option<Uuid>> {
        self.text("clientId")?
            .map(|text| Uuid::try_parse(text).map_err(|_| Error::Invalid))
            .transpose()
    }
}

/// Whether a name shows as what it is: in one line, in its own reading direction, and with something to see.
pub(crate) fn is_plain(name: &str) -> bool {
    !name.contains(|c: char| c.is_control() || turns_direction(c)) && name.contains(is_seen)
}

/// A mark that turns the reading direction of what follows.
pub(crate) fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Joiners belong into emojis, and fillers are letters: by themselves they show nothing.
fn is_seen(c: char) -> bool {
    let is_blank = matches!(
        c,
        '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
    );
    !is_blank && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_when_it_shows_as_what_it_is() {
        for name in ["하나", "Anna B.", "👨\u{200d}👩\u{200d}👧", "❤\u{fe0f}", "אנה"] {
            assert!(is_plain(name), "{name:?}");
        }
        for name in
            ["\u{200b}", "\u{3164}\u{3164}", "\u{202e}anna", "an\u{2066}na", "an\nna", "a\u{200f}"]
        {
            assert!(!is_plain(name), "{name:?}");
        }
    }
}
