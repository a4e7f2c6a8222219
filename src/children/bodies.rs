//! What requests send, for the API's description; handlers read [`crate::http::Fields`], which gives each failure its
//! own code.

#![expect(dead_code, reason = "a description; nothing is made of these")]

use utoipa::ToSchema;
use uuid::Uuid;

use super::details::Status;
use crate::day::Day;

/// A child that is awaited needs a due date, one that is born a birth date.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChildBody {
    /// Makes sending again safe.
    client_id: Option<Uuid>,
    status: Status,
    #[schema(min_length = 1, max_length = 20, examples("밤비"))]
    fetal_name: Option<String>,
    #[schema(examples("2027-03-10"))]
    due_date: Option<Day>,
    #[schema(min_length = 1, max_length = 20)]
    name: Option<String>,
    gender: Option<Gender>,
    birth_date: Option<Day>,
}

/// What is named is changed; null takes away what may be missing.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChildChange {
    #[schema(nullable = false)]
    status: Option<Status>,
    #[schema(min_length = 1, max_length = 20, examples("밤비"))]
    fetal_name: Option<String>,
    #[schema(examples("2027-03-10"))]
    due_date: Option<Day>,
    #[schema(min_length = 1, max_length = 20, examples("하나"))]
    name: Option<String>,
    gender: Option<Gender>,
    birth_date: Option<Day>,
}

#[derive(ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Gender {
    Girl,
    Boy,
}
