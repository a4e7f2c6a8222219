//! The web app inside the executable. Debug builds read it from disk.
//!
//! A file answers to its name; a person's browser that opens any other address of the app gets `index.html`, which finds
//! the screen. Whatever else is unknown stays 404.
//!
//! The page asks for scripts and stylesheets under the version of its build (`/@version/…`), and they for each other. So a
//! page that is older than this server gets nothing of another build: what it has not fetched yet makes it start over.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use axum::response::{IntoResponse, Response};
use ring::digest::{SHA256, digest};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::shipped::{PAGE, WORKER, is_part, paged, shipped};
use crate::error::Error;

#[derive(RustEmbed)]
#[cfg_attr(debug_assertions, folder = "assets/")]
#[cfg_attr(not(debug_assertions), folder = "$OUT_DIR/app/")]
struct Assets;

/// Nothing from elsewhere, nothing inline. `blob:` is for previews of what is about to be sent.
const POLICY: &str = "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; object-src 'none'";

/// First parts of paths that are never screens.
const RESERVED: [&str; 6] = ["api", "media", "socket.io", "healthz", "metrics", ".well-known"];

/// What lies under a version never changes.
const FOREVER: HeaderValue = HeaderValue::from_static("max-age=31536000, immutable");

/// In place of a script of a build that is gone: the page starts over with this one; once, should it come from elsewhere.
const START_OVER: &str =
    "if (sessionStorage.getItem('reloaded')) throw new Error('this build is gone');
sessionStorage.setItem('reloaded', '1');
location.reload();
await new Promise(() => {});
";

/// The best first; each lies beside its file where it is smaller.
const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

/// The file that this path names, or the page for a screen's address. Only names that are in the executable are looked at.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    let is_read = matches!(method, Method::GET | Method::HEAD);
    let name = path.trim_start_matches('/');
    if let Some((version, name)) = versioned(path) {
        return if is_read {
            part(version, name, &headers)
        } else {
            Error::WrongMethod.into_response()
        };
    }
    let is_copy = ENCODINGS.iter().any(|(_, kind)| name.ends_with(&format!(".{kind}")));
    if !is_copy && Assets::iter().any(|asset| asset == name) {
        return if is_read { send(name, &headers) } else { Error::WrongMethod.into_response() };
    }
    if path == "/" && !is_read {
        return Error::WrongMethod.into_response();
    }
    if path == "/" || (is_read && is_screen(path) && wants_page(&headers)) {
        return send(PAGE, &headers);
    }
    Error::NoSuchPath.into_response()
}

/// An address as screens have it: plain parts without an ending.
fn is_screen(path: &str) -> bool {
    let parts = path.strip_prefix('/').unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
    !parts.starts_with('/')
        && parts.chars().all(is_plain)
        && !RESERVED.contains(&parts.split('/').next().unwrap_or_default())
}

/// Whether somebody opens an address, rather than a program asking for it.
fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// `/@version/name`, where it may be that of a build.
fn versioned(path: &str) -> Option<(&str, &str)> {
    let (version, name) = path.strip_prefix("/@")?.split_once('/')?;
    let is_version = version.len() == 16 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_version && is_part(name)).then_some((version, name))
}

/// A script or stylesheet of that build.
fn part(version: &str, name: &str, asked: &HeaderMap) -> Response {
    if version != current() {
        let is_script = !name.ends_with(".css");
        return if is_script { gone(name) } else { Error::NoSuchPath.into_response() };
    }
    if !Assets::iter().any(|asset| asset == name) {
        return Error::NoSuchPath.into_response();
    }
    let mut response = send(name, asked);
    response.headers_mut().insert(CACHE_CONTROL, FOREVER);
    response
}

fn gone(name: &str) -> Response {
    let mut response = (headers(name, "\"gone\""), START_OVER).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn send(name: &str, asked: &HeaderMap) -> Response {
    let Some(file) = find(name) else { return Error::NoSuchPath.into_response() };
    if name == WORKER {
        return worker(&file);
    }
    let hash = if cfg!(debug_assertions) {
        checksum(&file.data)
    } else {
        hex(&file.metadata.sha256_hash()[..8])
    };
    let copy = accepted(asked)
        .find_map(|(encoding, kind)| Some((encoding, Assets::get(&format!("{name}.{kind}"))?)));
    let (tag, data) = match &copy {
        Some((encoding, copy)) => (format!("\"{hash}-{encoding}\""), copy.data.clone()),
        None => (format!("\"{hash}\""), file.data),
    };
    let mut response = (headers(name, &tag), data).into_response();
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some((encoding, _)) = copy {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// A file as it goes over the line: a release has it so already.
fn find(name: &str) -> Option<EmbeddedFile> {
    let mut file = Assets::get(name)?;
    if cfg!(debug_assertions) {
        file.data = shipped(name, file.data);
        if name == PAGE {
            let names: Vec<_> = Assets::iter().collect();
            let text = String::from_utf8_lossy(&file.data);
            let page = paged(&text, &looked_at(), names.iter().map(AsRef::as_ref));
            file.data = page.into_bytes().into();
        }
    }
    Some(file)
}

/// The service worker, told which build it belongs to and what files that has.
fn worker(file: &EmbeddedFile) -> Response {
    let build = serde_json::json!({ "version": looked_at(), "files": files() });
    let text = format!("const BUILD = {build};\n{}", String::from_utf8_lossy(&file.data));
    let tag = format!("\"{}\"", checksum(text.as_bytes()));
    (headers(WORKER, &tag), text).into_response()
}

fn files() -> Vec<Cow<'static, str>> {
    let is_copy =
        |name: &str| ENCODINGS.iter().any(|(_, kind)| name.ends_with(&format!(".{kind}")));
    let mut files: Vec<_> = Assets::iter().filter(|name| !is_copy(name)).collect();
    files.sort();
    files
}

/// What a release is built with.
const VERSION: Option<&str> = option_env!("APP_VERSION");
/// The files of a debug build change under it: their version when a page or the worker was last asked for.
static LAST: Mutex<String> = Mutex::new(String::new());

/// The version that pages ask for parts of.
fn current() -> String {
    let last = VERSION
        .map_or_else(|| LAST.lock().unwrap_or_else(PoisonError::into_inner).clone(), str::to_owned);
    if last.is_empty() { looked_at() } else { last }
}

/// The version of the files as they are now; it hangs on all of them.
fn looked_at() -> String {
    if let Some(version) = VERSION {
        return version.to_owned();
    }
    let hashes: Vec<u8> = files()
        .iter()
        .filter_map(|name| Some(shipped(name, Assets::get(name)?.data)))
        .flat_map(|data| digest(&SHA256, &data).as_ref().to_vec())
        .collect();
    let version = checksum(&hashes);
    LAST.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&version);
    version
}

fn headers(name: &str, tag: &str) -> HeaderMap {
    HeaderMap::from_iter(
        [
            (CONTENT_TYPE, HeaderValue::from_static(content_type(name))),
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        ]
        .into_iter()
        .chain(HeaderValue::try_from(tag).map(|tag| (ETAG, tag))),
    )
}

/// What the browser takes, of what we have (RFC 9110, section 12.5.3; a weight of zero is a no).
fn accepted(headers: &HeaderMap) -> impl Iterator<Item = (&'static str, &'static str)> {
    let taken: Vec<String> = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter(|item| !item.replace(' ', "").trim_end_matches(['0', '.']).ends_with(";q="))
        .map(|item| item.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
        .collect();
    ENCODINGS.into_iter().filter(move |(encoding, _)| taken.iter().any(|name| name == encoding))
}

fn checksum(bytes: &[u8]) -> String {
    hex(&digest(&SHA256, bytes).as_ref()[..8])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_encoding_that_is_taken_comes_first() {
        let cases: [(&str, &[&str]); 8] = [
            ("gzip, deflate, br, zstd", &["br", "gzip"]),
            ("gzip, deflate", &["gzip"]),
            ("br;q=0, gzip;q=0.5", &["gzip"]),
            ("br; q=0.000", &[]),
            ("BR", &["br"]),
            ("identity", &[]),
            ("", &[]),
            ("brotli", &[]),
        ];
        for (line, expected) in cases {
            let headers =
                HeaderMap::from_iter([(ACCEPT_ENCODING, line.parse().expect("a header"))]);
            let found: Vec<&str> = accepted(&headers).map(|(encoding, _)| encoding).collect();
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn only_plain_addresses_outside_the_servers_own_are_screens() {
        let screens = ["/chat", "/join/K7M2QX", "/settings/sessions", "/calendar/2026-11", "/apis"];
        let others = [
            "/api/v1/nothing",
            "/api",
            "/media/x",
            "/socket.io/",
            "/healthz",
            "/metrics",
            "/chat.js",
            "//evil",
            "/%00",
            "/..%2fetc",
            "/a\\b",
            "/.git/config",
        ];
        assert!(screens.iter().all(|path| is_screen(path)));
        for path in others {
            assert!(!is_screen(path), "{path}");
        }
    }
}
