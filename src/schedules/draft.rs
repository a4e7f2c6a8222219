//! What a schedule may hold: the fields of a new one, and of a change.

use serde_json::Value;
use uuid::Uuid;

use super::moment::Moment;
use crate::error::{Error, Result};
use crate::http::Fields;

const TITLE_MAX_CHARS: usize = 191;
const DESCRIPTION_MAX_CHARS: usize = 1_000;
const COLORS: [&str; 6] = ["RED", "ORANGE", "YELLOW", "GREEN", "BLUE", "PURPLE"];
const DEFAULT_COLOR: &str = "YELLOW";

/// A schedule to be; only made of what was checked.
pub(super) struct Draft {
    pub(super) client_id: Option<Uuid>,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) moment: Moment,
    pub(super) color: &'static str,
}

impl Draft {
    /// `{title, description?, date, color?, clientId?}`, refused for the first that is wrong.
    pub(super) fn of(fields: &Fields) -> Result<Self> {
        Ok(Self {
            title: title(fields)?,
            description: description(fields)?,
            moment: moment(fields)?,
            color: fields.get("color").map(color).transpose()?.unwrap_or(DEFAULT_COLOR),
            client_id: fields.client_id()?,
        })
    }
}

/// What is to be another way; only a description can be taken away.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) title: Option<String>,
    pub(super) description: Option<Option<String>>,
    pub(super) moment: Option<Moment>,
    pub(super) color: Option<&'static str>,
    pub(super) is_completed: Option<bool>,
}

impl Change {
    /// Any of `{title, description, date, color, isCompleted}`; the rest is ignored.
    pub(super) fn of(fields: &Fields) -> Result<Self> {
        let named = |name: &str| fields.names(name).then_some(fields);
        Ok(Self {
            title: named("title").map(title).transpose()?,
            description: named("description").map(description).transpose()?,
            moment: named("date").map(moment).transpose()?,
            color: named("color")
                .map(|fields| color(fields.get("color").unwrap_or(&Value::Null)))
                .transpose()?,
            is_completed: named("isCompleted").map(is_completed).transpose()?,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        let Self { title, description, moment, color, is_completed } = self;
        title.is_none()
            && description.is_none()
            && moment.is_none()
            && color.is_none()
            && is_completed.is_none()
    }
}

fn title(fields: &Fields) -> Result<String> {
    let title = fields.required_text("title")?;
    if title.chars().nth(TITLE_MAX_CHARS).is_some() {
        return Err(Error::Invalid);
    }
    Ok(title.to_owned())
}

fn description(fields: &Fields) -> Result<Option<String>> {
    let description = fields.text("description")?;
    if description.is_some_and(|text| text.chars().nth(DESCRIPTION_MAX_CHARS).is_some()) {
        return Err(Error::Invalid);
    }
    Ok(description.map(str::to_owned))
}

fn moment(fields: &Fields) -> Result<Moment> {
    match fields.get("date").ok_or(Error::Missing)? {
        Value::String(text) if text.is_empty() => Err(Error::Missing),
        Value::String(text) => Moment::parse(text),
        _ => Err(Error::ScheduleDate),
    }
}

fn color(value: &Value) -> Result<&'static str> {
    COLORS.into_iter().find(|color| value.as_str() == Some(*color)).ok_or(Error::Color)
}

fn is_completed(fields: &Fields) -> Result<bool> {
    fields.get("isCompleted").and_then(Value::as_bool).ok_or(Error::Completed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn code<T>(result: Result<T>) -> &'static str {
        result.map_or_else(|error| error.entry().code, |_| "0000")
    }

    fn created(fields: Value) -> &'static str {
        code(Draft::of(&Fields::of(fields).expect("an object")))
    }

    fn changed(fields: Value) -> &'static str {
        code(Change::of(&Fields::of(fields).expect("an object")))
    }

    #[test]
    fn the_first_field_that_is_wrong_is_named_by_its_code() {
        let (title, date) = (json!("병원"), json!("2025-07-15T01:30:00.000Z"));
        let cases = [
            (json!({}), "1400"),
            (json!({ "title": "", "date": "x" }), "1400"),
            (json!({ "title": null, "date": date }), "1400"),
            (json!({ "title": 5, "description": 5 }), "1401"),
            (json!({ "title": "가".repeat(192), "date": date }), "1401"),
            (json!({ "title": "👶".repeat(191), "date": date }), "0000"),
            (json!({ "title": " ", "date": date }), "0000"),
            (json!({ "title": title, "description": [], "color": "PINK" }), "1401"),
            (json!({ "title": title, "description": "가".repeat(1_001), "date": date }), "1401"),
            (json!({ "title": title, "description": "가".repeat(1_000), "date": date }), "0000"),
            (json!({ "title": title, "color": "PINK" }), "1400"),
            (json!({ "title": title, "date": "", "color": "PINK" }), "1400"),
            (json!({ "title": title, "date": 1_752_543_000_000_i64, "color": "PINK" }), "4400"),
            (json!({ "title": title, "date": "soon", "color": "PINK" }), "4400"),
            (json!({ "title": title, "date": date, "color": "PINK" }), "4401"),
            (json!({ "title": title, "date": date, "color": "red" }), "4401"),
            (json!({ "title": title, "date": date, "color": 1, "clientId": 1 }), "4401"),
            (json!({ "title": title, "date": date, "clientId": "1" }), "1401"),
            (json!({ "title": title, "date": date, "color": null, "description": null }), "0000"),
        ];
        for (fields, expected) in cases {
            assert_eq!(created(fields.clone()), expected, "{fields}");
        }
    }

    #[test]
    fn a_change_may_name_any_field_and_clear_only_the_description() {
        let cases = [
            (json!({}), "0000"),
            (json!({ "scheduleId": "x", "yearMonth": 5 }), "0000"),
            (json!({ "description": null }), "0000"),
            (json!({ "title": null }), "1400"),
            (json!({ "title": "", "isCompleted": 1 }), "1400"),
            (json!({ "date": null }), "1400"),
            (json!({ "date": {} }), "4400"),
            (json!({ "color": null, "isCompleted": 1 }), "4401"),
            (json!({ "isCompleted": null }), "4402"),
            (json!({ "isCompleted": "true" }), "4402"),
            (json!({ "isCompleted": true, "color": "BLUE" }), "0000"),
        ];
        for (fields, expected) in cases {
            assert_eq!(changed(fields.clone()), expected, "{fields}");
        }
    }
}
