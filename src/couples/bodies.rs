//! What requests send, for the API's description; handlers read [`crate::http::Fields`], which gives each failure its
//! own code.

#![expect(dead_code, reason = "a description; nothing is made of these")]

use utoipa::ToSchema;

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct JoinBody {
    #[schema(examples("K7M2QX"))]
    invite_code: String,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoupleBody {
    #[schema(examples("Asia/Seoul"))]
    time_zone: Option<String>,
    day_count: Option<DayCount>,
}

/// Whether the first day is day one.
#[derive(ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DayCount {
    BirthdayIsOne,
    Elapsed,
}

#[derive(ToSchema)]
pub(super) struct LinkBody {
    r#for: Option<LinkFor>,
}

/// My second device, or my partner, who can sign in nowhere any more.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum LinkFor {
    Me,
    Partner,
}

#[derive(ToSchema)]
pub(super) struct ClaimBody {
    r#as: Claim,
}

/// My partner, or another login of mine.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Claim {
    Partner,
    Me,
}
