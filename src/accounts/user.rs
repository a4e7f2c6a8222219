//! A person: what they are called, how they sign in, which couple they belong to.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use super::member::Member;
use crate::db::Tx;
use crate::error::{Error, Language, Result, on_conflict};
use crate::http::Fields;
use crate::ids::{CoupleId, RoomId, UserId};

const NICKNAME_CHARS: std::ops::RangeInclusive<usize> = 2..=10;
const LOGIN_ID_CHARS: std::ops::RangeInclusive<usize> = 3..=32;

/// Which parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Dad,
    Mom,
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

/// 2 to 10 code points, spaces at the ends aside, nothing invisible that would break a line.
pub(crate) fn nickname(fields: &Fields) -> Result<String> {
    let nickname = fields.required_text("nickname")?.trim();
    let is_fit =
        NICKNAME_CHARS.contains(&nickname.chars().count()) && !nickname.contains(char::is_control);
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
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoginUser {
    user_id: UserId,
    couple_id: CoupleId,
    spouse_id: Option<UserId>,
    nickname: String,
}

/// A person as they see themselves.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    #[serde(flatten)]
    user: LoginUser,
    role: String,
    locale: String,
    login_id: Option<String>,
    kakao_linked: bool,
    is_admin: bool,
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
pub(super) fn update_profile(tx: &Tx<'_>, member: Member, change: &ProfileChange) -> Result<()> {
    let sql = "
        update user set nickname = coalesce(?2, nickname), role = coalesce(?3, role), locale = coalesce(?4, locale)
        where id = ?1";
    tx.prepare_cached(sql)?.execute((
        member.user,
        &change.nickname,
        change.role.map(Role::name),
        change.locale,
    ))?;
    Ok(())
}

/// What a person may change about themselves.
pub(super) struct ProfileChange {
    nickname: Option<String>,
    role: Option<Role>,
    locale: Option<&'static str>,
}

impl ProfileChange {
    pub(super) fn of(fields: &Fields) -> Result<Self> {
        Ok(Self {
            nickname: fields.get("nickname").map(|_| nickname(fields)).transpose()?,
            role: fields.get("role").map(|_| Role::of(fields)).transpose()?,
            locale: locale(fields)?,
        })
    }
}

/// Sets a new password's hash.
pub(crate) fn update_password(tx: &Tx<'_>, user: UserId, password_hash: &str) -> Result<()> {
    tx.prepare_cached("update user set password_hash = ?2 where id = ?1")?
        .execute((user, password_hash))?;
    Ok(())
}

/// Whether this is still the hash of somebody who may sign in: checking a password takes a while.
pub(super) fn is_current_hash(db: &Connection, user: UserId, password_hash: &str) -> Result<bool> {
    let sql = "select exists (select 1 from user where id = ?1 and password_hash = ?2 and withdrawn_at is null)";
    Ok(db.prepare_cached(sql)?.query_row((user, password_hash), |row| row.get(0))?)
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

/// The person can never sign in again and is nameless from now on; what they wrote stays with the partner.
pub(crate) fn withdraw(tx: &Tx<'_>, user: UserId) -> Result<()> {
    let sql = "
        update user set login_id = null, password_hash = null, kakao_id = null, is_admin = 0, nickname = '알 수 없음', withdrawn_at = ?2
        where id = ?1";
    tx.prepare_cached(sql)?.execute((user, tx.now))?;
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

/// The person as the app's login has it.
pub(crate) fn login_user(db: &Connection, user: UserId) -> Result<LoginUser> {
    let sql = "select id, couple_id, nickname from user where id = ?1";
    let (user_id, couple_id, nickname) = db
        .prepare_cached(sql)?
        .query_row([user], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(LoginUser { user_id, couple_id, spouse_id: select_spouse(db, user)?, nickname })
}

/// The other one of the couple.
pub(crate) fn select_spouse(db: &Connection, user: UserId) -> Result<Option<UserId>> {
    let sql = "
        select other.id from user join user other on other.couple_id = user.couple_id and other.id <> user.id
        where user.id = ?1 and other.withdrawn_at is null";
    Ok(db.prepare_cached(sql)?.query_row([user], |row| row.get(0)).optional()?)
}

/// The person as they see themselves.
pub(super) fn profile(db: &Connection, user: UserId) -> Result<Profile> {
    let login_user = login_user(db, user)?;
    let sql =
        "select role, locale, login_id, kakao_id is not null, is_admin from user where id = ?1";
    let profile = db.prepare_cached(sql)?.query_row([user], |row| {
        let (role, locale, login_id) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Profile {
            user: login_user,
            role,
            locale,
            login_id,
            kakao_linked: row.get(3)?,
            is_admin: row.get(4)?,
        })
    })?;
    Ok(profile)
}
