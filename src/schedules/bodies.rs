//! What requests send, for the API's description; handlers read [`crate::http::Fields`] and [`crate::http::Params`],
//! which give each failure its own code.

#![expect(dead_code, reason = "a description; nothing is made of these")]

use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::day::Day;

/// A month, or days from one to another.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct Days {
    #[param(example = "2026-11", pattern = r"^\d{4}-\d{2}$")]
    year_month: Option<String>,
    from: Option<Day>,
    to: Option<Day>,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScheduleBody {
    /// Makes sending again safe.
    client_id: Option<Uuid>,
    #[schema(min_length = 1, max_length = 191, examples("병원"))]
    title: String,
    #[schema(max_length = 1000, examples("정기검진"))]
    description: Option<String>,
    /// An instant, a time in the couple's zone, or a day.
    #[schema(examples("2026-11-23T01:30:00.000Z"))]
    date: String,
    color: Option<Color>,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScheduleChange {
    #[schema(nullable = false, min_length = 1, max_length = 191, examples("병원"))]
    title: Option<String>,
    /// Null takes it away.
    #[schema(max_length = 1000, examples("정기검진"))]
    description: Option<String>,
    #[schema(nullable = false, examples("2026-11-23"))]
    date: Option<String>,
    #[schema(nullable = false)]
    color: Option<Color>,
    #[schema(nullable = false, examples(true))]
    is_completed: Option<bool>,
}

/// A colour of the calendar.
#[derive(ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Color {
    Red,
    Orange,
    Yellow,
    Green,
    Blue,
    Purple,
}
