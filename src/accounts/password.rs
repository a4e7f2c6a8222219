//! Passwords: argon2id, at most two hashings at once, never on a socket's path.

use std::net::IpAddr;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use moka::sync::Cache;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

const CHARS_MIN: usize = 8;
const BYTES_MAX: usize = 1_024;
const AT_ONCE: usize = 2;

/// OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Guessed first everywhere; a longer list would only add to what is carried along.
const COMMON: [&str; 24] = [
    "12345678",
    "123456789",
    "1234567890",
    "password",
    "password1",
    "password123",
    "qwertyuiop",
    "qwerty123",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "11111111",
    "00000000",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "trustno1",
    "abcd1234",
    "asdf1234",
    "qwer1234",
    "a1234567",
    "88888888",
];

/// Addresses remembered from which somebody signed in.
const KNOWN_MAX: u64 = 1_000;

/// Hashes and checks passwords off the async threads.
#[derive(Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    /// Where each login id signed in from; guessing from elsewhere is limited without locking its owner out.
    known: Cache<(String, IpAddr), ()>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), known: Cache::new(KNOWN_MAX) }
    }
}

/// The password as it is hashed: NFC, so that two keyboards that compose Hangul differently agree; never cut short.
pub(crate) fn checked_password(password: &str) -> Result<String> {
    if password.len() > BYTES_MAX {
        return Err(Error::PasswordForm);
    }
    let password = normal(password);
    let is_common = COMMON.contains(&password.to_lowercase().as_str());
    match password.chars().count() >= CHARS_MIN && password.len() <= BYTES_MAX && !is_common {
        true => Ok(password),
        false => Err(Error::PasswordForm),
    }
}

fn normal(password: &str) -> String {
    password.nfc().collect()
}

impl Passwords {
    /// Whether this login id has signed in from there since the start.
    pub(crate) fn is_known(&self, login_id: &str, address: IpAddr) -> bool {
        self.known.contains_key(&(login_id.to_owned(), address))
    }

    /// Remembers from where a login id signed in.
    pub(crate) fn remember(&self, login_id: &str, address: IpAddr) {
        self.known.insert((login_id.to_owned(), address), ());
    }

    /// The hash to keep of a checked password.
    pub(crate) async fn hash(&self, password: String) -> Result<String> {
        self.work(move || {
            let hash = argon2()?
                .hash_password(password.as_bytes())
                .map_err(|error| Error::Internal(error.into()))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether this is the password; without a hash to check against it takes as long and is wrong.
    pub(crate) async fn is_right(&self, password: &str, hash: Option<String>) -> Result<bool> {
        if password.len() > BYTES_MAX {
            return Ok(false);
        }
        let password = normal(password);
        self.work(move || {
            let Some(hash) = hash else {
                argon2()?
                    .hash_password(password.as_bytes())
                    .map_err(|error| Error::Internal(error.into()))?;
                return Ok(false);
            };
            let hash = PasswordHash::new(&hash).map_err(|error| Error::Internal(error.into()))?;
            Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| Error::Stopping)?;
        // The turn ends with the work, also when nobody waits for it any more.
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.into()))?
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| Error::Internal(error.into()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_enough_not_endless_and_not_common() {
        for good in [
            "correct horse",
            "아기가뒤집었어요",
            &"x".repeat(1_024),
            " 8 chars",
            "👶👶👶👶👶👶👶👶",
        ] {
            assert!(checked_password(good).is_ok(), "{good}");
        }
        for bad in ["", "short77", "password", "PASSWORD1", &"x".repeat(1_025)] {
            assert!(checked_password(bad).is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn both_ways_to_write_a_syllable_are_one_password() {
        let passwords = Passwords::default();
        let composed = "비밀번호는길게";
        let decomposed: String = format!("{composed}!").nfd().collect();
        let hash = passwords
            .hash(checked_password(&format!("{composed}!")).expect("a good one"))
            .await
            .expect("hashed");

        assert!(passwords.is_right(&decomposed, Some(hash.clone())).await.expect("checked"));
        assert!(!passwords.is_right(composed, Some(hash)).await.expect("checked"));
        assert!(!passwords.is_right(composed, None).await.expect("checked"));
    }
}
