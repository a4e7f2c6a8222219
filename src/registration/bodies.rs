//! What requests send, for the API's description; handlers read [`crate::http::Fields`], which gives each failure its
//! own code.

#![expect(dead_code, reason = "a description; nothing is made of these")]

use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::user::Role;

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SetupBody {
    /// It lies in the data folder and stands on the terminal.
    #[schema(examples("K7M2QX"))]
    setup_code: String,
    #[serde(flatten)]
    applicant: ApplicantBody,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "loginId": "anna", "password": "a quiet meadow at 4", "nickname": "안나", "role": "MOM" }))]
pub(super) struct SignupBody {
    /// A couple's code: signs up and joins in one act.
    #[schema(examples("K7M2QX"))]
    invite_code: Option<String>,
    /// A server invitation.
    #[schema(examples("bti_Zk1…"))]
    invitation: Option<String>,
    #[serde(flatten)]
    applicant: ApplicantBody,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
struct ApplicantBody {
    #[schema(min_length = 3, max_length = 32, pattern = "^[a-z0-9._-]+$", examples("anna"))]
    login_id: String,
    #[schema(min_length = 8, max_length = 1024, examples("a quiet meadow at 4"))]
    password: String,
    #[schema(min_length = 2, max_length = 10, examples("안나"))]
    nickname: String,
    role: Role,
    /// `ko` or `en`.
    #[schema(examples("ko"))]
    locale: Option<String>,
    #[schema(examples("Asia/Seoul"))]
    time_zone: Option<String>,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct KakaoSignupBody {
    #[schema(examples(2_570_142_931_i64))]
    kakao_id: i64,
    #[schema(min_length = 2, max_length = 10, examples("아빠"))]
    nickname: String,
    role: Role,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GuestBody {
    /// Makes sending again safe; a secret of whoever comes in.
    client_id: Option<Uuid>,
    /// The token that the link ends with.
    #[schema(examples("btg_Yq8…"))]
    invite: String,
    #[schema(min_length = 2, max_length = 10, examples("할머니"))]
    nickname: String,
    /// `ko` or `en`.
    #[schema(examples("ko"))]
    locale: Option<String>,
}
