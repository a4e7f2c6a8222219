//! What the command line can have done: by a running server over `control.sock`, or in its place when none runs.

mod client;
mod server;

use serde::{Deserialize, Serialize};

pub(crate) use client::ask;
pub(crate) use server::listen;

use crate::accounts::{end_all, fresh_secret, user};
use crate::app::App;
use crate::couples::withdraw;
use crate::db::Tx;
use crate::error::{Error, Language, Result};
use crate::http::Fields;
use crate::ids::UserId;
use crate::registration::http::Applicant;
use crate::registration::{account, issue_invitation};

/// The socket's name in the data folder.
const SOCKET: &str = "control.sock";
/// A temporary password's length; base64 letters of a random secret.
const TEMPORARY_CHARS: usize = 16;

/// A person as typed on the command line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    pub(crate) login_id: String,
    /// Made up when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<String>,
    pub(crate) nickname: String,
    pub(crate) role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_zone: Option<String>,
}

/// One request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    ShowSetupCode,
    SetUp(Person),
    AddUser(Person),
    ListUsers,
    ResetPassword { login_id: String },
    RemoveUser { login_id: String },
    MakeAdmin { login_id: String },
    Invite,
}

impl Order {
    /// Whether it makes sense on a folder that is still to be made.
    fn makes_accounts(&self) -> bool {
        matches!(self, Self::ShowSetupCode | Self::SetUp(_) | Self::AddUser(_))
    }
}

/// What was done.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Done {
    SetupCode(Option<String>),
    Added { login_id: String, password: Option<String> },
    Users(Vec<UserLine>),
    Password(String),
    Removed { nickname: String },
    MadeAdmin { nickname: String },
    Invitation { invitation: String, expires_at: String },
}

/// A person in the list.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserLine {
    pub(crate) id: i64,
    pub(crate) login: String,
    pub(crate) nickname: String,
    pub(crate) role: String,
    pub(crate) couple: i64,
    pub(crate) is_admin: bool,
}

/// Carries an order out; a refusal is one sentence for the terminal.
pub(crate) async fn run(app: &App, order: Order) -> std::result::Result<Done, String> {
    carry_out(app, order).await.map_err(|error| {
        error.log();
        error.entry().text(Language::English).trim_end_matches('.').to_owned()
    })
}

async fn carry_out(app: &App, order: Order) -> Result<Done> {
    match order {
        Order::ShowSetupCode => Ok(Done::SetupCode(app.setup_code.show())),
        Order::SetUp(person) => add(app, person, true).await,
        Order::AddUser(person) => add(app, person, false).await,
        Order::ListUsers => Ok(Done::Users(app.db.read(list).await?)),
        Order::ResetPassword { login_id } => reset_password(app, login_id).await,
        Order::RemoveUser { login_id } => {
            let acting = app.clone();
            let nickname = app.db.write(move |tx| remove(tx, &acting, &login_id)).await?;
            Ok(Done::Removed { nickname })
        }
        Order::MakeAdmin { login_id } => {
            let nickname = app.db.write(move |tx| make_admin(tx, &login_id)).await?;
            Ok(Done::MadeAdmin { nickname })
        }
        Order::Invite => {
            let (invitation, expires_at) = app.db.write(issue_invitation).await?;
            Ok(Done::Invitation { invitation, expires_at: expires_at.iso() })
        }
    }
}

async fn add(app: &App, mut person: Person, is_admin: bool) -> Result<Done> {
    if is_admin && app.setup_code.show().is_none() {
        return Err(Error::AlreadySetUp);
    }
    let made_up = if person.password.is_none() { Some(temporary_password()?) } else { None };
    person.password = person.password.or_else(|| made_up.clone());
    let fields = serde_json::to_value(&person).map_err(|error| Error::Internal(error.into()))?;
    let (new, time_zone) = Applicant::of(&Fields::of(fields)?)?.hashed(app, is_admin).await?;
    let made = app.db.write(move |tx| match is_admin {
        true => account::create_admin(tx, &new, &time_zone),
        false => Ok(account::create(tx, &new, &time_zone)?.user),
    });
    made.await?;
    if is_admin {
        app.setup_code.burn();
    }
    Ok(Done::Added { login_id: person.login_id.trim().to_lowercase(), password: made_up })
}

fn temporary_password() -> Result<String> {
    Ok(fresh_secret()?.chars().take(TEMPORARY_CHARS).collect())
}

async fn reset_password(app: &App, login_id: String) -> Result<Done> {
    let password = temporary_password()?;
    let hash = app.passwords.hash(password.clone()).await?;
    let reset = app.db.write(move |tx| {
        let (user, _) =
            user::select_credentials(tx, &login_id.to_lowercase())?.ok_or(Error::NoSuchUser)?;
        user::update_password(tx, user, &hash)?;
        end_all(tx, user, None, "password-reset")
    });
    reset.await?;
    Ok(Done::Password(password))
}

/// The person can never sign in again; the partner keeps everything and is a couple of one. Answers what they were called.
fn remove(tx: &Tx<'_>, app: &App, login: &str) -> Result<String> {
    let (user, nickname) = select_by_login(tx, login)?;
    withdraw(tx, app, user, "removed")?;
    Ok(nickname)
}

/// One more person who looks after the server. Answers what they are called.
fn make_admin(tx: &Tx<'_>, login: &str) -> Result<String> {
    let (user, nickname) = select_by_login(tx, login)?;
    user::update_admin(tx, user)?;
    Ok(nickname)
}

/// Somebody as they are found by login id, or by `#number` for those who have none.
fn select_by_login(db: &rusqlite::Connection, login: &str) -> Result<(UserId, String)> {
    let sql = "
        select id, nickname from user where withdrawn_at is null and (login_id = ?1 or '#' || id = ?1)";
    let found = db
        .prepare_cached(sql)?
        .query_row([login.to_lowercase()], |row| Ok((row.get(0)?, row.get(1)?)));
    found.map_err(|error| match error {
        rusqlite::Error::QueryReturnedNoRows => Error::NoSuchUser,
        error => error.into(),
    })
}

fn list(db: &rusqlite::Connection) -> Result<Vec<UserLine>> {
    let sql = "
        select id, coalesce(login_id, '#' || id), nickname, role, couple_id, is_admin from user
        where withdrawn_at is null order by id";
    let mut query = db.prepare_cached(sql)?;
    let users = query.query_map([], |row| {
        let (id, login, nickname, role) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(UserLine { id, login, nickname, role, couple: row.get(4)?, is_admin: row.get(5)? })
    })?;
    Ok(users.collect::<rusqlite::Result<_>>()?)
}
