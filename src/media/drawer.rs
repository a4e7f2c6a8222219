//! The process that draws. A picture comes from outside, and a small one can make its decoder take any memory and any time.
//!
//! So each is drawn by a process of its own, of this same executable, which puts limits on itself before it reads a byte:
//! its death is a picture that cannot be drawn. Nothing of the server is in it but the picture: no settings, no
//! environment, no other file. It ends with the server's interest in it, and stands back behind everything else.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, anyhow};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, nice, setrlimit};
use tokio::process::{Child, Command};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::picture::{self, Drawn};
use crate::ids::MediaId;
use crate::storage::{Store, Variant};

/// What the executable is told to be this process.
const COMMAND: &str = "draw-thumbnail";
/// Addresses, the program's own included. A phone's 48 megapixels fit with a file of 30 MB; of a JPEG that comes in scans
/// 24 do.
const MEMORY_MAX_BYTES: u64 = 384 << 20;
/// Many times what the largest photo takes on a small machine.
const CPU_MAX_S: u64 = 60;
/// Behind everything else a picture may wait long for its turn.
const WAIT_MAX: Duration = Duration::from_secs(180);
const NICENESS: i32 = 10;
/// Said once its limits hold: what happens from then on is the picture's doing.
const BEGUN: u8 = b'b';
/// Sent by somebody else: a terminal or a service manager that ends the server, a kernel short of memory.
const FROM_OUTSIDE: [Signal; 5] =
    [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM, Signal::KILL];
/// Of what it says about a failure.
const SAID_MAX_CHARS: usize = 200;

/// Why there is no thumbnail.
pub(super) enum Failure {
    /// The picture cannot be drawn, now or ever.
    Picture(anyhow::Error),
    /// The disk or the machine had a problem, which may pass.
    Machine(anyhow::Error),
}

/// Has a picture drawn.
pub(super) async fn draw(
    store: &Store,
    id: MediaId,
    source: Variant,
) -> std::result::Result<Drawn, Failure> {
    let store = store.clone();
    let started =
        spawn_blocking(move || start(open(&store, id, source)?).map_err(Failure::Machine)).await;
    let child = started.map_err(machine)??;
    // Given up, it is killed.
    let ended = timeout(WAIT_MAX, child.wait_with_output()).await;
    heard(ended.map_err(machine)?.map_err(machine)?)
}

fn machine(error: impl Into<anyhow::Error>) -> Failure {
    Failure::Machine(error.into())
}

fn open(store: &Store, id: MediaId, source: Variant) -> std::result::Result<File, Failure> {
    store.open_file(id, source).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::Picture(error.into()),
        _ => machine(error),
    })
}

fn start(picture: File) -> anyhow::Result<Child> {
    let child = Command::new(executable()?)
        .arg0(env!("CARGO_PKG_NAME"))
        .arg(COMMAND)
        .env_clear()
        // Else the allocator has a gigabyte of addresses before there is a limit.
        .env("MIMALLOC_ARENA_RESERVE", "0")
        .stdin(picture)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    child.context("the process that draws did not start")
}

/// The program that runs, also when an update has replaced or removed its file.
fn executable() -> io::Result<std::path::PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// What the process answered: a byte that it has begun, the length of the hash, the hash, the JPEG.
fn heard(output: Output) -> std::result::Result<Drawn, Failure> {
    let said = String::from_utf8_lossy(&output.stderr);
    let said: String =
        said.lines().next().unwrap_or_default().chars().take(SAID_MAX_CHARS).collect();
    let failed = || anyhow!("{}: {said}", output.status);
    let Some((&BEGUN, answer)) = output.stdout.split_first() else {
        return Err(machine(failed().context("the process that draws did not begin")));
    };
    let drawn = output.status.success().then(|| {
        let (length, answer) = answer.split_first()?;
        let (hash, jpeg) = answer.split_at_checked(usize::from(*length))?;
        Some(Drawn { jpeg: jpeg.to_vec(), hash: hash.to_vec() })
    });
    drawn.flatten().ok_or_else(|| match was_ended(output.status) {
        true => machine(failed().context("the process that draws was ended")),
        false => Failure::Picture(failed()),
    })
}

/// Whether the process died of something that is not its picture's doing.
fn was_ended(status: ExitStatus) -> bool {
    FROM_OUTSIDE.iter().any(|signal| status.signal() == Some(signal.as_raw()))
}

/// Whether this process was started to draw.
pub(crate) fn is_drawer(command: Option<&OsStr>) -> bool {
    command.is_some_and(|command| command == COMMAND)
}

/// Draws the picture on standard input.
///
/// # Errors
/// When the picture cannot be drawn within the limits, which may also end the process.
pub(crate) fn draw_stdin() -> anyhow::Result<()> {
    limit_all()?;
    let mut answer = io::stdout().lock();
    answer.write_all(&[BEGUN])?;
    answer.flush()?;
    let picture = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let Drawn { jpeg, hash } = picture::draw(picture)?;
    answer.write_all(&[u8::try_from(hash.len())?])?;
    answer.write_all(&hash)?;
    answer.write_all(&jpeg)?;
    Ok(answer.flush()?)
}

fn limit_all() -> io::Result<()> {
    // Best effort: where it is not allowed, it draws at the common priority.
    let _ = nice(NICENESS);
    // Where memory runs out all the same, this process goes and not the server.
    #[cfg(target_os = "linux")]
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    limit(Resource::Core, 0, 0)?;
    // At the harder one the signal is one that anybody may send; the softer one's says what it is for.
    limit(Resource::Cpu, CPU_MAX_S, CPU_MAX_S + 1)?;
    // Some systems know no such limit; the bound on pixels holds there, too.
    #[cfg(not(any(target_vendor = "apple", target_os = "openbsd")))]
    limit(Resource::As, MEMORY_MAX_BYTES, MEMORY_MAX_BYTES)?;
    Ok(())
}

fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let maximum = getrlimit(resource).maximum.map_or(hard, |maximum| maximum.min(hard));
    let current = Some(soft.min(maximum));
    Ok(setrlimit(resource, Rlimit { current, maximum: Some(maximum) })?)
}
