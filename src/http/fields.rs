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
