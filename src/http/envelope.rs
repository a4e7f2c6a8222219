//! The one envelope: `{"code","message","data"}` on success, `{"code","message"}` on every failure.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{
    ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    RETRY_AFTER, SET_COOKIE,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::language;
use crate::error::{Error, Language};

/// The envelope itself, for REST and for socket acks.
#[derive(Serialize)]
pub(crate) struct Envelope<'a, T> {
    code: &'static str,
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a T>,
}

/// Marks an answer that is not the API's and speaks for itself.
#[derive(Clone, Copy)]
pub(crate) struct AsIs;

/// A success to be wrapped; without data there is no `data` key.
pub(crate) struct Reply<T> {
    status: StatusCode,
    data: Option<T>,
    cookie: Option<HeaderValue>,
}

impl<T> Reply<T> {
    /// 200 with data.
    pub(crate) fn ok(data: T) -> Self {
        Self { status: StatusCode::OK, data: Some(data), cookie: None }
    }

    /// 201 with what was created.
    pub(crate) fn created(data: T) -> Self {
        Self { status: StatusCode::CREATED, data: Some(data), cookie: None }
    }

    /// 200 without data, where there could have been some.
    pub(crate) fn nothing() -> Self {
        Self { status: StatusCode::OK, data: None, cookie: None }
    }

    /// Sets a cookie along.
    pub(crate) fn with_cookie(self, cookie: Option<HeaderValue>) -> Self {
        Self { cookie, ..self }
    }
}

impl Reply<()> {
    /// 200 without data.
    pub(crate) fn done() -> Self {
        Self::nothing()
    }
}

/// The envelope of a success.
pub(crate) fn success<T>(reply: &Reply<T>) -> Envelope<'_, T> {
    Envelope { code: "0000", message: "SUCCESS", data: reply.data.as_ref() }
}

/// The envelope of a failure.
pub(crate) fn failure(error: &Error, language: Language) -> Envelope<'static, ()> {
    let entry = error.entry();
    Envelope { code: entry.code, message: entry.text(language), data: None }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let body = match serde_json::to_vec(&success(&self)) {
            Ok(body) => body,
            Err(error) => return Error::Internal(error.into()).into_response(),
        };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, JSON);
        if self.status == StatusCode::OK {
            headers.extend(etag(&body).map(|etag| (ETAG, etag)));
        }
        headers.extend(self.cookie.map(|cookie| (SET_COOKIE, cookie)));
        (self.status, headers, body).into_response()
    }
}

/// A JSON document that is itself and no answer in an envelope.
pub(crate) fn document(body: Bytes) -> Response {
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, JSON)]);
    headers.extend(etag(&body).map(|etag| (ETAG, etag)));
    (Extension(AsIs), headers, body).into_response()
}

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Weak: says that the content is the same, not each byte of the transfer (RFC 9110, section 8.8.1).
fn etag(body: &[u8]) -> Option<HeaderValue> {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    HeaderValue::try_from(format!("W/\"{:x}-{:016x}\"", body.len(), hasher.finish())).ok()
}

impl IntoResponse for Error {
    /// The text is put in by [`render`], which knows the caller's language.
    fn into_response(self) -> Response {
        self.log();
        let mut response = self.entry().status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Writes every failure as the envelope in the caller's language, and answers 304 where the caller has it already.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let language = language::preferred(request.headers());
    let known: Vec<_> = request.headers().get_all(IF_NONE_MATCH).iter().cloned().collect();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_socket = request.uri().path().starts_with("/socket.io");
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<Arc<Error>>() {
        return failed(&error, language, response.headers());
    }
    let is_own = is_socket || response.extensions().get::<AsIs>().is_some();
    if !is_own && (response.status().is_client_error() || response.status().is_server_error()) {
        return failed(&by_status(response.status()), language, response.headers());
    }
    if is_read
        && response.status() == StatusCode::OK
        && let Some(Ok(etag)) = response.headers().get(ETAG).map(HeaderValue::to_str)
        && matches(&known, etag)
    {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(CONTENT_TYPE);
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    response
}

fn failed(error: &Error, language: Language, earlier: &HeaderMap) -> Response {
    let body = serde_json::to_vec(&failure(error, language)).unwrap_or_default();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, JSON);
    headers.extend(error.retry_after_s().map(|seconds| (RETRY_AFTER, HeaderValue::from(seconds))));
    headers.extend(error.content_range().map(|range| (CONTENT_RANGE, range)));
    for kept in [ALLOW, CONNECTION] {
        headers.extend(earlier.get(&kept).map(|value| (kept, value.clone())));
    }
    (error.entry().status, headers, body).into_response()
}

/// A failure that some layer below answered in its own words.
fn by_status(status: StatusCode) -> Error {
    match status {
        StatusCode::NOT_FOUND => Error::NoSuchPath,
        StatusCode::METHOD_NOT_ALLOWED => Error::WrongMethod,
        StatusCode::REQUEST_TIMEOUT => Error::TooSlow,
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Error::WrongType,
        status if status.is_client_error() => Error::Missing,
        status => Error::Internal(anyhow::anyhow!("a layer answered {status}")),
    }
}

/// RFC 9110, section 13.1.2: a list of tags, or `*`; a list may come in several lines (section 5.3).
pub(crate) fn matches<'a>(known: impl IntoIterator<Item = &'a HeaderValue>, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let mut tags =
        known.into_iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    tags.any(|tag| bare(tag) == "*" || bare(tag) == bare(etag))
}
