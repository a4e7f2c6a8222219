//! The command line's end: asks the running server, or does it itself where none runs.

use anyhow::{Context, Result, anyhow, bail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::{Done, Order, SOCKET, run};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::live::Live;

/// Has an order carried out on the configured data folder.
pub(crate) async fn ask(config: Config, order: Order) -> Result<Done> {
    let outcome = match UnixStream::connect(config.data_dir.join(SOCKET)).await {
        Ok(server) => ask_server(server, &order).await?,
        // Nobody answers: no server runs, and the folder is ours for the moment.
        Err(_) => {
            let database = config.data_dir.join("bambitalk.db");
            if !order.makes_accounts() && !database.exists() {
                bail!("there is no {}; look at --data-dir", database.display());
            }
            let app = App::open(config, Clock::system(), Live::deaf()).await?;
            let outcome = run(&app, order).await;
            tokio::task::spawn_blocking(move || app.db.close()).await?;
            outcome
        }
    };
    outcome.map_err(|refusal| anyhow!(refusal))
}

async fn ask_server(
    mut stream: UnixStream,
    order: &Order,
) -> Result<std::result::Result<Done, String>> {
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
