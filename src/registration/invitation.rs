//! One-time invitations to the server, made on the command line for registration mode `invite`.

use crate::accounts::{fresh_secret, secret_hash};
use crate::clock::{DAY_MS, Millis};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::UserId;

const LIFE_MS: i64 = 7 * DAY_MS;
const PREFIX: &str = "bti_";

/// A new invitation and when it dies.
pub(crate) fn issue(tx: &Tx<'_>) -> Result<(String, Millis)> {
    let invitation = format!("{PREFIX}{}", fresh_secret()?);
    let expires_at = tx.now.plus(LIFE_MS);
    let sql = "insert into server_invitation (hash, created_at, expires_at) values (?1, ?2, ?3)";
    tx.prepare_cached(sql)?.execute((secret_hash(&invitation), tx.now, expires_at))?;
    Ok((invitation, expires_at))
}

/// Uses an invitation up for a new person.
pub(super) fn redeem(tx: &Tx<'_>, invitation: &str, user: UserId) -> Result<()> {
    let sql = "update server_invitation set used_by = ?2 where hash = ?1 and used_by is null and expires_at > ?3";
    let used = tx.prepare_cached(sql)?.execute((secret_hash(invitation.trim()), user, tx.now))?;
    if used == 1 { Ok(()) } else { Err(Error::RegistrationClosed) }
}
