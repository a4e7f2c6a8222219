//! The command line's end: asks the running server, or does it itself where none runs.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::{Done, Order, SOCKET, run};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Folder;
use crate::live::Live;

/// Has an order carried out on the configured data folder.
pub(crate) async fn ask(config: Config, order: Order) -> Result<Done> {
    let outcome = if Folder::is_taken(&config.data_dir) {
        ask_server(&config.data_dir.join(SOCKET), &order).await?
    } else {
        let app = App::open(config, Clock::system(), Live::deaf()).await?;
        let outcome = run(&app, order).await;
        tokio::task::spawn_blocking(move || app.db.close()).await?;
        outcome
    };
    outcome.map_err(|refusal| anyhow!(refusal))
}

async fn ask_server(path: &Path, order: &Order) -> Result<std::result::Result<Done, String>> {
    let stream = UnixStream::connect(path).await;
    let mut stream = stream.with_context(|| {
        format!("a server runs on this folder but does not answer at {}", path.display())
    })?;
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    let mut answer = String::new();
    BufReader::new(&mut stream).read_line(&mut answer).await?;
    if answer.is_empty() {
        bail!(
            "the running server stopped before it answered; look whether it was done, then try again"
        );
    }
    serde_json::from_str(&answer).context("the running server is of another version; restart it")
}
