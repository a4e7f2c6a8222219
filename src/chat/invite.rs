//! Links that bring somebody into a group: as a guest, or as who they are already.
//!
//! A link is a secret of which only the hash is kept; it has an end and a number of uses. It dies with its room, with the
//! seat of whoever made it, and when somebody who looks after the room revokes it.

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::group::{announce_invited, looked_after, seat_all};
use super::member;
use super::summary::{self, Summary};
use super::system::{System, say};
use crate::accounts::{current_person, fresh_secret, secret_hash};
use crate::app::App;
use crate::clock::{DAY_MS, Millis};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::http::{Fields, qr_svg};
use crate::ids::{RoomId, SessionId, UserId, number};
use crate::storage::Links;

const PREFIX: &str = "btg_";
const DAYS: std::ops::RangeInclusive<i64> = 1..=30;
const DAYS_DEFAULT: i64 = 7;
const USES: std::ops::RangeInclusive<i64> = 1..=50;
/// Links of one room that live at once.
const LIVE_MAX: i64 = 20;

/// What a link is to allow.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    days: i64,
    uses: i64,
    client_id: Option<Uuid>,
}

impl Terms {
    pub(super) fn of(fields: &Fields) -> Result<Self> {
        let days = fields.number("days")?.unwrap_or(DAYS_DEFAULT);
        let uses = fields.number("uses")?.unwrap_or(*USES.start());
        if DAYS.contains(&days) && USES.contains(&uses) {
            Ok(Self { days, uses, client_id: fields.client_id()? })
        } else {
            Err(Error::Invalid)
        }
    }
}

/// A link that lives, as who looks after the room sees it; the secret itself is shown once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoomInvite {
    invite_id: i64,
    inviter_id: UserId,
    uses_left: i64,
    created_at: Millis,
    expired_at: Millis,
}

/// A link that was just made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewRoomInvite {
    #[serde(flatten)]
    invite: RoomInvite,
    #[schema(examples("btg_Yq8…"))]
    token: String,
    /// Opens the web app at the room's door.
    #[schema(examples("https://home.example/guest/btg_Yq8…"))]
    invite_url: String,
    #[schema(examples("<svg …>"))]
    qr_svg: String,
}

/// What somebody who holds a link may know before they come in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Door {
    #[schema(examples("우리 가족"))]
    title: String,
    /// Who invites.
    #[schema(examples("안나"))]
    nickname: String,
    expired_at: Millis,
}

/// Makes a link into a group; made again with the same client id it is the first one, while that lives.
pub(super) async fn issue(
    app: &App,
    actor: SessionId,
    room: RoomId,
    terms: Terms,
    origin: &str,
) -> Result<NewRoomInvite> {
    let sessions = app.sessions.clone();
    let issued = app.db.write(move |tx| {
        let (seat, _) = looked_after(tx, actor, room)?;
        // No table holds the client id itself, nor anything else that the link could be made of again.
        let secret_at = |made: Millis, client_id: Uuid| {
            sessions.secret_of(&format!("{PREFIX}{room} {} {client_id} {}", seat.user, made.0))
        };
        let known = terms.client_id.map(|id| (id, secret_hash(&id.to_string())));
        if let Some((client_id, client_hash)) = &known
            && let Some(invite) = select_by_client(tx, room, seat.user, client_hash)?
        {
            let secret = secret_at(invite.created_at, *client_id);
            return Ok((invite, format!("{PREFIX}{secret}")));
        }
        if count_live(tx, room)? >= LIVE_MAX {
            return Err(Error::TooManyInvites);
        }
        let secret = match &known {
            Some((client_id, _)) => secret_at(tx.now, *client_id),
            None => fresh_secret()?,
        };
        let token = format!("{PREFIX}{secret}");
        let client_hash = known.map(|(_, hash)| hash);
        let invite = insert(tx, room, seat.user, &secret_hash(&token), client_hash, terms)?;
        Ok((invite, token))
    });
    let (invite, token) = issued.await?;
    let invite_url = format!("{origin}/guest/{token}");
    Ok(NewRoomInvite { invite, qr_svg: qr_svg(&invite_url)?, invite_url, token })
}

/// The room's links that live.
pub(super) async fn list(app: &App, actor: SessionId, room: RoomId) -> Result<Vec<RoomInvite>> {
    let now = app.clock.now();
    let live = app.db.read(move |db| {
        looked_after(db, actor, room)?;
        select_live(db, room, now)
    });
    live.await
}

/// Ends a link, by its number or by itself. A link of a room that is not theirs to look after does not exist.
pub(super) async fn revoke(app: &App, actor: SessionId, link: String) -> Result<()> {
    let revoked = app.db.write(move |tx| {
        current_person(tx, actor)?;
        let found = match number(&link) {
            Some(id) => select_room(tx, id)?.map(|room| (id, room)),
            None => select_by_token(tx, &link)?.map(|found| (found.id, found.room)),
        };
        let (id, room) = found.ok_or(Error::BadInvite)?;
        looked_after(tx, actor, room).map_err(|error| match error {
            Error::NotYours | Error::NoSuchRoom => Error::BadInvite,
            error => error,
        })?;
        delete(tx, id)
    });
    revoked.await
}

/// Who invites into what. Anybody who holds the link may ask.
pub(super) async fn preview(app: &App, token: String) -> Result<Door> {
    let now = app.clock.now();
    let door = app.db.read(move |db| {
        let found = select_by_token(db, &token)?;
        let found = found.filter(|found| now < found.expires_at).ok_or(Error::BadInvite)?;
        let sql = "
            select room.title, user.nickname from room join user on user.id = ?2
            where room.id = ?1 and room.archived_at is null";
        let read = |row: &Row<'_>| {
            Ok(Door { title: row.get(0)?, nickname: row.get(1)?, expired_at: found.expires_at })
        };
        let mut query = db.prepare_cached(sql)?;
        query.query_row((found.room, found.inviter), read).optional()?.ok_or(Error::BadInvite)
    });
    door.await
}

/// Somebody who is signed in comes in by a link; who is in already uses nothing of it up.
pub(super) async fn take(app: &App, taker: SessionId, token: String) -> Result<Summary> {
    let links = app.links.clone();
    let taken = app.db.write(move |tx| {
        let user = current_person(tx, taker)?.user;
        let room = come_in(tx, &links, user, &token)?;
        summary::one(tx, &links, room, user)
    });
    let mut summary = taken.await?;
    summary.present = app.live.present(summary.room_id);
    Ok(summary)
}

/// Brings a person in by a link; answers where they are.
pub(crate) fn come_in(tx: &Tx<'_>, links: &Links, user: UserId, token: &str) -> Result<RoomId> {
    let found = select_by_token(tx, token)?;
    let found = found.filter(|found| tx.now < found.expires_at).ok_or(Error::BadInvite)?;
    let room = found.room;
    if member::one(tx, room, user)?.is_some() {
        return Ok(room);
    }
    use_up(tx, &found)?;
    let next = seat_all(tx, room, user, &[user])?;
    let message = say(tx, room, next, user, &System::came())?;
    announce_invited(tx, links, room, found.inviter, &[user], &message)?;
    Ok(room)
}

/// A live link as it is found by its secret.
struct Found {
    id: i64,
    room: RoomId,
    inviter: UserId,
    expires_at: Millis,
    uses_left: i64,
}

fn select_by_token(db: &Connection, token: &str) -> Result<Option<Found>> {
    // Who looks after a room may have changed since.
    let sql = "
        select room_invite.id, room_id, inviter_id, expires_at, uses_left
        from room_invite join room on room.id = room_id join user on user.id = inviter_id
        where hash = ?1 and room.couple_id = user.couple_id";
    let read = |row: &Row<'_>| {
        Ok(Found {
            id: row.get(0)?,
            room: row.get(1)?,
            inviter: row.get(2)?,
            expires_at: row.get(3)?,
            uses_left: row.get(4)?,
        })
    };
    Ok(db.prepare_cached(sql)?.query_row([secret_hash(token)], read).optional()?)
}

fn select_room(db: &Connection, id: i64) -> Result<Option<RoomId>> {
    let sql = "select room_id from room_invite where id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?)
}

/// The links of a room (`?1`) that open something now (`?2`): whose maker is still of the couple that looks after it.
const LIVE: &str = "
    where room_id = ?1 and expires_at > ?2
        and (select couple_id from user where id = inviter_id) = (select couple_id from room where id = ?1)";

fn select_live(db: &Connection, room: RoomId, now: Millis) -> Result<Vec<RoomInvite>> {
    let sql = format!(
        "select id, inviter_id, uses_left, created_at, expires_at from room_invite {LIVE} order by id"
    );
    let mut query = db.prepare_cached(&sql)?;
    let invites = query.query_map((room, now), from_row)?;
    Ok(invites.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<RoomInvite> {
    Ok(RoomInvite {
        invite_id: row.get(0)?,
        inviter_id: row.get(1)?,
        uses_left: row.get(2)?,
        created_at: row.get(3)?,
        expired_at: row.get(4)?,
    })
}

fn count_live(tx: &Tx<'_>, room: RoomId) -> Result<i64> {
    let sql = format!("select count(*) from room_invite {LIVE}");
    Ok(tx.prepare_cached(&sql)?.query_row((room, tx.now), |row| row.get(0))?)
}

/// The link that this person made into the room with the same client id, as long as it lives.
fn select_by_client(
    tx: &Tx<'_>,
    room: RoomId,
    inviter: UserId,
    client_hash: &[u8; 32],
) -> Result<Option<RoomInvite>> {
    let sql = "
        select id, inviter_id, uses_left, created_at, expires_at from room_invite
        where room_id = ?1 and inviter_id = ?2 and client_hash = ?3";
    Ok(tx.prepare_cached(sql)?.query_row((room, inviter, client_hash), from_row).optional()?)
}

fn insert(
    tx: &Tx<'_>,
    room: RoomId,
    inviter: UserId,
    hash: &[u8; 32],
    client_hash: Option<[u8; 32]>,
    terms: Terms,
) -> Result<RoomInvite> {
    let sql = "
        insert into room_invite (room_id, inviter_id, hash, created_at, expires_at, uses_left, client_hash)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7) returning id, inviter_id, uses_left, created_at, expires_at";
    let expires_at = tx.now.plus(terms.days * DAY_MS);
    let row = (room, inviter, hash, tx.now, expires_at, terms.uses, client_hash);
    Ok(tx.prepare_cached(sql)?.query_row(row, from_row)?)
}

fn use_up(tx: &Tx<'_>, found: &Found) -> Result<()> {
    if found.uses_left == 1 {
        return delete(tx, found.id);
    }
    tx.prepare_cached("update room_invite set uses_left = uses_left - 1 where id = ?1")?
        .execute([found.id])?;
    Ok(())
}

fn delete(tx: &Tx<'_>, id: i64) -> Result<()> {
    tx.prepare_cached("delete from room_invite where id = ?1")?.execute([id])?;
    Ok(())
}

/// The links that somebody made into a room die with their seat in it.
pub(super) fn delete_of(tx: &Tx<'_>, room: RoomId, inviter: UserId) -> Result<()> {
    tx.prepare_cached("delete from room_invite where room_id = ?1 and inviter_id = ?2")?
        .execute((room, inviter))?;
    Ok(())
}

/// Forgets links that have had their time.
pub(crate) async fn delete_expired_invites(app: &App, now: Millis) -> Result<()> {
    let forgetting = app.db.write(move |tx| {
        tx.prepare_cached("delete from room_invite where expires_at <= ?1")?.execute([now])?;
        Ok(())
    });
    forgetting.await
}

/// Nobody comes into a room any more.
pub(super) fn delete_of_room(tx: &Tx<'_>, room: RoomId) -> Result<()> {
    tx.prepare_cached("delete from room_invite where room_id = ?1")?.execute([room])?;
    Ok(())
}
