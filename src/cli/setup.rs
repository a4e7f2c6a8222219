//! `bambitalk setup`: prints the set-up code, or makes the admin's account.

use anyhow::{Result, bail};
use clap::Args;

use super::user::NewPerson;
use crate::config::Config;
use crate::control::{Done, Order};

#[derive(Args)]
pub(super) struct Setup {
    #[command(flatten)]
    person: OptionalPerson,
}

/// Either nothing of it is given, or enough of it.
#[derive(Args)]
struct OptionalPerson {
    /// What to sign in with
    #[arg(long, value_name = "ID", requires = "nickname")]
    login_id: Option<String>,
    /// What to be called, 2 to 10 characters
    #[arg(long, requires = "login_id")]
    nickname: Option<String>,
    /// dad or mom
    #[arg(long, requires = "login_id", default_value = "mom", value_parser = ["dad", "mom"])]
    role: String,
    /// Ask for a password instead of making one up
    #[arg(long, requires = "login_id")]
    ask_password: bool,
    /// ko or en
    #[arg(long, requires = "login_id", value_parser = ["ko", "en"])]
    locale: Option<String>,
    /// Such as Asia/Seoul
    #[arg(long, requires = "login_id", value_name = "ZONE")]
    time_zone: Option<String>,
}

impl Setup {
    pub(super) fn run(self, config: Config) -> Result<()> {
        let person = self.person;
        let (Some(login_id), Some(nickname)) = (person.login_id, person.nickname) else {
            return show(config);
        };
        let (role, ask_password) = (person.role, person.ask_password);
        let person = NewPerson {
            login_id,
            nickname,
            role,
            ask_password,
            locale: person.locale,
            time_zone: person.time_zone,
        };
        person.add(config, Order::SetUp)
    }
}

fn show(config: Config) -> Result<()> {
    match super::order(config, Order::ShowSetupCode)? {
        Done::SetupCode(Some(code)) => println!("{code}"),
        _ => bail!(
            "the set-up is done; add people with bambitalk user add, or let them join by an invite code"
        ),
    }
    Ok(())
}
