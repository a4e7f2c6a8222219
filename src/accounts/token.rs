//! Opaque tokens: a prefix that names the kind, and 256 random bits. Only their hashes are kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::clock::Millis;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::SessionId;

const SECRET_BYTES: usize = 32;
/// 32 bytes in base64 without padding.
const SECRET_CHARS: usize = 43;

/// What is kept of a token.
pub(crate) type TokenHash = [u8; 32];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Access,
    Refresh,
}

impl Kind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Access => "bta_",
            Self::Refresh => "btr_",
        }
    }

    /// As the database has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

/// A new token of this kind.
pub(super) fn fresh(kind: Kind) -> Result<String> {
    Ok(format!("{}{}", kind.prefix(), fresh_secret()?))
}

/// The token that follows `old`: the same each time, so that a lost answer can be asked for again.
pub(super) fn successor(key: &hmac::Key, kind: Kind, old: &str) -> String {
    let prefix = kind.prefix();
    format!("{prefix}{}", derived(key, &format!("{prefix}{old}")))
}

/// A secret that nobody can tell without the key, and the same each time.
pub(super) fn derived(key: &hmac::Key, seed: &str) -> String {
    URL_SAFE_NO_PAD.encode(hmac::sign(key, seed.as_bytes()).as_ref())
}

/// The hash to look a token up by; None for anything that cannot be a token of this kind.
pub(super) fn hash(kind: Kind, token: &str) -> Option<TokenHash> {
    let secret = token.strip_prefix(kind.prefix())?;
    let is_whole = secret.len() == SECRET_CHARS && URL_SAFE_NO_PAD.decode(secret).is_ok();
    is_whole.then(|| secret_hash(token))
}

/// 256 random bits.
pub(super) fn fresh_key() -> Result<Vec<u8>> {
    let mut bytes = vec![0; SECRET_BYTES];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Error::Internal(anyhow::anyhow!("no random numbers")))?;
    Ok(bytes)
}

/// 256 random bits as text.
pub(crate) fn fresh_secret() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(fresh_key()?))
}

/// Thirty letters and digits, none of which looks like another: no 0 O, 1 I L, U V.
const CODE_ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code that people read out and type. Each letter is equally likely: bytes that would make some likelier are thrown
/// away.
pub(crate) fn fresh_code(chars: usize) -> Result<String> {
    let fair = 256 - 256 % CODE_ALPHABET.len();
    let mut code = String::with_capacity(chars);
    while code.len() < chars {
        let letters = fresh_key()?.into_iter().map(usize::from).filter(|byte| *byte < fair);
        let letters = letters.map(|byte| char::from(CODE_ALPHABET[byte % CODE_ALPHABET.len()]));
        code.extend(letters.take(chars - code.len()));
    }
    Ok(code)
}

/// SHA-256; enough for secrets that nobody could guess.
pub(crate) fn secret_hash(secret: &str) -> TokenHash {
    let mut hash = TokenHash::default();
    hash.copy_from_slice(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref());
    hash
}

/// A refresh token as it is kept.
pub(super) struct Refresh {
    pub(super) session: SessionId,
    pub(super) expires_at: Millis,
    pub(super) used_at: Option<Millis>,
}

/// Keeps a token's hash for as long as it lives.
pub(super) fn insert(
    tx: &Tx<'_>,
    session: SessionId,
    kind: Kind,
    token: &str,
    life_ms: i64,
) -> Result<()> {
    let sql = "insert into token (hash, session_id, kind, expires_at) values (?1, ?2, ?3, ?4)";
    tx.prepare_cached(sql)?.execute((
        secret_hash(token),
        session,
        kind.name(),
        tx.now.plus(life_ms),
    ))?;
    Ok(())
}

/// Whose access token this is, and until when.
pub(super) fn select_access(
    db: &Connection,
    hash: &TokenHash,
) -> Result<Option<(SessionId, Millis)>> {
    let sql = "select session_id, expires_at from token where hash = ?1 and kind = 'access'";
    Ok(db
        .prepare_cached(sql)?
        .query_row([hash], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

pub(super) fn select_refresh(db: &Connection, hash: &TokenHash) -> Result<Option<Refresh>> {
    let sql =
        "select session_id, expires_at, used_at from token where hash = ?1 and kind = 'refresh'";
    let read = |row: &Row<'_>| {
        Ok(Refresh { session: row.get(0)?, expires_at: row.get(1)?, used_at: row.get(2)? })
    };
    Ok(db.prepare_cached(sql)?.query_row([hash], read).optional()?)
}

/// A refresh token has served.
pub(super) fn update_used(tx: &Tx<'_>, hash: &TokenHash) -> Result<()> {
    tx.prepare_cached("update token set used_at = ?2 where hash = ?1")?.execute((hash, tx.now))?;
    Ok(())
}

pub(super) fn delete(tx: &Tx<'_>, hash: &TokenHash) -> Result<()> {
    tx.prepare_cached("delete from token where hash = ?1")?.execute([hash])?;
    Ok(())
}

/// All tokens of a session die with it.
pub(super) fn delete_all(tx: &Tx<'_>, session: SessionId) -> Result<()> {
    tx.prepare_cached("delete from token where session_id = ?1")?.execute([session])?;
    Ok(())
}

pub(super) fn delete_expired(tx: &Tx<'_>, now: Millis) -> Result<()> {
    tx.prepare_cached("delete from token where expires_at <= ?1")?.execute([now])?;
    Ok(())
}

/// Access tokens of a session that have run out.
pub(crate) fn delete_expired_access(tx: &Tx<'_>, session: SessionId) -> Result<()> {
    let sql = "delete from token where session_id = ?1 and kind = 'access' and expires_at <= ?2";
    tx.prepare_cached(sql)?.execute((session, tx.now))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_only_letters_that_cannot_be_mistaken() {
        let code = fresh_code(600).expect("a code");
        assert_eq!(code.len(), 600);
        assert!(CODE_ALPHABET.iter().all(|letter| code.contains(char::from(*letter))));
        assert!(!code.contains(|c| "01ILOU".contains(c)));
    }

    #[test]
    fn only_a_whole_token_of_the_right_kind_has_a_hash() {
        let token = fresh(Kind::Access).expect("a token");
        assert!(hash(Kind::Access, &token).is_some());
        assert!(hash(Kind::Refresh, &token).is_none());
        for wrong in [
            "",
            "bta_",
            &token[..token.len() - 1],
            &format!("{token}A"),
            &token[4..],
            &token.replace("bta_", "btr_"),
            "bta_\0",
        ] {
            assert!(hash(Kind::Access, wrong).is_none(), "{wrong:?}");
        }
    }
}
