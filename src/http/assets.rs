//! The pages inside the executable. Debug builds read them from disk.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use axum::http::{HeaderValue, Method, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::Error;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

const POLICY: &str = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; object-src 'none'";

/// The file that this path names, or nothing there. Only names that are in the executable are ever looked at.
pub(crate) async fn serve(method: Method, uri: Uri) -> Response {
    let name = match uri.path() {
        "/" => "index.html",
        path => path.trim_start_matches('/'),
    };
    let found = Assets::iter().any(|asset| asset == name).then(|| Assets::get(name)).flatten();
    match found {
        Some(file) if matches!(method, Method::GET | Method::HEAD) => send(name, file),
        Some(_) => Error::WrongMethod.into_response(),
        None => Error::NoSuchPath.into_response(),
    }
}

fn send(name: &str, file: EmbeddedFile) -> Response {
    let hash = file.metadata.sha256_hash();
    let hash: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let Ok(etag) = HeaderValue::try_from(format!("\"{hash}\"")) else {
        return Error::NoSuchPath.into_response();
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type(name))),
        (ETAG, etag),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ];
    (headers, file.data).into_response()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
