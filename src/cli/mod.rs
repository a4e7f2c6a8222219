//! The command line: parse, run one command, print one error.

mod serve;
mod setup;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::config::{Config, Settings};
use crate::control::{self, Done, Order};
use crate::media;

/// A private home for a couple and their child, on a box they own.
#[derive(Parser)]
#[command(name = "bambitalk", version, about, args_conflicts_with_subcommands = false)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// A settings file [default: bambitalk/bambitalk.toml in the platform's folder for settings]
    #[arg(long, global = true, env = "BAMBITALK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server (this is also what happens without a command)
    Serve,
    /// Print the set-up code, or with flags make the admin's account
    Setup(setup::Setup),
    /// Add, list, help or remove people
    #[command(subcommand)]
    User(user::User),
    /// Print a one-time invitation for a server with --registration invite
    Invite,
    /// Ask the running server whether it is well: exit code 0 or 1
    Healthcheck,
    /// Print the settings in force
    Config,
}

/// Wrong use, as opposed to failure.
const WRONG_USE: u8 = 2;

/// Runs what was typed.
pub fn main() -> ExitCode {
    // Started by the server, and told nothing else.
    if media::is_drawer(std::env::args_os().nth(1).as_deref()) {
        return ended(media::draw_stdin());
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    let config = match Settings::from_file(cli.config.as_deref())
        .and_then(|file| cli.settings.or(file).checked())
    {
        Ok(config) => config,
        Err(error) => return fail(&error, WRONG_USE),
    };
    ended(run(cli.command.unwrap_or(Command::Serve), config))
}

fn ended(outcome: Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, 1),
    }
}

fn run(command: Command, config: Config) -> Result<()> {
    // Whatever is written is for its owner alone.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    match command {
        Command::Serve => serve::run(config),
        Command::Setup(setup) => setup.run(config),
        Command::User(user) => user.run(config),
        Command::Invite => invite(config),
        Command::Healthcheck => serve::healthcheck(&config),
        Command::Config => {
            print!("{config}");
            Ok(())
        }
    }
}

fn invite(config: Config) -> Result<()> {
    let is_used = config.registration == crate::config::Registration::Invite;
    if let Done::Invitation { invitation, expires_at } = order(config, Order::Invite)? {
        println!("{invitation}");
        eprintln!("Good for one account, until {expires_at}.");
        if !is_used {
            eprintln!("It works only on a server with --registration invite.");
        }
    }
    Ok(())
}

/// Has an order carried out, by the running server or in its place.
fn order(config: Config, order: Order) -> Result<Done> {
    serve::log_to_stderr("warn");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(control::ask(config, order))
}

/// Help and version as they are; anything else as one line.
fn explain(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        let _ = error.print();
        return if error.use_stderr() { ExitCode::from(WRONG_USE) } else { ExitCode::SUCCESS };
    }
    let text = error.render().to_string();
    let said = text.split("\n\nUsage:").next().unwrap_or_default();
    let said: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("For more information"))
        .collect();
    eprintln!("{} (see bambitalk --help)", said.join(" "));
    ExitCode::from(WRONG_USE)
}

fn fail(error: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(code)
}
