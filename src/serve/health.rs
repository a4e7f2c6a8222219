//! What the server says of itself.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::accounts::user;
use crate::app::App;
use crate::clock::Millis;
use crate::config::Registration;
use crate::error::Result;
use crate::http::Reply;
use crate::http::envelope::AsIs;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct About {
    name: &'static str,
    version: &'static str,
    api: ApiVersions,
    needs_setup: bool,
    registration: Registration,
    logins: Vec<&'static str>,
    max_upload_bytes: u64,
    time: Millis,
}

#[derive(Serialize)]
struct ApiVersions {
    min: u32,
    max: u32,
}

/// What an app that was pointed at us asks first.
pub(super) async fn server(State(app): State<App>) -> Result<Reply<About>> {
    let needs_setup = !app.db.read(user::has_admin).await?;
    let mut logins = vec!["password"];
    if app.kakao.is_on() {
        logins.push("kakao");
    }
    Ok(Reply::ok(About {
        name: "BambiTalk",
        version: env!("CARGO_PKG_VERSION"),
        api: ApiVersions { min: 1, max: 1 },
        needs_setup,
        registration: app.config.registration,
        logins,
        max_upload_bytes: 0,
        time: app.clock.now(),
    }))
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// 200 when a write reached the disk a moment ago, else 503 and why.
pub(super) async fn healthz(State(app): State<App>) -> Response {
    let reason = app.db.pulse().await.err();
    let (status, word) = if reason.is_none() {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "degraded")
    };
    (status, Extension(AsIs), axum::Json(Health { status: word, reason })).into_response()
}
