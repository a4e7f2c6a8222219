//! What requests send, for the API's description; handlers read [`crate::http::Fields`], which gives each failure its
//! own code.

#![expect(dead_code, reason = "a description; nothing is made of these")]

use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::user::Role;
use crate::ids::MediaId;

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct ClientHeader {
    /// `web`: the refresh token comes and goes in a cookie, not in the body.
    #[param(rename = "X-BambiTalk-Client", nullable = false, example = "app")]
    client: Option<String>,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoginBody {
    #[schema(examples("anna"))]
    login_id: String,
    #[schema(examples("a quiet meadow at 4"))]
    password: String,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefreshBody {
    /// Web clients leave it out: theirs is in the cookie.
    #[schema(examples("btr_Zk1…"))]
    refresh_token: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct ProfileBody {
    #[schema(min_length = 2, max_length = 10, examples("안나"))]
    nickname: Option<String>,
    role: Option<Role>,
    /// `ko` or `en`.
    #[schema(examples("ko"))]
    locale: Option<String>,
    /// A photo of mine, by its media id; null takes it away.
    avatar: Option<MediaId>,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoginLinkBody {
    /// Makes sending again safe; a secret of whoever comes in.
    client_id: Option<Uuid>,
    #[schema(examples("btl_Zk1…"))]
    token: String,
    /// With a link that the partner asked for.
    #[schema(min_length = 8, max_length = 1024, examples("another meadow at 5"))]
    new_password: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct WithdrawalBody {
    /// Of whoever has one.
    #[schema(examples("a quiet meadow at 4"))]
    password: Option<String>,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PasswordBody {
    #[schema(examples("a quiet meadow at 4"))]
    password: String,
    #[schema(min_length = 8, max_length = 1024, examples("another meadow at 5"))]
    new_password: String,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KakaoBody {
    /// What Kakao gave the app.
    #[schema(examples("k-2570142931"))]
    access_token: String,
}
