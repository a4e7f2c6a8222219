//! What is known of a child: the form of each field, and what must be known when.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::day::Day;
use crate::error::{Error, Result};
use crate::http::{Fields, is_plain};

const NAME_MAX_CHARS: usize = 20;
const GENDERS: [&str; 2] = ["GIRL", "BOY"];

/// Before or after birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = ChildStatus)]
pub(super) enum Status {
    Fetal,
    Born,
}

impl Status {
    /// The status of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Fetal, Self::Born].into_iter().find(|status| status.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Fetal => "FETAL",
            Self::Born => "BORN",
        }
    }
}

/// The gender of this name.
pub(super) fn gender_named(name: &str) -> Option<&'static str> {
    GENDERS.into_iter().find(|gender| *gender == name)
}

/// A child as its parents describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) status: Status,
    pub(super) fetal_name: Option<String>,
    pub(super) due_date: Option<Day>,
    pub(super) name: Option<String>,
    pub(super) gender: Option<&'static str>,
    pub(super) birth_date: Option<Day>,
}

/// What is said anew; null takes a field away.
#[derive(Clone, Debug)]
pub(super) struct Change {
    status: Option<Status>,
    fetal_name: Option<Option<String>>,
    due_date: Option<Option<Day>>,
    name: Option<Option<String>>,
    gender: Option<Option<&'static str>>,
    birth_date: Option<Option<Day>>,
}

impl Change {
    /// Any of `{status, fetalName, dueDate, name, gender, birthDate}`, refused for the first that is wrong.
    pub(super) fn of(fields: &Fields) -> Result<Self> {
        Ok(Self {
            status: fields.names("status").then(|| status(fields)).transpose()?,
            fetal_name: optional(fields, "fetalName", name)?,
            due_date: optional(fields, "dueDate", day)?,
            name: optional(fields, "name", name)?,
            gender: optional(fields, "gender", gender)?,
            birth_date: optional(fields, "birthDate", day)?,
        })
    }
}

impl Details {
    /// A child that nothing was known of before.
    pub(super) fn new(change: Change, today: Day) -> Result<Self> {
        let unknown = Self {
            status: change.status.ok_or(Error::Missing)?,
            fetal_name: None,
            due_date: None,
            name: None,
            gender: None,
            birth_date: None,
        };
        unknown.changed(change, today)
    }

    /// With the change. A child that turns out not to be born yet has no birth date any more.
    pub(super) fn changed(self, change: Change, today: Day) -> Result<Self> {
        let status = change.status.unwrap_or(self.status);
        let birth_date = self.birth_date.filter(|_| status == Status::Born);
        let changed = Self {
            status,
            fetal_name: change.fetal_name.unwrap_or(self.fetal_name),
            due_date: change.due_date.unwrap_or(self.due_date),
            name: change.name.unwrap_or(self.name),
            gender: change.gender.unwrap_or(self.gender),
            birth_date: change.birth_date.unwrap_or(birth_date),
        };
        changed.checked(birth_date, today)
    }

    /// A child to come has a due date and no birth date; a born one has a birth date, which is not to come. One that was
    /// taken before stays good, also where the couple moved to a zone that is not there yet.
    fn checked(self, known_birth: Option<Day>, today: Day) -> Result<Self> {
        match self.status {
            Status::Fetal if self.due_date.is_none() => Err(Error::Missing),
            Status::Fetal if self.birth_date.is_some() => Err(Error::ChildDate),
            Status::Fetal => Ok(self),
            Status::Born => {
                let birth_date = self.birth_date.ok_or(Error::Missing)?;
                let is_good = birth_date <= today || known_birth == Some(birth_date);
                if is_good { Ok(self) } else { Err(Error::ChildDate) }
            }
        }
    }
}

/// A field that can be taken away, if it was named.
fn optional<T>(
    fields: &Fields,
    field: &str,
    read: fn(&Value) -> Result<T>,
) -> Result<Option<Option<T>>> {
    if !fields.names(field) {
        return Ok(None);
    }
    Ok(Some(fields.get(field).map(read).transpose()?))
}

fn status(fields: &Fields) -> Result<Status> {
    let value = fields.get("status").ok_or(Error::Missing)?;
    value.as_str().and_then(Status::named).ok_or(Error::ChildStatus)
}

/// 1 to 20 code points, spaces at the ends aside, that show as what they are.
fn name(value: &Value) -> Result<String> {
    let name = value.as_str().ok_or(Error::ChildName)?.trim();
    let is_fit = (1..=NAME_MAX_CHARS).contains(&name.chars().count()) && is_plain(name);
    if is_fit { Ok(name.to_owned()) } else { Err(Error::ChildName) }
}

fn day(value: &Value) -> Result<Day> {
    value.as_str().and_then(Day::parse).ok_or(Error::ChildDate)
}

fn gender(value: &Value) -> Result<&'static str> {
    value.as_str().and_then(gender_named).ok_or(Error::Gender)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(fields: &Value) -> Result<Change> {
        Change::of(&Fields::of(fields.clone()).expect("an object"))
    }

    fn today() -> Day {
        Day::parse("2026-11-21").expect("a day")
    }

    fn code<T>(result: Result<T>) -> &'static str {
        result.map_or_else(|error| error.entry().code, |_| "0000")
    }

    #[test]
    fn what_must_be_known_depends_on_the_birth() {
        let due = "2027-03-10";
        let cases = [
            (json!({}), "1400"),
            (json!({ "status": null }), "1400"),
            (json!({ "status": "fetal", "fetalName": 5 }), "7403"),
            (json!({ "status": 5 }), "7403"),
            (json!({ "status": "FETAL" }), "1400"),
            (json!({ "status": "FETAL", "dueDate": null }), "1400"),
            (json!({ "status": "FETAL", "dueDate": due }), "0000"),
            (json!({ "status": "FETAL", "dueDate": due, "birthDate": "2026-11-20" }), "7401"),
            (json!({ "status": "FETAL", "dueDate": "2027-02-29", "gender": "X" }), "7401"),
            (json!({ "status": "FETAL", "dueDate": 5 }), "7401"),
            (json!({ "status": "BORN", "dueDate": due }), "1400"),
            (json!({ "status": "BORN", "birthDate": "2026-11-21" }), "0000"),
            (json!({ "status": "BORN", "birthDate": "2026-11-22" }), "7401"),
            (json!({ "status": "BORN", "birthDate": "1899-12-31" }), "7401"),
            (json!({ "status": "BORN", "birthDate": "2026-11-21", "name": "" }), "7400"),
            (json!({ "status": "BORN", "birthDate": "2026-11-21", "name": "  " }), "7400"),
            (json!({ "status": "BORN", "birthDate": "2026-11-21", "name": [] }), "7400"),
            (json!({ "status": "BORN", "birthDate": "2026-11-21", "name": "a\nb" }), "7400"),
            (
                json!({ "status": "BORN", "birthDate": "2026-11-21", "name": "가".repeat(21) }),
                "7400",
            ),
            (
                json!({ "status": "BORN", "birthDate": "2026-11-21", "name": "👶".repeat(20) }),
                "0000",
            ),
            (json!({ "status": "BORN", "birthDate": "2026-11-21", "gender": "girl" }), "7402"),
            (json!({ "status": "BORN", "birthDate": "2026-11-21", "gender": null }), "0000"),
        ];
        for (fields, expected) in cases {
            let made = change(&fields).and_then(|change| Details::new(change, today()));
            assert_eq!(code(made), expected, "{fields}");
        }
    }

    #[test]
    fn being_born_keeps_what_was_known_and_being_unborn_loses_only_the_birth() {
        let bambi = json!({ "status": "FETAL", "dueDate": "2026-11-30", "fetalName": " 밤비 " });
        let bambi =
            change(&bambi).and_then(|change| Details::new(change, today())).expect("a child");
        assert_eq!(bambi.fetal_name.as_deref(), Some("밤비"));
        let apply = |child: &Details, fields: Value| {
            change(&fields).and_then(|change| child.clone().changed(change, today()))
        };

        let born =
            apply(&bambi, json!({ "status": "BORN", "birthDate": "2026-11-20", "name": "하나" }));
        let born = born.expect("born");
        assert_eq!((&born.fetal_name, born.due_date), (&bambi.fetal_name, bambi.due_date));
        let back = apply(&born, json!({ "status": "FETAL" })).expect("not yet");
        assert_eq!((back.birth_date, back.name.as_deref()), (None, Some("하나")));
        assert_eq!(apply(&born, json!({})).expect("as it was"), born);

        for (child, fields, expected) in [
            (&bambi, json!({ "status": "BORN" }), "1400"),
            (&bambi, json!({ "birthDate": "2026-11-20" }), "7401"),
            (&bambi, json!({ "dueDate": null }), "1400"),
            (&born, json!({ "birthDate": null }), "1400"),
            (&born, json!({ "birthDate": "2026-11-22" }), "7401"),
            (&born, json!({ "dueDate": null, "name": null, "fetalName": null }), "0000"),
        ] {
            assert_eq!(code(apply(child, fields.clone())), expected, "{fields}");
        }

        let yesterday = today().plus_days(-2);
        let renamed = change(&json!({ "name": "두리" })).expect("a name");
        assert!(born.changed(renamed, yesterday).is_ok());
    }
}
