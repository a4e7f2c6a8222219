//! Sessions: a signed-in device, its tokens, and how they end.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use moka::sync::Cache;
use ring::hmac;
use rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::login_link;
use super::member::{Member, Person, current_person};
use super::token::{self, Kind, TokenHash, secret_hash};
use crate::app::App;
use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};
use crate::db::{Db, Tx, setting};
use crate::error::{Error, Result};
use crate::ids::{SessionId, UserId};
use crate::live::Announcement;

const ACCESS_MS: i64 = HOUR_MS;
/// The mobile app cannot refresh.
const APP_ACCESS_MS: i64 = 30 * DAY_MS;
const REFRESH_MS: i64 = 90 * DAY_MS;
/// A repeated refresh within this time is a lost answer; later it is a stolen token.
const GRACE_MS: i64 = 30_000;
const SEEN_EVERY_MS: i64 = 10 * MINUTE_MS;
const DEVICE_CHARS_MAX: usize = 120;
/// Tokens remembered; the rest are looked up.
const REMEMBERED_MAX: u64 = 10_000;

/// What kind of program signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// The mobile app.
    App,
    /// The web app: its refresh token is a cookie.
    Web,
    /// Anything else.
    Other,
}

impl Client {
    fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Web => "web",
            Self::Other => "other",
        }
    }

    fn access_ms(self) -> i64 {
        match self {
            Self::App => APP_ACCESS_MS,
            Self::Web | Self::Other => ACCESS_MS,
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "app" => Self::App,
            "web" => Self::Web,
            _ => Self::Other,
        }
    }
}

/// A pair of tokens, in clear only here and on the wire.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Tokens {
    fn fresh() -> Result<Self> {
        Ok(Self { access: token::fresh(Kind::Access)?, refresh: token::fresh(Kind::Refresh)? })
    }
}

/// A device that just signed in or refreshed.
pub(crate) struct Signed {
    pub(crate) user: UserId,
    pub(crate) tokens: Tokens,
}

/// What is remembered of a live access token.
#[derive(Clone, Copy)]
pub(crate) struct Resumed {
    pub(crate) person: Person,
    pub(crate) expires_at: Millis,
    seen_at: Millis,
    /// Believed only as long as nothing ended since.
    epoch: u64,
}

/// Who is signed in, remembered; the database decides.
#[derive(Clone)]
pub(crate) struct Sessions {
    remembered: Cache<TokenHash, Resumed>,
    /// Makes a refresh token's successor.
    key: Arc<hmac::Key>,
    /// Told to end when the disk could not take it: dead for as long as this process runs.
    blocked: Arc<Mutex<HashSet<SessionId>>>,
}

impl Sessions {
    fn block(&self, session: SessionId) {
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner).insert(session);
    }

    fn is_blocked(&self, session: SessionId) -> bool {
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner).contains(&session)
    }

    /// Reads the server's key, or makes one in a fresh database.
    pub(crate) async fn open(db: &Db) -> anyhow::Result<Self> {
        let key = db.write(server_key).await?;
        let key = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &key));
        Ok(Self { remembered: Cache::new(REMEMBERED_MAX), key, blocked: Arc::default() })
    }

    /// The tokens of a session to be opened by a link. With the holder's client id they are the same when it is asked for
    /// again ([`reopen`]): who has the link alone cannot ask.
    pub(crate) fn tokens_by(&self, link: &str, client_id: Option<Uuid>) -> Result<Tokens> {
        let Some(client_id) = client_id else { return Tokens::fresh() };
        let seed = format!("{link} {client_id}");
        Ok(Tokens {
            access: token::successor(&self.key, Kind::Access, &seed),
            refresh: token::successor(&self.key, Kind::Refresh, &seed),
        })
    }

    /// A secret that is the same for the same seed, and that only this server can make.
    pub(crate) fn secret_of(&self, seed: &str) -> String {
        token::derived(&self.key, seed)
    }
}

/// The member behind an access token, or [`Error::SignedOut`] whatever is wrong with it.
pub(crate) async fn resume(app: &App, token: &str) -> Result<Resumed> {
    let hash = token::hash(Kind::Access, token).ok_or(Error::SignedOut)?;
    let (epoch, now) = (app.live.epoch(), app.clock.now());
    if let Some(known) = app.sessions.remembered.get(&hash)
        && known.epoch == epoch
        && now < known.expires_at
        && (0..SEEN_EVERY_MS).contains(&now.since(known.seen_at))
    {
        return Ok(known);
    }
    let found = app.db.read(move |db| token::select_access(db, &hash)).await?;
    let found = found.filter(|(session, _)| !app.sessions.is_blocked(*session));
    let Some((session, expires_at)) = found else { return Err(Error::SignedOut) };
    if now >= expires_at {
        // Deleted, so that a clock set back does not bring it to life again.
        app.db.write(move |tx| token::delete(tx, &hash)).await?;
        app.sessions.remembered.invalidate(&hash);
        return Err(Error::SignedOut);
    }
    let person = app.db.read(move |db| current_person(db, session)).await?;
    let resumed = Resumed { person, expires_at, seen_at: now, epoch };
    app.sessions.remembered.insert(hash, resumed);
    // Nobody waits for this: it is only shown in the list of devices.
    drop(app.db.write(move |tx| update_seen(tx, session)));
    Ok(resumed)
}

/// Opens a session for somebody who proved who they are.
pub(crate) fn open(tx: &Tx<'_>, user: UserId, client: Client, device: &str) -> Result<Signed> {
    open_with(tx, user, client, device, Tokens::fresh()?)
}

/// The same with tokens that were made for it.
pub(crate) fn open_with(
    tx: &Tx<'_>,
    user: UserId,
    client: Client,
    device: &str,
    tokens: Tokens,
) -> Result<Signed> {
    let device: String = device.chars().take(DEVICE_CHARS_MAX).collect();
    let sql = "
        insert into session (user_id, client, device, created_at, last_seen_at) values (?1, ?2, ?3, ?4, ?4)
        returning id";
    let session: SessionId = tx
        .prepare_cached(sql)?
        .query_row((user, client.name(), device, tx.now), |row| row.get(0))?;
    insert_tokens(tx, session, client, &tokens)?;
    Ok(Signed { user, tokens })
}

/// The session that was opened with these tokens: its answer was lost. It was not, and it is `over`, once they were renewed
/// or the first has run out.
pub(crate) fn reopen(
    db: &Connection,
    tokens: &Tokens,
    now: Millis,
    over: Error,
) -> Result<Option<Signed>> {
    let refresh = token::select_refresh(db, &secret_hash(&tokens.refresh))?;
    let Some(refresh) = refresh else { return Ok(None) };
    let access = token::select_access(db, &secret_hash(&tokens.access))?;
    if refresh.used_at.is_some() || access.is_none_or(|(_, expires_at)| now >= expires_at) {
        return Err(over);
    }
    let user = current_person(db, refresh.session)?.user;
    Ok(Some(Signed { user, tokens: tokens.clone() }))
}

/// Ends one of my own sessions; another's does not exist. Where the disk cannot take it, it is dead all the same until
/// the next start, and the caller hears that it is not for good.
pub(super) async fn end_now(app: &App, mine: SessionId, session: SessionId) -> Result<()> {
    let ended = app.db.write(move |tx| end_mine(tx, mine, session)).await;
    if let Err(Error::DiskFull) = ended {
        let me = app.db.read(move |db| current_person(db, mine)).await?;
        if app.db.read(move |db| select_live(db, me.user)).await?.contains(&session) {
            app.sessions.block(session);
            app.live.end_session(session, "signed-out");
        }
    }
    ended
}

/// A new pair for a refresh token. The same again within the grace time; later the whole session ends.
pub(crate) async fn refresh(app: &App, old: String) -> Result<Signed> {
    let hash = token::hash(Kind::Refresh, &old).ok_or(Error::SignedOut)?;
    let key = app.sessions.key.clone();
    let blocked = app.sessions.clone();
    app.db.write(move |tx| rotate(tx, &key, &blocked, &old, &hash)).await?
}

/// The inner error is one that ended the session: that must be committed, so the change itself did not fail.
fn rotate(
    tx: &Tx<'_>,
    key: &hmac::Key,
    sessions: &Sessions,
    old: &str,
    hash: &TokenHash,
) -> Result<Result<Signed>> {
    let Some(found) = token::select_refresh(tx, hash)? else { return Err(Error::SignedOut) };
    let person = current_person(tx, found.session)?;
    if sessions.is_blocked(found.session) {
        return Err(Error::SignedOut);
    }
    if tx.now >= found.expires_at {
        end(tx, found.session, "expired")?;
        return Ok(Err(Error::SessionExpired));
    }
    let tokens = Tokens {
        access: token::successor(key, Kind::Access, old),
        refresh: token::successor(key, Kind::Refresh, old),
    };
    match found.used_at {
        None => {
            token::update_used(tx, hash)?;
            token::delete_expired_access(tx, found.session)?;
            insert_tokens(tx, found.session, select_client(tx, found.session)?, &tokens)?;
        }
        Some(used_at) if (0..=GRACE_MS).contains(&tx.now.since(used_at)) => {}
        Some(_) => {
            tracing::warn!(session.id = %found.session, "a used refresh token came back: the session is ended");
            end(tx, found.session, "reused")?;
            return Ok(Err(Error::SignedOut));
        }
    }
    Ok(Ok(Signed { user: person.user, tokens }))
}

/// Ends one session: its tokens die, its sockets close.
pub(crate) fn end(tx: &Tx<'_>, session: SessionId, reason: &'static str) -> Result<()> {
    tx.prepare_cached("update session set ended_at = ?2 where id = ?1 and ended_at is null")?
        .execute((session, tx.now))?;
    token::delete_all(tx, session)?;
    login_link::delete_of_session(tx, session)?;
    tx.announce(Announcement::act(move |live| live.end_session(session, reason)));
    Ok(())
}

/// Ends all sessions of a user but the one to keep.
pub(crate) fn end_all(
    tx: &Tx<'_>,
    user: UserId,
    keep: Option<SessionId>,
    reason: &'static str,
) -> Result<()> {
    for session in select_live(tx, user)? {
        if Some(session) != keep {
            end(tx, session, reason)?;
        }
    }
    Ok(())
}

/// What was known of somebody's devices is forgotten; all of them are signed out.
pub(crate) fn forget_sessions(tx: &Tx<'_>, user: UserId) -> Result<()> {
    tx.prepare_cached("delete from session where user_id = ?1")?.execute([user])?;
    Ok(())
}

/// The devices that signed in as `from` are `to`'s from now on.
pub(crate) fn hand_over(tx: &Tx<'_>, from: UserId, to: UserId) -> Result<()> {
    tx.prepare_cached("update session set user_id = ?2 where user_id = ?1")?.execute((from, to))?;
    Ok(())
}

/// Ends the sessions that no token can open any more, a few in each commit, and forgets tokens that have run out. Looked
/// for on a reader, once.
pub(crate) async fn retire(app: &App, now: Millis) -> Result<()> {
    const AT_ONCE: usize = 100;
    let dead = app.db.read(move |db| select_dead(db, now)).await?;
    for some in dead.chunks(AT_ONCE) {
        let some = some.to_vec();
        app.db.write(move |tx| some.iter().try_for_each(|dead| end(tx, *dead, "expired"))).await?;
    }
    let forgetting = app.db.write(move |tx| {
        login_link::delete_expired(tx, now)?;
        token::delete_expired(tx, now)
    });
    forgetting.await
}

/// Dead they stay: no token is made but from one that lives.
fn select_dead(db: &Connection, now: Millis) -> Result<Vec<SessionId>> {
    let sql = "
        select id from session where ended_at is null
        and id in (select session_id from token where expires_at <= ?1)
        and not exists (select 1 from token where session_id = session.id and expires_at > ?1)";
    let mut query = db.prepare_cached(sql)?;
    let dead = query.query_map([now], |row| row.get(0))?;
    Ok(dead.collect::<rusqlite::Result<_>>()?)
}

/// A signed-in device, as its owner sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Device {
    session_id: SessionId,
    #[schema(examples("web"))]
    client: String,
    #[schema(examples("Mozilla/5.0"))]
    device: String,
    created_at: Millis,
    last_seen_at: Millis,
    is_current: bool,
}

/// My devices, the latest first.
pub(super) fn devices(db: &Connection, member: Member) -> Result<Vec<Device>> {
    let sql = "
        select id, client, device, created_at, last_seen_at from session
        where user_id = ?1 and ended_at is null order by last_seen_at desc, id desc";
    let mut query = db.prepare_cached(sql)?;
    let devices = query.query_map([member.user], |row| {
        let session_id = row.get(0)?;
        let is_current = session_id == member.session;
        Ok(Device {
            session_id,
            client: row.get(1)?,
            device: row.get(2)?,
            created_at: row.get(3)?,
            last_seen_at: row.get(4)?,
            is_current,
        })
    })?;
    Ok(devices.collect::<rusqlite::Result<_>>()?)
}

fn end_mine(tx: &Tx<'_>, mine: SessionId, session: SessionId) -> Result<()> {
    let me = current_person(tx, mine)?;
    match select_live(tx, me.user)?.contains(&session) {
        true => end(tx, session, "signed-out"),
        false => Err(Error::NoSuchPath),
    }
}

fn server_key(tx: &Tx<'_>) -> Result<Vec<u8>> {
    if let Some(key) = setting::select(tx, "server-key")? {
        return Ok(key);
    }
    let key = token::fresh_key()?;
    setting::put(tx, "server-key", &key)?;
    Ok(key)
}

fn insert_tokens(tx: &Tx<'_>, session: SessionId, client: Client, tokens: &Tokens) -> Result<()> {
    token::insert(tx, session, Kind::Access, &tokens.access, client.access_ms())?;
    token::insert(tx, session, Kind::Refresh, &tokens.refresh, REFRESH_MS)
}

fn select_client(db: &Connection, session: SessionId) -> Result<Client> {
    let sql = "select client from session where id = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([session], |row| Ok(Client::named(row.get_ref(0)?.as_str()?)))?)
}

fn select_live(db: &Connection, user: UserId) -> Result<Vec<SessionId>> {
    let mut query =
        db.prepare_cached("select id from session where user_id = ?1 and ended_at is null")?;
    let ids = query.query_map([user], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

fn update_seen(tx: &Tx<'_>, session: SessionId) -> Result<()> {
    tx.prepare_cached("update session set last_seen_at = max(last_seen_at, ?2) where id = ?1")?
        .execute((session, tx.now))?;
    Ok(())
}
