//! Handing media out: whole or in part, by links that were signed.

use std::convert::Infallible;
use std::fs::File;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::content::{self, Kind};
use super::item::{self, Stored, Thumb};
use super::range;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ids::MediaId;
use crate::storage::{Digest, Link, Variant, stream};

/// What a page may do with it, should it be opened as one: nothing.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
/// Who has the link may show it: it is a secret of its own, and pages of named origins are to show it.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const JPEG: &str = "image/jpeg";
/// How long somebody who asks for a thumbnail waits until it is made.
const THUMB_WAIT_MAX: Duration = Duration::from_secs(5);
/// Shown where there is no thumbnail: a plain frame.
static PLACEHOLDER: &[u8] = include_bytes!("placeholder.jpg");

/// How it is asked for.
pub(super) struct Asked {
    method: Method,
    pub(super) uri: Uri,
    headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Infallible> {
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        Ok(Self { method, uri, headers: std::mem::take(&mut parts.headers) })
    }
}

/// Sends what the link opens; to anybody who has the link, and to nobody else.
pub(super) async fn send(
    app: &App,
    link: Link,
    variant: Variant,
    asked: &Asked,
) -> Result<Response> {
    if !app.links.opens(&link, variant) {
        return Err(Error::NoSuchMedia);
    }
    let id = link.id;
    let stored = match variant {
        Variant::Thumb => drawn(app, id).await?,
        _ => app.db.read(move |db| item::select_stored(db, id)).await?,
    };
    let Some(object) = Object::of(id, stored, variant)? else { return Ok(placeholder()) };
    let store = app.store.clone();
    let opening = spawn_blocking(move || {
        let file = store.open_file(id, variant)?;
        let size = file.metadata()?.len();
        Ok::<_, io::Error>((file, size))
    });
    let (file, size) = opening.await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?;
    let lifetime_s = (link.expires_s - app.clock.now().0.div_euclid(1_000)).max(0);
    object.answer(file, size, lifetime_s, asked)
}

/// The media, once its thumbnail is made or given up; a moment's patience spares the phone asking again.
async fn drawn(app: &App, id: MediaId) -> Result<Stored> {
    let mut made = app.thumbnails.made();
    let waiting = async {
        loop {
            let stored = app.db.read(move |db| item::select_stored(db, id)).await?;
            if stored.thumb != Thumb::Waiting || made.changed().await.is_err() {
                return Ok(stored);
            }
        }
    };
    match timeout(THUMB_WAIT_MAX, waiting).await {
        Ok(stored) => stored,
        Err(_) => app.db.read(move |db| item::select_stored(db, id)).await,
    }
}

/// One object, with all that is said of it.
struct Object {
    mime: String,
    name: String,
    etag: String,
}

impl Object {
    /// None where a placeholder stands for it.
    fn of(id: MediaId, stored: Stored, variant: Variant) -> Result<Option<Self>> {
        let name = stored.name;
        let source = stored.poster_sha256.unwrap_or(stored.sha256);
        match (variant, stored.thumb) {
            (Variant::Original, _) => {
                Ok(Some(Self { mime: stored.mime, name, etag: etag("", stored.sha256) }))
            }
            (Variant::Poster, _) => {
                let poster = stored.poster_sha256.ok_or(Error::NoSuchMedia)?;
                Ok(Some(Self {
                    mime: JPEG.to_owned(),
                    name: format!("{id}.jpg"),
                    etag: etag("p", poster),
                }))
            }
            (Variant::Thumb, _) if stored.kind == Kind::File => Err(Error::NoSuchMedia),
            (Variant::Thumb, Thumb::Ready) => Ok(Some(Self {
                mime: JPEG.to_owned(),
                name: format!("{id}.jpg"),
                etag: etag("t", source),
            })),
            (Variant::Thumb, _) => Ok(None),
        }
    }

    fn answer(self, file: File, size: u64, lifetime_s: i64, asked: &Asked) -> Result<Response> {
        // RFC 9110, section 14.2: a range means something in a GET alone.
        let range = match asked.method {
            Method::GET => range::asked_for(&asked.headers, &self.etag, size)?,
            _ => None,
        };
        let (status, part) = match &range {
            Some(range) => (StatusCode::PARTIAL_CONTENT, range.clone()),
            None => (StatusCode::OK, 0..size),
        };
        let mut headers = HeaderMap::new();
        let mut put = |name: HeaderName, value: String| -> Result<()> {
            headers.insert(name, HeaderValue::try_from(value).map_err(anyhow::Error::from)?);
            Ok(())
        };
        put(CONTENT_LENGTH, (part.end - part.start).to_string())?;
        if range.is_some() {
            put(CONTENT_RANGE, format!("bytes {}-{}/{size}", part.start, part.end - 1))?;
        }
        let shown = content::is_shown(&self.mime);
        put(CONTENT_DISPOSITION, disposition(&self.name, shown))?;
        put(CACHE_CONTROL, format!("private, max-age={lifetime_s}, immutable"))?;
        put(ETAG, self.etag)?;
        put(CONTENT_TYPE, if shown { self.mime } else { "application/octet-stream".to_owned() })?;
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(CONTENT_SECURITY_POLICY, POLICY);
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
        Ok((status, headers, Body::from_stream(stream(file, part))).into_response())
    }
}

/// Strong: one id and variant has one content for ever.
fn etag(prefix: &str, sha256: Digest) -> String {
    let hash: String = sha256[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{prefix}{hash}\"")
}

/// Nothing that is kept: a poster may still come.
fn placeholder() -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(JPEG)),
        (CONTENT_SECURITY_POLICY, POLICY),
        (RESOURCE_POLICY, HeaderValue::from_static("cross-origin")),
    ];
    (headers, PLACEHOLDER).into_response()
}

/// What RFC 8187, section 3.2.1, lets stand as it is.
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// `inline` or `attachment`, with the label twice (RFC 6266, section 4.3): plain, and as it really is.
fn disposition(name: &str, is_shown: bool) -> String {
    let way = if is_shown { "inline" } else { "attachment" };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " .-_()".contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let exact = utf8_percent_encode(name, ATTRIBUTE);
    format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_in_a_header_stays_a_label() {
        assert_eq!(
            disposition("우리 \"아기\";.jpg", true),
            "inline; filename=\"__ _____.jpg\"; \
             filename*=UTF-8''%EC%9A%B0%EB%A6%AC%20%22%EC%95%84%EA%B8%B0%22%3B.jpg"
        );
        assert!(disposition("a.pdf", false).starts_with("attachment; filename=\"a.pdf\""));
    }
}
