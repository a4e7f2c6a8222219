//! A person: what they are called, how they sign in, which couple they belong to.

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use utoipa::ToSchema;

use super::login_link::{self, Rescue};
use crate::db::Tx;
use crate::error::{Error, Language, Result, on_conflict};
use crate::http::{Fields, is_plain};
use crate::ids::{CoupleId, MediaId, RoomId, UserId};
use crate::storage::{Links, Variant};

const NICKNAME_CHARS: std::ops::RangeInclusive<usize> = 2..=10;
const LOGIN_ID_CHARS: std::ops::RangeInclusive<usize> = 3..=32;

/// Which parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "UPPERCASE")]
pub(crate) enum Role {
    Dad,
    Mom,
}

/// Which parent, or neither.
#[derive(ToSchema)]
#[schema(rename_all = "UPPERCASE")]
#[expect(dead_code, reason = "a description; nothing is made of these")]
pub(crate) enum RoleOrGuest {
    Dad,
    Mom,
    Guest,
}

impl Role {
    /// `DAD` or `MOM`; anything else, also of another type, is [`Error::Role`].
    pub(crate) fn of(fields: &Fields) -> Result<Self> {
        let value = fields.get("role").ok_or(Error::Missing)?;
        match value.as_str() {
            Some("DAD") => Ok(Self::Dad),
            Some("MOM") => Ok(Self::Mom),
            Some("") => Err(Error::Missing),
            _ => Err(Error::Role),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Dad => "DAD",
            Self::Mom => "MOM",
        }
    }
}

/// 2 to 10 code points, spaces at the ends aside, that show as what they are.
pub(crate) fn nickname(fields: &Fields) -> Result<String> {
    let nickname = fields.required_text("nickname")?.trim();
    let is_fit = NICKNAME_CHARS.contains(&nickname.chars().count()) && is_plain(nickname);
    if is_fit { Ok(nickname.to_owned()) } else { Err(Error::Nickname) }
}

/// A login id in its one form: lower case.
pub(crate) fn login_id(fields: &Fields) -> Result<String> {
    let login_id = fields.required_text("loginId")?.trim().to_lowercase();
    let is_fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    let is_fit = LOGIN_ID_CHARS.contains(&login_id.chars().count()) && login_id.chars().all(is_fit);
    if is_fit { Ok(login_id) } else { Err(Error::LoginIdForm) }
}

/// `ko` or `en`, if it is there.
pub(crate) fn locale(fields: &Fields) -> Result<Option<&'static str>> {
    match fields.text("locale")? {
        None => Ok(None),
        Some(tag) if tag.starts_with("ko") => Ok(Some("ko")),
        Some(tag) if tag.starts_with("en") => Ok(Some("en")),
        Some(_) => Err(Error::Invalid),
    }
}

/// The locale of somebody who did not say.
pub(crate) fn locale_of(language: Language) -> &'static str {
    match language {
        Language::Korean => "ko",
        Language::English => "en",
    }
}

/// How a person proves who they are.
pub(crate) enum Proof {
    Password { login_id: String, password_hash: String },
    Kakao(i64),
}

/// A person to be.
pub(crate) struct NewUser {
    pub(crate) proof: Proof,
    pub(crate) nickname: String,
    pub(crate) role: Role,
    pub(crate) locale: &'static str,
    pub(crate) is_admin: bool,
}

/// The person as the app's login has it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(examples(json!({ "userId": 1, "coupleId": 1, "spouseId": 2, "nickname": "안나" })))]
pub(crate) struct LoginUser {
    user_id: UserId,
    #[schema(required)]
    couple_id: Option<CoupleId>,
    #[schema(required)]
    spouse_id: Option<UserId>,
    nickname: String,
    /// With a guest only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = RoleOrGuest)]
    role: Option<String>,
}

/// A person as they see themselves.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    user_id: UserId,
    #[schema(required)]
    couple_id: Option<CoupleId>,
    #[schema(required)]
    spouse_id: Option<UserId>,
    nickname: String,
    #[schema(value_type = RoleOrGuest)]
    role: String,
    #[schema(examples("ko"))]
    locale: String,
    #[schema(required)]
    avatar: Option<MediaId>,
    #[schema(required)]
    avatar_url: Option<String>,
    #[schema(required, examples("anna"))]
    login_id: Option<String>,
    kakao_linked: bool,
    is_admin: bool,
    /// A login link that the partner asked for.
    #[schema(required)]
    rescue: Option<Rescue>,
    /// One that I asked for in the partner's name.
    #[schema(required)]
    rescue_asked: Option<Rescue>,
}

/// Makes a person of `couple`; the room that is theirs alone is given by [`update_self_room`].
pub(crate) fn insert(tx: &Tx<'_>, new: &NewUser, couple: CoupleId) -> Result<UserId> {
    let (login_id, password_hash, kakao_id) = match &new.proof {
        Proof::Password { login_id, password_hash } => (Some(login_id), Some(password_hash), None),
        Proof::Kakao(id) => (None, None, Some(id)),
    };
    let taken = if login_id.is_some() { Error::LoginIdTaken } else { Error::AlreadySignedUp };
    let sql = "
        insert into user (couple_id, login_id, password_hash, kakao_id, nickname, role, locale, is_admin, created_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) returning id";
    let row = (
        couple,
        login_id,
        password_hash,
        kakao_id,
        &new.nickname,
        new.role.name(),
        new.locale,
        new.is_admin,
        tx.now,
    );
    tx.prepare_cached(sql)?
        .query_row(row, |row| row.get(0))
        .map_err(|error| on_conflict(error, taken))
}

/// Makes a guest: a name, and nothing else.
pub(crate) fn insert_guest(tx: &Tx<'_>, nickname: &str, locale: &str) -> Result<UserId> {
    let sql = "insert into user (nickname, role, locale, created_at) values (?1, 'GUEST', ?2, ?3) returning id";
    Ok(tx.prepare_cached(sql)?.query_row((nickname, locale, tx.now), |row| row.get(0))?)
}

/// The picture of this person.
pub(crate) fn select_avatar(db: &Connection, user: UserId) -> Result<Option<MediaId>> {
    let sql = "select avatar_id from user where id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([user], |row| row.get(0))?)
}

/// Whether this person is a guest.
pub(crate) fn is_guest(db: &Connection, user: UserId) -> Result<bool> {
    let sql = "select role = 'GUEST' from user where id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([user], |row| row.get(0))?)
}

/// Guests who are signed in nowhere.
const STRANDED: &str = "
    select id from user
    where role = 'GUEST' and withdrawn_at is null
        and not exists (select 1 from session where user_id = user.id and ended_at is null)";

/// The guests who are signed in nowhere.
pub(crate) fn select_stranded(db: &Connection) -> Result<Vec<UserId>> {
    let mut query = db.prepare_cached(STRANDED)?;
    let guests = query.query_map([], |row| row.get(0))?;
    Ok(guests.collect::<rusqlite::Result<_>>()?)
}

/// Whether this is a guest who is signed in nowhere.
pub(crate) fn is_stranded(db: &Connection, user: UserId) -> Result<bool> {
    let sql = format!("select exists ({STRANDED} and id = ?1)");
    Ok(db.prepare_cached(&sql)?.query_row([user], |row| row.get(0))?)
}

/// A guest has no room any more and can do nothing; what they wrote keeps their name. Answers the picture they had.
pub(crate) fn retire_guest(tx: &Tx<'_>, user: UserId) -> Result<Option<MediaId>> {
    let avatar = select_avatar(tx, user)?;
    tx.prepare_cached("update user set avatar_id = null, withdrawn_at = ?2 where id = ?1")?
        .execute((user, tx.now))?;
    Ok(avatar)
}

/// Gives a person the room that is theirs alone.
pub(crate) fn update_self_room(tx: &Tx<'_>, user: UserId, room: RoomId) -> Result<()> {
    tx.prepare_cached("update user set self_room_id = ?2 where id = ?1")?.execute((user, room))?;
    Ok(())
}

/// Moves a person into a couple.
pub(crate) fn update_couple(tx: &Tx<'_>, user: UserId, couple: CoupleId) -> Result<()> {
    tx.prepare_cached("update user set couple_id = ?2 where id = ?1")?.execute((user, couple))?;
    Ok(())
}

/// Changes what the fields name and nothing else.
pub(crate) fn update_profile(tx: &Tx<'_>, user: UserId, change: &ProfileChange) -> Result<()> {
    let sql = "
        update user set nickname = coalesce(?2, nickname), role = coalesce(?3, role), locale = coalesce(?4, locale),
            avatar_id = case when ?5 then ?6 else avatar_id end
        where id = ?1";
    tx.prepare_cached(sql)?.execute((
        user,
        &change.nickname,
        change.role.map(Role::name),
        change.locale,
        change.avatar.is_some(),
        change.avatar.flatten(),
    ))?;
    Ok(())
}

/// What a person may change about themselves.
pub(crate) struct ProfileChange {
    nickname: Option<String>,
    pub(crate) role: Option<Role>,
    locale: Option<&'static str>,
    /// A photo that was uploaded, or none any more.
    pub(crate) avatar: Option<Option<MediaId>>,
}

impl ProfileChange {
    /// True when nothing is to change.
    pub(crate) fn is_empty(&self) -> bool {
        self.nickname.is_none()
            && self.role.is_none()
            && self.locale.is_none()
            && self.avatar.is_none()
    }

    pub(crate) fn of(fields: &Fields) -> Result<Self> {
        Ok(Self {
            nickname: fields.get("nickname").map(|_| nickname(fields)).transpose()?,
            role: fields.get("role").map(|_| Role::of(fields)).transpose()?,
            locale: locale(fields)?,
            avatar: avatar(fields)?,
        })
    }
}

fn avatar(fields: &Fields) -> Result<Option<Option<MediaId>>> {
    if fields.names("avatar") && fields.get("avatar").is_none() {
        return Ok(Some(None));
    }
    let id = fields.text("avatar")?.map(|id| id.parse().map_err(|()| Error::NoSuchMedia));
    Ok(id.transpose()?.map(Some))
}

/// Sets a new password's hash; ways in that went around the old one are closed.
pub(crate) fn update_password(tx: &Tx<'_>, user: UserId, password_hash: &str) -> Result<()> {
    login_link::delete_all(tx, user)?;
    tx.prepare_cached("update user set password_hash = ?2 where id = ?1")?
        .execute((user, password_hash))?;
    Ok(())
}

/// Whether this is still the hash of somebody who may sign in: checking a password takes a while.
pub(crate) fn is_current_hash(db: &Connection, user: UserId, password_hash: &str) -> Result<bool> {
    let sql = "select exists (select 1 from user where id = ?1 and password_hash = ?2 and withdrawn_at is null)";
    Ok(db.prepare_cached(sql)?.query_row((user, password_hash), |row| row.get(0))?)
}

/// The person looks after the server, too.
pub(crate) fn update_admin(tx: &Tx<'_>, user: UserId) -> Result<()> {
    tx.prepare_cached("update user set is_admin = 1 where id = ?1")?.execute([user])?;
    Ok(())
}

/// Links a Kakao account; never in place of another one, which could sign in no more.
pub(crate) fn update_kakao(tx: &Tx<'_>, user: UserId, kakao_id: i64) -> Result<()> {
    let sql = "update user set kakao_id = ?2 where id = ?1 and coalesce(kakao_id, ?2) = ?2";
    let linked = tx.prepare_cached(sql)?.execute((user, kakao_id));
    match linked.map_err(|error| on_conflict(error, Error::AlreadySignedUp))? {
        1 => Ok(()),
        _ => Err(Error::AlreadySignedUp),
    }
}

/// Takes over the picture of somebody who was oneself all along, unless one has one.
pub(crate) fn inherit_avatar(tx: &Tx<'_>, from: UserId, to: UserId) -> Result<()> {
    let sql = "
        update user set avatar_id = coalesce(avatar_id, (select avatar_id from user where id = ?1))
        where id = ?2";
    tx.prepare_cached(sql)?.execute((from, to))?;
    Ok(())
}

/// What was known of somebody who went.
pub(crate) struct Known {
    pub(crate) couple: Option<CoupleId>,
    pub(crate) kakao_id: Option<i64>,
    pub(crate) avatar: Option<MediaId>,
}

/// The person can never sign in again, is of no couple and nameless from now on; what they wrote stays with the partner.
pub(crate) fn withdraw(tx: &Tx<'_>, user: UserId) -> Result<Known> {
    let sql = "select couple_id, kakao_id, avatar_id from user where id = ?1";
    login_link::delete_all(tx, user)?;
    let known = tx.prepare_cached(sql)?.query_row([user], |row| {
        Ok(Known { couple: row.get(0)?, kakao_id: row.get(1)?, avatar: row.get(2)? })
    })?;
    let sql = "
        update user set couple_id = null, login_id = null, password_hash = null, kakao_id = null, is_admin = 0,
            nickname = '알 수 없음', avatar_id = null, withdrawn_at = ?2
        where id = ?1";
    tx.prepare_cached(sql)?.execute((user, tx.now))?;
    Ok(known)
}

/// A room that was somebody's alone is no more.
pub(crate) fn forget_self_room(tx: &Tx<'_>, room: RoomId) -> Result<()> {
    tx.prepare_cached("update user set self_room_id = null where self_room_id = ?1")?
        .execute([room])?;
    Ok(())
}

/// How to check a password: whose it would be, and the hash.
pub(crate) fn select_credentials(
    db: &Connection,
    login_id: &str,
) -> Result<Option<(UserId, String)>> {
    let sql = "select id, password_hash from user where login_id = ?1 and password_hash is not null and withdrawn_at is null";
    Ok(db
        .prepare_cached(sql)?
        .query_row([login_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// My own password's hash and login id, where I have one.
pub(super) fn select_own_credentials(
    db: &Connection,
    user: UserId,
) -> Result<(Option<String>, Option<String>)> {
    let sql = "select login_id, password_hash from user where id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([user], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Whose Kakao account this is.
pub(crate) fn select_by_kakao(db: &Connection, kakao_id: i64) -> Result<Option<UserId>> {
    let sql = "select id from user where kakao_id = ?1 and withdrawn_at is null";
    Ok(db.prepare_cached(sql)?.query_row([kakao_id], |row| row.get(0)).optional()?)
}

/// Whether there is an admin at all.
pub(crate) fn has_admin(db: &Connection) -> Result<bool> {
    let sql = "select exists (select 1 from user where is_admin = 1 and withdrawn_at is null)";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Whether this person has a password, which can be forgotten.
pub(crate) fn has_password(db: &Connection, user: UserId) -> Result<bool> {
    let sql = "select password_hash is not null from user where id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([user], |row| row.get(0))?)
}

/// Whether this person and nobody else looks after the server.
pub(crate) fn is_only_admin(db: &Connection, user: UserId) -> Result<bool> {
    let sql = "
        select is_admin and not exists (
            select 1 from user other where other.is_admin = 1 and other.withdrawn_at is null and other.id <> ?1)
        from user where id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([user], |row| row.get(0))?)
}

/// The person as the app's login has it.
pub(crate) fn login_user(db: &Connection, user: UserId) -> Result<LoginUser> {
    let sql = "
        select couple_id, nickname, iif(role = 'GUEST', role, null) from user
        where id = ?1 and withdrawn_at is null";
    let spouse_id = select_spouse(db, user)?;
    let read = |row: &Row<'_>| {
        let (couple_id, nickname, role) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(LoginUser { user_id: user, couple_id, spouse_id, nickname, role })
    };
    // Who withdrew a moment ago may still have been signing in.
    db.prepare_cached(sql)?.query_row([user], read).optional()?.ok_or(Error::SignedOut)
}

/// The other one of the couple.
pub(crate) fn select_spouse(db: &Connection, user: UserId) -> Result<Option<UserId>> {
    let sql = "
        select other.id from user join user other on other.couple_id = user.couple_id and other.id <> user.id
        where user.id = ?1 and other.withdrawn_at is null";
    Ok(db.prepare_cached(sql)?.query_row([user], |row| row.get(0)).optional()?)
}

/// The person as they see themselves.
pub(crate) fn profile(db: &Connection, links: &Links, user: UserId) -> Result<Profile> {
    let login_user = login_user(db, user)?;
    let rescue = login_link::rescue_of(db, user)?;
    let rescue_asked = login_user.spouse_id.map(|spouse| login_link::rescue_of(db, spouse));
    let rescue_asked = rescue_asked.transpose()?.flatten();
    let sql = "select role, locale, login_id, kakao_id is not null, is_admin, avatar_id from user where id = ?1";
    let profile = db.prepare_cached(sql)?.query_row([user], |row| {
        let (role, locale, login_id) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let avatar: Option<MediaId> = row.get(5)?;
        Ok(Profile {
            user_id: user,
            couple_id: login_user.couple_id,
            spouse_id: login_user.spouse_id,
            nickname: login_user.nickname,
            role,
            locale,
            avatar,
            avatar_url: avatar.map(|id| links.path(id, Variant::Thumb)),
            login_id,
            kakao_linked: row.get(3)?,
            is_admin: row.get(4)?,
            rescue,
            rescue_asked,
        })
    })?;
    Ok(profile)
}
