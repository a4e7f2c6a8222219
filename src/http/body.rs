//! Bodies and queries, refused in the envelope.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use futures_util::StreamExt;

use super::Fields;
use crate::error::{Error, Result};
use crate::ids::number;

/// A JSON body may have this many bytes: the longest message, escaped, with room to spare.
const JSON_MAX_BYTES: usize = 64 << 10;
const DISCARDED_MAX_BYTES: usize = 4 << 20;

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Error;

    /// An object as JSON. No body is an object without fields; a form or text is refused, so that no page elsewhere can
    /// post one without asking (OWASP ASVS 3.5.2).
    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let is_json = is_json(request.headers());
        let body = read(request.into_body(), JSON_MAX_BYTES).await?;
        if body.is_empty() {
            return Ok(Self::none());
        }
        if !is_json {
            return Err(Error::WrongType);
        }
        Self::of(serde_json::from_slice(&body).map_err(|_| Error::Missing)?)
    }
}

/// The whole body, or [`Error::TooLarge`]. Some more is read and thrown away, because a caller that is still sending
/// when the connection closes never sees the answer.
pub(crate) async fn read(body: Body, bytes_max: usize) -> Result<Vec<u8>> {
    let mut chunks = body.into_data_stream();
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Error::Missing)?;
        length += chunk.len();
        if length <= bytes_max {
            bytes.extend_from_slice(&chunk);
        } else if length > DISCARDED_MAX_BYTES {
            break;
        }
    }
    if length <= bytes_max { Ok(bytes) } else { Err(Error::TooLarge) }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The query string; an unreadable one is empty.
pub(crate) struct Params(HashMap<String, String>);

impl Params {
    /// The parameter as it came, if it did.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A whole number: missing or empty is none; anything else is `error`.
    pub(crate) fn number(&self, name: &str, error: Error) -> Result<Option<i64>> {
        let text = self.0.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        text.map(|text| number(text).ok_or(error)).transpose()
    }

    /// `limit`: 1 to 50, 20 where it is not given.
    pub(crate) fn limit(&self) -> Result<usize> {
        const DEFAULT: i64 = 20;
        let Some(text) = self.0.get("limit") else { return Ok(DEFAULT as usize) };
        match number(text.trim()) {
            Some(limit @ 1..=50) => Ok(limit as usize),
            _ => Err(Error::PageLimit),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let pairs =
            Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(|_| Error::Invalid)?;
        Ok(Self(pairs.0.into_iter().collect()))
    }
}
