//! What the server says of itself.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use tokio::task::spawn_blocking;
use utoipa::ToSchema;

use super::routes::described;
use crate::accounts::user;
use crate::app::App;
use crate::clock::Millis;
use crate::config::Registration;
use crate::error::Result;
use crate::http::envelope::{self, AsIs};
use crate::http::openapi::finished;
use crate::http::{Reply, Routes, routes};

/// What stands under the API's path.
pub(super) fn api_routes() -> Routes<App> {
    routes![server, openapi]
}

/// What does not.
pub(super) fn outside() -> Routes<App> {
    routes![healthz]
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct About {
    #[schema(examples("BambiTalk"))]
    name: &'static str,
    #[schema(examples("0.1.0"))]
    version: &'static str,
    api: ApiVersions,
    needs_setup: bool,
    registration: Registration,
    #[schema(examples("password"))]
    logins: Vec<&'static str>,
    max_upload_bytes: u64,
    time: Millis,
}

#[derive(Serialize, ToSchema)]
struct ApiVersions {
    min: u32,
    max: u32,
}

/// What an app that was pointed at us asks first.
#[utoipa::path(get, path = "/server", security(()), responses((status = 200, body = About)))]
async fn server(State(app): State<App>) -> Result<Reply<About>> {
    let needs_setup = !app.db.read(user::has_admin).await?;
    let mut logins = vec!["password"];
    if app.kakao.is_on() {
        logins.push("kakao");
    }
    logins.push("guest");
    Ok(Reply::ok(About {
        name: "BambiTalk",
        version: env!("CARGO_PKG_VERSION"),
        api: ApiVersions { min: 1, max: 1 },
        needs_setup,
        registration: app.config.registration,
        logins,
        max_upload_bytes: app.config.max_upload.as_u64(),
        time: app.clock.now(),
    }))
}

#[derive(Serialize, ToSchema)]
struct Health {
    #[schema(examples("ok"))]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<String>,
}

/// 200 when a write reached the disk a moment ago, else 503 and why.
#[utoipa::path(
    get, path = "/healthz", security(()), extensions(("x-as-is" = json!(true))),
    responses(
        (status = 200, body = Health, example = json!({ "status": "ok" })),
        (status = 503, body = Health, description = "Why not.", example = json!({ "status": "degraded", "reason": "…" }))
    )
)]
async fn healthz(State(app): State<App>) -> Response {
    let reason = app.db.pulse().await.err();
    let (status, word) = if reason.is_none() {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "degraded")
    };
    (status, Extension(AsIs), axum::Json(Health { status: word, reason })).into_response()
}

/// This description: every route, every status and code, an example of each.
#[utoipa::path(
    get, path = "/openapi.json", security(()), extensions(("x-as-is" = json!(true))),
    responses((status = 200, body = Object, example = json!({ "openapi": "3.1.0" })), (status = 304))
)]
async fn openapi(State(app): State<App>) -> Result<Response> {
    // Made when it is first asked for: hardly anybody asks.
    let body = app.description.get_or_try_init(async || {
        let making = spawn_blocking(|| -> Result<Bytes> {
            let document = finished(described())?;
            let body = serde_json::to_vec(&document).map_err(anyhow::Error::from)?;
            Ok(body.into())
        });
        making.await.map_err(anyhow::Error::from)?
    });
    Ok(envelope::document(body.await?.clone()))
}
