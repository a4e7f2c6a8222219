//! `bambitalk serve` and `bambitalk healthcheck`.

use std::io::IsTerminal;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::clock::Clock;
use crate::config::Config;
use crate::serve::Server;

/// Threads for what may block: database reads, files, password hashing.
const BLOCKING_THREADS_MAX: usize = 12;
const HEALTH_MAX: Duration = Duration::from_secs(5);

/// Runs the server until it is told to stop.
pub(super) fn run(config: Config) -> Result<()> {
    log_to_stderr(&config.log);
    prepare_process();
    #[cfg(feature = "failpoints")]
    let _scenario = fail::FailScenario::setup();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build()?;
    let outcome = runtime.block_on(async {
        let stop = stop_signal()?;
        let server = Server::open(config, Clock::system()).await?;
        server.greet().await;
        server.run(stop).await
    });
    // Nothing that still hangs on a disk keeps the process.
    runtime.shutdown_background();
    outcome
}

/// Memory in small pages, and as many files as the system allows.
fn prepare_process() {
    // Huge pages multiply what an idle server holds.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    let mut files = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    files.current = files.maximum;
    let _ = rustix::process::setrlimit(rustix::process::Resource::Nofile, files);
}

/// Resolves on SIGTERM and Ctrl-C.
fn stop_signal() -> Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Talk goes to standard error, in colour only where somebody looks at it.
pub(super) fn log_to_stderr(levels: &str) {
    let levels: Targets = levels.parse().unwrap_or_default();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let _ = tracing_subscriber::registry().with(levels).with(lines).try_init();
}

/// Asks the server on the configured address.
pub(super) fn healthcheck(config: &Config) -> Result<()> {
    let ip = match config.listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
    };
    let url = format!("http://{}/healthz", SocketAddr::new(ip, config.listen.port()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (status, body) = runtime.block_on(async {
        let client = reqwest::Client::builder().timeout(HEALTH_MAX).no_proxy().build()?;
        let answer = client
            .get(&url)
            .send()
            .await
            .map_err(|_| anyhow::anyhow!("no server answers at {url}"))?;
        anyhow::Ok((answer.status(), answer.text().await?))
    })?;
    println!("{body}");
    if !status.is_success() {
        bail!("the server at {url} is not well");
    }
    Ok(())
}
