//! How often somebody may try: counters in memory, forgotten by a restart.
//!
//! A try is counted before it is made and given back when it was right, so many at once cannot slip through together.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use crate::clock::{Clock, HOUR_MS, MINUTE_MS, Millis};
use crate::error::{Error, Result};
use crate::ids::UserId;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Quota {
    /// Wrong logins from one address with one login id.
    Login,
    /// Wrong logins with one login id from addresses it never signed in from.
    LoginFromAfar,
    /// Wrong invite codes of one user, one address, and all together.
    InviteUser,
    InviteAddress,
    InviteServer,
    /// Wrong login links.
    LoginLink,
    /// Login links that one asked for the partner.
    Rescue,
    /// Wrong set-up codes and server invitations.
    Setup,
    /// New accounts from one address.
    SignUp,
    /// New socket connections from one address.
    Handshake,
}

impl Quota {
    /// (tries, in how many milliseconds).
    fn allowance(self) -> (u32, i64) {
        match self {
            Self::Login => (10, 15 * MINUTE_MS),
            Self::LoginFromAfar => (100, HOUR_MS),
            Self::LoginLink => (10, 15 * MINUTE_MS),
            Self::Rescue => (3, HOUR_MS),
            Self::InviteUser => (10, HOUR_MS),
            Self::InviteAddress => (30, HOUR_MS),
            Self::InviteServer => (300, HOUR_MS),
            Self::Setup => (10, HOUR_MS),
            Self::SignUp => (30, HOUR_MS),
            Self::Handshake => (300, MINUTE_MS),
        }
    }
}

/// Counters kept at most; the least used go first.
const COUNTERS_MAX: u64 = 20_000;

struct Window {
    since: Millis,
    tries: u32,
}

type Counter = Arc<Mutex<Window>>;

/// All counters.
#[derive(Clone)]
pub(crate) struct Limits {
    counters: Cache<(Quota, u64), Counter>,
    /// Keys are kept as hashes, however long they are; nobody outside can make two fall together.
    hasher: RandomState,
    clock: Clock,
    is_off: bool,
}

/// A counted try; give it back when it was right.
pub(crate) struct Attempt(Vec<Counter>);

impl Limits {
    /// Counters by `clock`; switched off they allow everything.
    pub(crate) fn new(clock: Clock, is_off: bool) -> Self {
        let counters = Cache::builder()
            .max_capacity(COUNTERS_MAX)
            .time_to_idle(Duration::from_millis(HOUR_MS as u64))
            .build();
        Self { counters, hasher: RandomState::new(), clock, is_off }
    }

    /// Counts a try against each of these, or refuses it with the time to wait.
    pub(crate) fn attempt(&self, against: &[(Quota, &str)]) -> Result<Attempt> {
        let mut counted = Attempt(Vec::with_capacity(against.len()));
        if self.is_off {
            return Ok(counted);
        }
        let now = self.clock.now();
        for (quota, key) in against {
            let counter = self.counters.get_with((*quota, self.hasher.hash_one(key)), || {
                Arc::new(Mutex::new(Window { since: now, tries: 0 }))
            });
            if let Err(error) = count(*quota, &counter, now) {
                counted.give_back();
                return Err(error);
            }
            counted.0.push(counter);
        }
        Ok(counted)
    }
}

impl Limits {
    /// Counts a try with an invitation of any kind against whoever makes it; settle it with how it ended.
    pub(crate) fn attempt_invite(&self, address: &str, user: Option<UserId>) -> Result<Attempt> {
        let user = user.map(|user| user.to_string());
        let mut against = vec![(Quota::InviteAddress, address), (Quota::InviteServer, "")];
        against.extend(user.as_deref().map(|user| (Quota::InviteUser, user)));
        self.attempt(&against)
    }
}

fn count(quota: Quota, counter: &Counter, now: Millis) -> Result<()> {
    let (tries_max, window_ms) = quota.allowance();
    let mut window = counter.lock().unwrap_or_else(PoisonError::into_inner);
    let age = now.since(window.since);
    if !(0..window_ms).contains(&age) {
        *window = Window { since: now, tries: 0 };
    }
    if window.tries >= tries_max {
        let wait_ms = window_ms - now.since(window.since);
        return Err(Error::TooMany { retry_after_s: (wait_ms + 999) / 1_000 });
    }
    window.tries += 1;
    Ok(())
}

impl Attempt {
    /// Gives a try with an invitation back unless that was what was wrong.
    pub(crate) fn settle<T>(self, result: &Result<T>) {
        if !matches!(result, Err(Error::BadInvite)) {
            self.give_back();
        }
    }

    /// The try was right and does not count.
    pub(crate) fn give_back(self) {
        for counter in self.0 {
            let mut window = counter.lock().unwrap_or_else(PoisonError::into_inner);
            window.tries = window.tries.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_tries_and_no_more_until_the_window_has_passed() {
        let clock = Clock::fake(Millis(0));
        let limits = Limits::new(clock.clone(), false);
        let attempt = |key: &str| limits.attempt(&[(Quota::Login, key)]);

        for _ in 0..10 {
            assert!(attempt("anna").is_ok());
        }
        assert!(matches!(attempt("anna"), Err(Error::TooMany { retry_after_s: 900 })));
        assert!(attempt("ben").is_ok());
        clock.advance(15 * MINUTE_MS);
        assert!(attempt("anna").is_ok());
    }

    #[test]
    fn right_tries_do_not_count() {
        let limits = Limits::new(Clock::fake(Millis(0)), false);
        for _ in 0..50 {
            limits.attempt(&[(Quota::Login, "anna")]).expect("allowed").give_back();
        }
    }
}
