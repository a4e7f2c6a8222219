//! `bambitalk user`: add, list, reset a password, remove.

use std::io::IsTerminal;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use crate::config::Config;
use crate::control::{Done, Order, Person};

#[derive(Subcommand)]
pub(super) enum User {
    /// Add a person, whatever the registration mode
    Add(NewPerson),
    /// List everybody
    List,
    /// Give a person a new password and end their sessions
    ResetPassword {
        /// Login id
        login_id: String,
    },
    /// Let a person look after the server, too
    MakeAdmin {
        /// Login id, or #number as the list shows it
        login_id: String,
    },
    /// Remove a person for good; what they wrote stays with their partner
    Remove {
        /// Login id, or #number as the list shows it
        login_id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Args)]
pub(super) struct NewPerson {
    /// What to sign in with
    #[arg(long, value_name = "ID")]
    pub(super) login_id: String,
    /// What to be called, 2 to 10 characters
    #[arg(long)]
    pub(super) nickname: String,
    /// dad or mom
    #[arg(long, default_value = "mom", value_parser = ["dad", "mom"])]
    pub(super) role: String,
    /// Ask for a password instead of making one up
    #[arg(long)]
    pub(super) ask_password: bool,
    /// ko or en
    #[arg(long, value_parser = ["ko", "en"])]
    pub(super) locale: Option<String>,
    /// Such as Asia/Seoul
    #[arg(long, value_name = "ZONE")]
    pub(super) time_zone: Option<String>,
}

impl NewPerson {
    /// Adds the person by this order and prints a made-up password.
    pub(super) fn add(self, config: Config, order: fn(Person) -> Order) -> Result<()> {
        let password = if self.ask_password { Some(ask_password()?) } else { None };
        let (login_id, nickname, role) = (self.login_id, self.nickname, self.role.to_uppercase());
        let person = Person {
            login_id,
            password,
            nickname,
            role,
            locale: self.locale,
            time_zone: self.time_zone,
        };
        if let Done::Added { login_id, password } = super::order(config, order(person))? {
            eprintln!("Added {login_id}.");
            if let Some(password) = password {
                eprintln!("The password, to be changed after signing in:");
                println!("{password}");
            }
        }
        Ok(())
    }
}

/// Typed twice on a terminal; one line of standard input otherwise.
fn ask_password() -> Result<String> {
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let password = rpassword::prompt_password("Password: ")?;
    if rpassword::prompt_password("Once more: ")? != password {
        bail!("the two are not the same; nothing was changed");
    }
    Ok(password)
}

impl User {
    pub(super) fn run(self, config: Config) -> Result<()> {
        match self {
            Self::Add(person) => person.add(config, Order::AddUser),
            Self::List => list(config),
            Self::ResetPassword { login_id } => reset_password(config, login_id),
            Self::MakeAdmin { login_id } => make_admin(config, login_id),
            Self::Remove { login_id, yes } => remove(config, login_id, yes),
        }
    }
}

fn list(config: Config) -> Result<()> {
    if let Done::Users(users) = super::order(config, Order::ListUsers)? {
        if users.is_empty() {
            eprintln!("Nobody yet. The set-up code makes the first account: bambitalk setup");
        }
        for user in users {
            let note = if user.is_admin { "  admin" } else { "" };
            println!(
                "{:<24}  {:<4}  couple {:<4}  {}{note}",
                user.login, user.role, user.couple, user.nickname
            );
        }
    }
    Ok(())
}

fn reset_password(config: Config, login_id: String) -> Result<()> {
    if let Done::Password(password) = super::order(config, Order::ResetPassword { login_id })? {
        eprintln!(
            "All sessions of this person are ended. The new password, to be changed after signing in:"
        );
        println!("{password}");
    }
    Ok(())
}

fn make_admin(config: Config, login_id: String) -> Result<()> {
    if let Done::MadeAdmin { nickname } = super::order(config, Order::MakeAdmin { login_id })? {
        eprintln!("{nickname} is an admin now.");
    }
    Ok(())
}

fn remove(config: Config, login_id: String, is_sure: bool) -> Result<()> {
    if !is_sure && !confirm(&login_id)? {
        bail!("nothing was removed; add --yes if that is what you want");
    }
    if let Done::Removed { nickname } = super::order(config, Order::RemoveUser { login_id })? {
        eprintln!("Removed {nickname}. What they wrote stays with their partner.");
    }
    Ok(())
}

fn confirm(login_id: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("Remove {login_id} for good? They can never sign in again. Type yes: ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
