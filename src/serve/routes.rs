//! Every path on one page, and what each request passes on its way.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use socketioxide::layer::SocketIoLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::OpenApi;

use super::health;
use crate::app::App;
use crate::error::Error;
use crate::http::address::{Addressing, Client, identify};
use crate::http::{Cut, Quota, Routes, assets, envelope};
use crate::{accounts, chat, children, couples, media, registration, schedules};

const API: &str = "/api/v1";
/// A request must be answered by then, its body included.
const REQUEST_MAX: Duration = Duration::from_secs(30);

/// Every route that is answered within [`REQUEST_MAX`], by feature.
fn tree() -> Routes<App> {
    health::api_routes()
        .tagged("server")
        .merge(accounts::http::routes().tagged("accounts"))
        .merge(registration::http::routes().tagged("registration"))
        .merge(couples::http::routes().tagged("couples"))
        .merge(media::http::routes().tagged("media"))
        .merge(chat::http::routes().tagged("chat"))
        .merge(schedules::http::routes().tagged("schedules"))
        .merge(children::http::routes().tagged("children"))
        .under(API)
        .merge(media::http::links().tagged("media"))
        .merge(health::outside().tagged("server"))
}

/// What takes as long as it takes, and has a patience of its own.
fn lasting() -> Routes<App> {
    media::http::uploads().tagged("media").under(API)
}

/// All of them, described.
pub(super) fn described() -> OpenApi {
    tree().merge(lasting()).describe()
}

/// The whole tree. Layers stand in the order in which an answer passes them: the last one sees a request first.
pub(super) fn router(app: &App, sockets: SocketIoLayer) -> Router {
    let mut router = tree()
        .into_router()
        .fallback(assets::serve)
        .method_not_allowed_fallback(async || Error::WrongMethod)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_MAX))
        .merge(lasting().into_router())
        .with_state(app.clone())
        .layer(sockets)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), guard_sockets))
        .layer(from_fn_with_state(addressing(app), identify))
        .layer(from_fn(envelope::render));
    if !app.config.cors_origins.is_empty() {
        router = router.layer(cors(&app.config.cors_origins));
    }
    secure(router)
}

fn secure(router: Router) -> Router {
    let headers = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    headers.into_iter().fold(router, |router, (name, value)| {
        router.layer(SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value)))
    })
}

fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> =
        origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            header::RANGE,
            HeaderName::from_static("x-bambitalk-client"),
        ])
        .expose_headers([header::CONTENT_RANGE, header::ETAG, header::RETRY_AFTER])
        .allow_credentials(true)
}

/// The proxies whose word counts.
pub(super) fn trusted(app: &App) -> Arc<[IpNet]> {
    app.config.trusted_proxies.iter().map(|network| network.0).collect()
}

fn addressing(app: &App) -> Addressing {
    Addressing {
        trusted_proxies: trusted(app),
        public_url: app.config.public_url.as_deref().map(Arc::from),
        allowed_origins: app.config.cors_origins.clone().into(),
    }
}

/// New socket connections cost something before they have authenticated; what they send is watched.
async fn guard_sockets(
    State(app): State<App>,
    client: Client,
    request: Request,
    next: Next,
) -> Response {
    let mut parameters = request.uri().query().unwrap_or_default().split('&');
    let is_known = parameters.any(|parameter| parameter.starts_with("sid="));
    let is_handshake = request.uri().path().starts_with("/socket.io") && !is_known;
    if is_handshake && let Err(error) = app.limits.attempt(&[(Quota::Handshake, &client.caller())])
    {
        return error.into_response();
    }
    let connection = request.extensions().get::<Cut>().cloned();
    let response = next.run(request).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS
        && let Some(connection) = connection
    {
        connection.watch_frames();
    }
    response
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or_default();
    Error::Internal(anyhow::anyhow!("a handler panicked: {text}")).into_response()
}
