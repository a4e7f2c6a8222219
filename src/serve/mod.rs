//! The running server: the only place that knows every feature.

mod banner;
#[cfg(test)]
mod caller;
mod health;
mod jobs;
#[cfg(test)]
mod parting;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod replying;
mod routes;
mod sockets;

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::extract::Request;
use axum::{Router, ServiceExt};
use axum_server::Handle;
use hyper_util::rt::TokioTimer;
use socketioxide::SocketIo;
use tokio::task::JoinHandle;
use tower::Layer;
use tower_http::normalize_path::NormalizePathLayer;

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::http::Doorkeeper;
use crate::live::Live;
use crate::{chat, control, media};

/// What is still running after this, on being told to stop, is cut off.
const STOP_MAX: Duration = Duration::from_secs(7);
/// A disk that does not answer by then does not keep the process.
const CLOSE_MAX: Duration = Duration::from_millis(1_500);
/// A request's head must be here by then (RELIABILITY: slow senders).
const HEAD_MAX: Duration = Duration::from_secs(10);
const HEAD_MAX_BYTES: usize = 32 << 10;
const HEADERS_MAX: usize = 100;

/// A server that is about to answer.
pub struct Server {
    app: App,
    io: SocketIo,
    router: Router,
    control: JoinHandle<()>,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Opens the data folder and the port. Nothing is answered before [`Server::run`].
    ///
    /// # Errors
    /// With one line that says what to do: port taken, folder not writable or not ours, database not ours.
    pub async fn open(config: Config, clock: Clock) -> Result<Self> {
        let listener = listen(config.listen)?;
        let address = listener.local_addr()?;
        let (layer, io) = sockets::build();
        let (live, changed_rooms) = Live::new(io.clone());
        let app = App::open(config, clock, live).await?;
        media::clear_away(&app).await?;
        chat::open_chats(&io, &app);
        chat::open_rooms(&io, &app);
        tokio::spawn(chat::tell_changes(app.clone(), changed_rooms));
        let router = routes::router(&app, layer);
        let control = control::listen(app.clone())?;
        Ok(Self { app, io, router, control, listener, address })
    }

    /// The address that it answers on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Prints version, data folder, addresses, and on a fresh folder the set-up code.
    pub async fn greet(&self) {
        banner::print(&self.app, self.address).await;
    }

    /// Answers until `stop` resolves, then finishes what was accepted.
    ///
    /// # Errors
    /// When the database can no longer be written, or the port no longer be listened on.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<()> {
        let Self { app, io, router, control, listener, .. } = self;
        let door = Doorkeeper::new(routes::trusted(&app), app.config.no_rate_limits);
        let handle = Handle::new();
        let mut server = axum_server::from_tcp(listener)?.acceptor(door).handle(handle.clone());
        server
            .http_builder()
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_MAX)
            .max_buf_size(HEAD_MAX_BYTES)
            .max_headers(HEADERS_MAX);
        let jobs = jobs::start(&app);
        // `/api/v1/rooms/` is `/api/v1/rooms`; decided before a route is chosen.
        let service = NormalizePathLayer::trim_trailing_slash().layer(router);
        let service =
            ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
        let serving = tokio::spawn(server.serve(service));

        let outcome = tokio::select! {
            () = stop => Ok(()),
            () = app.db.died() => Err(anyhow::anyhow!("the database can no longer be written; see the log, check the disk, then start again")),
        };
        tracing::info!("stopping");
        handle.graceful_shutdown(Some(STOP_MAX));
        jobs.abort();
        control.abort();
        let finishing = async {
            // Whatever was accepted before this is written and answered before its socket is closed; the rest is refused.
            app.db.drain().await;
            app.answers.close();
            app.answers.wait().await;
            io.close().await;
            let _ = serving.await;
        };
        if tokio::time::timeout(STOP_MAX, finishing).await.is_err() {
            tracing::warn!("some connections did not end in time and were cut off");
        }
        let closing = tokio::task::spawn_blocking(move || app.db.close());
        if tokio::time::timeout(CLOSE_MAX, closing).await.is_err() {
            tracing::error!("the disk does not answer; what was not acknowledged may be lost");
        }
        outcome
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener> {
    let listener = match TcpListener::bind(address) {
        Ok(listener) => listener,
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!(
                "{address} is taken by another program; stop it, or choose another port with --listen"
            )
        }
        Err(error) => {
            return Err(error).with_context(|| {
                format!("cannot listen on {address}; choose another address with --listen")
            });
        }
    };
    listener.set_nonblocking(true)?;
    Ok(listener)
}
