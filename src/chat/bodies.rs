//! What requests send, for the API's description; handlers read [`crate::http::Fields`] and [`crate::http::Params`],
//! which give each failure its own code.

#![expect(dead_code, reason = "a description; nothing is made of these")]

use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::ids::MediaId;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AppPage {
    /// The page before this message; 0 is the newest page.
    #[param(example = 64)]
    cursor: Option<i64>,
    #[param(minimum = 1, maximum = 50, example = 20)]
    limit: Option<u32>,
}

/// At most one of `before`, `after` and `around`.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    #[param(example = 64)]
    before: Option<i64>,
    after: Option<i64>,
    around: Option<i64>,
    #[param(minimum = 1, maximum = 50, example = 20)]
    limit: Option<u32>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// At least one word of two characters.
    #[param(min_length = 2, max_length = 100, example = "병원")]
    q: String,
    /// In this room alone.
    #[param(rename = "roomId")]
    room_id: Option<i64>,
    /// The `next` of the page before.
    #[param(pattern = "^[0-9]+[.][0-9]+[.][0-9]+$")]
    before: Option<String>,
    #[param(minimum = 1, maximum = 50, example = 20)]
    limit: Option<u32>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AlbumQuery {
    /// Older than this message.
    #[param(example = 64)]
    before: Option<i64>,
    #[param(minimum = 1, maximum = 50, example = 20)]
    limit: Option<u32>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Since {
    /// The `rev` up to which the room is known.
    #[param(example = 0)]
    since: Option<i64>,
    #[param(minimum = 1, maximum = 50, example = 20)]
    limit: Option<u32>,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupBody {
    /// Makes sending again safe.
    client_id: Option<Uuid>,
    #[schema(min_length = 1, max_length = 40, examples("우리 가족"))]
    title: String,
    /// People I share a room with.
    #[schema(nullable = false, max_items = 50)]
    member_ids: Option<Vec<i64>>,
}

#[derive(ToSchema)]
pub(super) struct TitleBody {
    #[schema(min_length = 1, max_length = 40, examples("우리 가족"))]
    title: String,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PeopleBody {
    #[schema(max_items = 50)]
    user_ids: Vec<i64>,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TermsBody {
    /// Makes sending again safe.
    client_id: Option<Uuid>,
    /// How long it lives; 7 where it is left out.
    #[schema(minimum = 1, maximum = 30, examples(7))]
    days: Option<u32>,
    /// How many may come in by it; 1 where it is left out.
    #[schema(minimum = 1, maximum = 50, examples(2))]
    uses: Option<u32>,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "clientId": "7f1d2a52-3c70-4f0a-9d0e-5b8f0c3e2a11", "type": "TEXT", "content": "안녕 👶" }))]
pub(super) struct MessageBody {
    /// Makes sending again safe.
    client_id: Option<Uuid>,
    r#type: Option<MessageType>,
    /// With TEXT.
    #[schema(min_length = 1, max_length = 5000, examples("안녕 👶"))]
    content: Option<String>,
    /// With IMAGE, VIDEO and FILE.
    media_id: Option<MediaId>,
    /// With SCHEDULE: one of my couple's.
    schedule_id: Option<i64>,
    /// The number of a message that this one answers to.
    reply_to: Option<i64>,
}

#[derive(ToSchema)]
pub(super) struct TextBody {
    #[schema(min_length = 1, max_length = 5000, examples("안녕 👶"))]
    content: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Whom {
    /// `all` or `me`.
    #[param(example = "me")]
    r#for: String,
}

#[derive(ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum MessageType {
    Text,
    Image,
    Video,
    File,
    Schedule,
}
