//! Invite codes: two caches, `invite:{code}` and `couple:{id}:invite`, each with a fifteen-minute life.
//!
//! A restart forgets them; that is fine. The expiry is checked with our own clock, moka's life only tidies up.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use crate::accounts::fresh_code;
use crate::clock::{MINUTE_MS, Millis};
use crate::error::{Error, Result};
use crate::ids::{CoupleId, UserId};

const LIFE_MS: i64 = 15 * MINUTE_MS;
const CODE_CHARS: usize = 6;
/// Codes alive at once on one server.
const CODES_MAX: u64 = 10_000;

/// A live invitation into a couple.
#[derive(Clone, Debug)]
pub(crate) struct Invite {
    pub(crate) code: String,
    pub(crate) couple: CoupleId,
    pub(crate) inviter: UserId,
    pub(crate) expires_at: Millis,
}

/// All live codes.
#[derive(Clone)]
pub(crate) struct Invites {
    by_code: Cache<String, Invite>,
    by_couple: Cache<CoupleId, Invite>,
    /// Held while both caches change together.
    turn: Arc<Mutex<()>>,
}

impl Default for Invites {
    fn default() -> Self {
        let life = Duration::from_millis(LIFE_MS as u64);
        Self {
            by_code: Cache::builder().max_capacity(CODES_MAX).time_to_live(life).build(),
            by_couple: Cache::builder().max_capacity(CODES_MAX).time_to_live(life).build(),
            turn: Arc::default(),
        }
    }
}

/// A code as it is looked up: without spaces, upper case.
fn canonical(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}

impl Invites {
    /// The couple's live code, or a new one.
    pub(crate) fn issue(&self, couple: CoupleId, inviter: UserId, now: Millis) -> Result<Invite> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(invite) = self.by_couple.get(&couple).filter(|invite| now < invite.expires_at) {
            return Ok(invite);
        }
        let mut code = fresh_code(CODE_CHARS)?;
        while self.by_code.contains_key(&code) {
            code = fresh_code(CODE_CHARS)?;
        }
        let invite = Invite { code, couple, inviter, expires_at: now.plus(LIFE_MS) };
        self.insert(&invite);
        Ok(invite)
    }

    /// Looks a code up without using it.
    pub(crate) fn peek(&self, code: &str, now: Millis) -> Result<Invite> {
        self.by_code
            .get(&canonical(code))
            .filter(|invite| now < invite.expires_at)
            .ok_or(Error::BadInvite)
    }

    /// Takes a code: nobody else has it from now on, unless it is put back.
    pub(crate) fn claim(&self, code: &str, now: Millis) -> Result<Invite> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let invite = self
            .by_code
            .remove(&canonical(code))
            .filter(|invite| now < invite.expires_at)
            .ok_or(Error::BadInvite)?;
        self.by_couple.invalidate(&invite.couple);
        Ok(invite)
    }

    /// Puts a claimed code back as it was, unless the couple has a new one by now.
    pub(crate) fn put_back(&self, invite: &Invite) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.by_couple.contains_key(&invite.couple) {
            self.insert(invite);
        }
    }

    /// Takes a couple's code away.
    pub(crate) fn revoke(&self, couple: CoupleId) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(invite) = self.by_couple.remove(&couple) {
            self.by_code.invalidate(&invite.code);
        }
    }

    /// The couples that wait for somebody now.
    pub(crate) fn waiting_couples(&self, now: Millis) -> Vec<CoupleId> {
        let live = self.by_couple.iter().filter(|(_, invite)| now < invite.expires_at);
        live.map(|(couple, _)| *couple).collect()
    }

    fn insert(&self, invite: &Invite) {
        self.by_code.insert(invite.code.clone(), invite.clone());
        self.by_couple.insert(invite.couple, invite.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000_000);
    const COUPLE: CoupleId = CoupleId::new(1);
    const ANNA: UserId = UserId::new(1);

    #[test]
    fn a_couple_has_one_live_code_also_when_asked_twice_at_once() {
        let invites = Invites::default();
        let codes: Vec<_> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| invites.issue(COUPLE, ANNA, NOW).expect("a code").code))
                .collect();
            asking.into_iter().map(|asked| asked.join().expect("an answer")).collect()
        });
        assert!(codes.iter().all(|code| *code == codes[0]));
        assert_eq!(codes[0].len(), CODE_CHARS);
    }

    #[test]
    fn a_code_dies_after_fifteen_minutes_and_is_claimed_once() {
        let invites = Invites::default();
        let code = invites.issue(COUPLE, ANNA, NOW).expect("a code").code;
        assert!(invites.peek(&code.to_lowercase(), NOW.plus(LIFE_MS - 1)).is_ok());
        assert!(invites.peek(&code, NOW.plus(LIFE_MS)).is_err());

        let claimed = invites.claim(&code, NOW).expect("claimed");
        assert!(invites.claim(&code, NOW).is_err());
        invites.put_back(&claimed);
        assert_eq!(invites.claim(&code, NOW).expect("claimed again").expires_at, NOW.plus(LIFE_MS));
    }
}
