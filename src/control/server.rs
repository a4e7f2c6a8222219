//! The server's end of `control.sock`: one order and one answer a connection, a JSON line each.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use super::{Done, SOCKET, run};
use crate::app::App;

const ORDER_MAX_BYTES: u64 = 64 << 10;

/// Opens the socket; only who may write to the data folder can use it. It serves until the returned task is ended.
pub(crate) fn listen(app: App) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let path = app.folder.path().join(SOCKET);
    // The folder is ours alone, so a socket that is there was left by a process that has died.
    remove(&path)?;
    let listener = UnixListener::bind(&path).with_context(|| {
        format!(
            "cannot open {}; a shorter --data-dir on a disk of this machine helps",
            path.display()
        )
    })?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(serve(app.clone(), stream))),
                Err(error) => {
                    tracing::warn!("control socket: {error}");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            }
        }
    }))
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

async fn serve(app: App, stream: UnixStream) {
    if let Err(error) = answer(&app, stream).await {
        tracing::debug!("control: {error:#}");
    }
}

async fn answer(app: &App, mut stream: UnixStream) -> anyhow::Result<()> {
    let mut line = String::new();
    BufReader::new((&mut stream).take(ORDER_MAX_BYTES)).read_line(&mut line).await?;
    let outcome: Result<Done, String> = match serde_json::from_str(&line) {
        Ok(order) => run(app, order).await,
        Err(_) => Err("the running server is of another version; restart it".to_owned()),
    };
    let mut answer = serde_json::to_vec(&outcome)?;
    answer.push(b'\n');
    stream.write_all(&answer).await?;
    Ok(())
}
