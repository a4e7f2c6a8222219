//! A multipart form that is read with bounds: its heads are short, and nobody waits for a silent caller.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::time::timeout;

use crate::error::{Error, Result};

/// A phone on a bad network may be silent for so long.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// What comes before a part's content: boundaries and header lines. The parser keeps all of it in memory.
const HEAD_MAX_BYTES: usize = 64 << 10;
/// So much is read and thrown away of who is not signed in: a phone whose session has ended sends a photo and should hear
/// of it.
pub(super) const DISCARDED_OF_STRANGERS_BYTES: usize = 8 << 20;
/// Content that the parser may hold at a time.
const AT_ONCE_BYTES: usize = 256 << 10;
/// After a refusal the rest is read and thrown away for a while: a caller that is still sending when the connection
/// closes never sees the answer.
const DISCARD_MAX: Duration = Duration::from_secs(3);

/// A form on its way in.
pub(super) struct Form {
    parts: Multipart,
    bounds: Arc<Bounds>,
}

impl Form {
    /// Takes a request's body as a form; one of another kind has no file in it.
    pub(super) async fn of(request: Request) -> Result<Self> {
        let bounds = Arc::<Bounds>::default();
        let bounded = |body: Body| {
            let body = body.into_data_stream();
            Body::from_stream(Bounded { body, bounds: bounds.clone(), in_a_row: 0 })
        };
        if !is_form(request.headers()) {
            discard_all(request.into_body()).await;
            return Err(Error::NoFile);
        }
        let parts = Multipart::from_request(request.map(bounded), &()).await;
        Ok(Self { parts: parts.map_err(|_| Error::NoFile)?, bounds })
    }

    /// The next part, when its head is here.
    pub(super) async fn next_part(&mut self) -> Result<Option<Part<'_>>> {
        self.bounds.head_left.store(HEAD_MAX_BYTES, Ordering::Relaxed);
        let part = heard(self.parts.next_field()).await;
        self.bounds.head_left.store(UNBOUNDED, Ordering::Relaxed);
        Ok(part?.map(Part))
    }

    /// Reads on for a while, past the parser, and keeps nothing.
    pub(super) async fn discard(mut self, bytes_max: usize) {
        self.bounds.discard_left.store(bytes_max, Ordering::Relaxed);
        self.bounds.is_discarding.store(true, Ordering::Relaxed);
        let _ = timeout(DISCARD_MAX, self.parts.next_field()).await;
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with("multipart/form-data") && kind.contains('=')
}

async fn discard_all(body: Body) {
    let bounds = Arc::new(Bounds::default());
    bounds.is_discarding.store(true, Ordering::Relaxed);
    bounds.discard_left.store(DISCARDED_OF_STRANGERS_BYTES, Ordering::Relaxed);
    let mut body = Bounded { body: body.into_data_stream(), bounds, in_a_row: 0 };
    let _ = timeout(DISCARD_MAX, body.next()).await;
}

/// What the body is told from the other side of the parser.
#[derive(Default)]
struct Bounds {
    /// Bytes that may still come before the next content does; [`UNBOUNDED`] while that comes.
    head_left: AtomicUsize,
    is_discarding: AtomicBool,
    discard_left: AtomicUsize,
}

/// Content has a bound of its own.
const UNBOUNDED: usize = usize::MAX;

/// A body that does not run ahead. The parser takes in all that is ready before it looks at any of it, so this one is
/// not ready now and then.
struct Bounded {
    body: BodyDataStream,
    bounds: Arc<Bounds>,
    in_a_row: usize,
}

impl Bounded {
    /// Throws away what comes, up to the bound, and ends.
    fn poll_discard(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while let Some(Ok(chunk)) = ready!(self.body.poll_next_unpin(context)) {
            let left = self.bounds.discard_left.load(Ordering::Relaxed);
            let Some(left) = left.checked_sub(chunk.len()) else { break };
            self.bounds.discard_left.store(left, Ordering::Relaxed);
        }
        Poll::Ready(())
    }
}

impl Stream for Bounded {
    type Item = std::result::Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.bounds.is_discarding.load(Ordering::Relaxed) {
            return self.poll_discard(context).map(|()| None);
        }
        // A head is looked at after each chunk: what follows it must not count as its length.
        let is_head = self.bounds.head_left.load(Ordering::Relaxed) != UNBOUNDED;
        let at_once = if is_head { 1 } else { AT_ONCE_BYTES };
        if self.in_a_row >= at_once {
            self.in_a_row = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Some(chunk) = ready!(self.body.poll_next_unpin(context)?) else {
            return Poll::Ready(None);
        };
        self.in_a_row += chunk.len();
        let left = self.bounds.head_left.load(Ordering::Relaxed);
        if left == UNBOUNDED {
            return Poll::Ready(Some(Ok(chunk)));
        }
        let Some(left) = left.checked_sub(chunk.len()) else {
            return Poll::Ready(Some(Err(axum::Error::new(Error::Missing))));
        };
        self.bounds.head_left.store(left, Ordering::Relaxed);
        Poll::Ready(Some(Ok(chunk)))
    }
}

/// One part, its content to come.
pub(super) struct Part<'a>(Field<'a>);

impl Part<'_> {
    pub(super) fn name(&self) -> Option<&str> {
        self.0.name()
    }

    pub(super) fn file_name(&self) -> Option<&str> {
        self.0.file_name()
    }

    /// The next piece of its content.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        heard(self.0.chunk()).await
    }
}

/// What comes next, unless the caller falls silent.
async fn heard<T>(next: impl Future<Output = std::result::Result<T, MultipartError>>) -> Result<T> {
    let next = timeout(SILENCE_MAX, next).await.map_err(|_| Error::TooSlow)?;
    next.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
        _ => Error::Missing,
    })
}
