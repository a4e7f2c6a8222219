//! The door: how many connections, from whom, and a way to cut one that no longer listens.

use std::collections::HashMap;
use std::future::{self, Ready};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Extension;
use axum_server::accept::Accept;
use futures_util::task::AtomicWaker;
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};
use tower::Layer;

use super::address::neighbourhood;
use super::frames::Watch;

/// Connections at once: from one address, and from all.
const PER_ADDRESS_MAX: usize = 200;
const TOTAL_MAX: usize = 8_000;

/// Lets connections in, counts them, and switches off the delay that TCP puts on small packets.
#[derive(Clone)]
pub(crate) struct Doorkeeper {
    inside: Arc<Mutex<HashMap<IpAddr, usize>>>,
    /// Proxies speak for many.
    unlimited: Arc<[IpNet]>,
    is_off: bool,
}

impl Doorkeeper {
    /// Addresses in `unlimited` count only for the total.
    pub(crate) fn new(unlimited: Arc<[IpNet]>, is_off: bool) -> Self {
        Self { inside: Arc::default(), unlimited, is_off }
    }

    fn admit(&self, stream: &TcpStream) -> io::Result<Pass> {
        let peer = stream.peer_addr()?.ip().to_canonical();
        let is_limited = !self.is_off && !self.unlimited.iter().any(|net| net.contains(&peer));
        let address = neighbourhood(peer);
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = inside.values().sum();
        let here = inside.get(&address).copied().unwrap_or_default();
        if total >= TOTAL_MAX || (is_limited && here >= PER_ADDRESS_MAX) {
            return Err(io::Error::other("too many connections"));
        }
        inside.insert(address, here + 1);
        Ok(Pass { address, inside: self.inside.clone() })
    }
}

/// One connection's place; given up when dropped.
struct Pass {
    address: IpAddr,
    inside: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = inside.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                inside.remove(&self.address);
            }
        }
    }
}

impl<S> Accept<TcpStream, S> for Doorkeeper
where
    Extension<Cut>: Layer<S>,
{
    type Stream = Guarded;
    type Service = <Extension<Cut> as Layer<S>>::Service;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let admitted = stream.set_nodelay(true).and_then(|()| self.admit(&stream));
        future::ready(admitted.map(|pass| {
            let cut = Cut::default();
            let guarded = Guarded {
                stream,
                cut: cut.clone(),
                watch: Watch::default(),
                farewell: None,
                patience: Some(Patience::new(FIRST_BYTE_MAX)),
                _pass: pass,
            };
            (guarded, Extension(cut).layer(service))
        }))
    }
}

/// Cuts the connection that a request came by; found in the request's extensions.
#[derive(Clone, Default)]
pub(crate) struct Cut(Arc<CutState>);

#[derive(Default)]
struct CutState {
    is_cut: AtomicBool,
    /// What comes in are WebSocket frames.
    is_websocket: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Cut {
    /// Ends the connection at once, whatever still waits to be sent. Only a WebSocket has its connection to itself: by
    /// any other, somebody else's requests may come.
    pub(crate) fn cut(&self) {
        if !self.0.is_websocket.load(Ordering::SeqCst) {
            return;
        }
        self.0.is_cut.store(true, Ordering::SeqCst);
        self.0.reader.wake();
        self.0.writer.wake();
    }

    /// From now on the other side sends WebSocket frames.
    pub(crate) fn watch_frames(&self) {
        self.0.is_websocket.store(true, Ordering::SeqCst);
    }

    fn check(&self, waker: &AtomicWaker, context: &Context<'_>) -> io::Result<()> {
        waker.register(context.waker());
        match self.0.is_cut.load(Ordering::SeqCst) {
            true => Err(io::ErrorKind::ConnectionAborted.into()),
            false => Ok(()),
        }
    }
}

/// Thrown away at a time.
const DISCARD_BYTES: usize = 4 << 10;

/// How long a connection may be silent: at first, and between requests.
const FIRST_BYTE_MAX: Duration = Duration::from_secs(10);
const SILENCE_MAX: Duration = Duration::from_secs(90);
/// For a close frame to arrive and be answered.
const FAREWELL_MAX: Duration = Duration::from_secs(3);

/// When a silent connection is given up.
struct Patience {
    last: Instant,
    max: Duration,
    timer: Pin<Box<Sleep>>,
}

impl Patience {
    fn new(max: Duration) -> Self {
        Self { last: Instant::now(), max, timer: Box::pin(sleep(max)) }
    }

    fn heard(&mut self) {
        (self.last, self.max) = (Instant::now(), SILENCE_MAX);
    }

    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        ready!(self.timer.as_mut().poll(context));
        while self.last.elapsed() < self.max {
            self.timer.as_mut().reset(self.last + self.max);
            ready!(self.timer.as_mut().poll(context));
        }
        Poll::Ready(())
    }
}

impl Guarded {
    /// Pending until the other side has been silent for too long.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(patience) = &mut self.patience else { return Poll::Pending };
        ready!(patience.poll_end(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Reads to the end and keeps nothing: closing with something unread would take the close frame back.
    fn poll_discard(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.farewell.as_mut().is_none_or(|farewell| farewell.as_mut().poll(context).is_ready())
        {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let mut scratch = [0; DISCARD_BYTES];
        loop {
            let mut buffer = ReadBuf::new(&mut scratch);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

/// A connection that can be cut from elsewhere.
pub(crate) struct Guarded {
    stream: TcpStream,
    cut: Cut,
    watch: Watch,
    /// There was a fault in what the other side sent: the rest is thrown away until it goes, or this runs out.
    farewell: Option<Pin<Box<Sleep>>>,
    /// None once there are WebSocket frames: they have a heartbeat of their own.
    patience: Option<Patience>,
    _pass: Pass,
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.cut.check(&self.cut.0.reader, context)?;
        if self.farewell.is_some() {
            return self.poll_discard(context);
        }
        let earlier = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(read) => read?,
            Poll::Pending => return self.poll_patience(context),
        }
        if let Some(patience) = &mut self.patience {
            patience.heard();
        }
        if !self.cut.0.is_websocket.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        self.patience = None;
        let Err(fault) = self.watch.look(&buffer.filled()[earlier..]) else {
            return Poll::Ready(Ok(()));
        };
        buffer.set_filled(earlier);
        self.farewell = Some(Box::pin(sleep(FAREWELL_MAX)));
        // Where it does not fit at once, the other side hears of it without a code.
        let _ = Pin::new(&mut self.stream).poll_write(context, &fault.close_frame());
        self.poll_discard(context)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.cut.check(&self.cut.0.writer, context)?;
        self.patience.iter_mut().for_each(Patience::heard);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.cut.check(&self.cut.0.writer, context)?;
        self.patience.iter_mut().for_each(Patience::heard);
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.cut.check(&self.cut.0.writer, context)?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
