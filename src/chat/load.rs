//! What one session may have waiting for the writer, and how fast one person may send: nobody fills what everybody
//! shares.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::ids::{SessionId, UserId};

/// Acts of one session that wait at most, and their text together.
const ACTS_MAX: usize = 12_000;
const BYTES_MAX: usize = 16 << 20;

#[derive(Clone, Copy, Default)]
struct Waiting {
    acts: usize,
    bytes: usize,
}

/// What waits, by session; empty when nothing does.
#[derive(Clone, Default)]
pub(crate) struct Loads(Arc<Mutex<HashMap<SessionId, Waiting>>>);

/// A place in the queue; given up when dropped.
pub(super) struct Ticket {
    loads: Loads,
    session: SessionId,
    bytes: usize,
}

impl Loads {
    /// A place for one more act with so much text, or [`Error::TooFast`].
    pub(super) fn take(&self, session: SessionId, bytes: usize) -> Result<Ticket> {
        let mut waiting = self.waiting();
        let mine = waiting.entry(session).or_default();
        if mine.acts >= ACTS_MAX || mine.bytes + bytes > BYTES_MAX {
            return Err(Error::TooFast);
        }
        mine.acts += 1;
        mine.bytes += bytes;
        Ok(Ticket { loads: self.clone(), session, bytes })
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<SessionId, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut waiting = self.loads.waiting();
        if let Some(mine) = waiting.get_mut(&self.session) {
            mine.acts -= 1;
            mine.bytes -= self.bytes;
            if mine.acts == 0 {
                waiting.remove(&self.session);
            }
        }
    }
}

/// So many at once, and one more each time so many milliseconds have passed.
#[derive(Clone, Copy)]
struct Pace {
    burst: i64,
    each_ms: i64,
}

/// Sends of one person.
const SENDS: Pace = Pace { burst: 500, each_ms: 50 };
/// Comings, goings and signs of typing of one device: an app that opens all the rooms somebody can be in, and closes them,
/// does so twice without a wait.
const MOVES: Pace = Pace { burst: 1_000, each_ms: 10 };
/// Those remembered; whoever has been quiet is forgotten first.
const PACES_MAX: usize = 10_000;

/// How far ahead of the pace each one is, in time owed.
#[derive(Clone)]
pub(crate) struct Paces<K> {
    owed: Arc<Mutex<HashMap<K, Millis>>>,
    pace: Pace,
    is_off: bool,
}

impl Paces<UserId> {
    /// How fast people write. Switched off it allows everything.
    pub(crate) fn of_sends(is_off: bool) -> Self {
        Self { owed: Arc::default(), pace: SENDS, is_off }
    }
}

impl Paces<SessionId> {
    /// How fast devices go about. Switched off it allows everything.
    pub(crate) fn of_moves(is_off: bool) -> Self {
        Self { owed: Arc::default(), pace: MOVES, is_off }
    }
}

impl<K: Eq + Hash> Paces<K> {
    /// Counts one more, or [`Error::TooFast`].
    pub(super) fn take(&self, who: K, now: Millis) -> Result<()> {
        if self.is_off {
            return Ok(());
        }
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        if owed.len() >= PACES_MAX {
            owed.retain(|_, until| now < *until);
        }
        let Pace { burst, each_ms } = self.pace;
        let until = owed.entry(who).or_insert(now);
        // A clock that was set back owes nobody anything.
        let ahead_ms = until.since(now);
        let ahead_ms = if ahead_ms > burst * each_ms { 0 } else { ahead_ms.max(0) };
        if ahead_ms + each_ms > burst * each_ms {
            return Err(Error::TooFast);
        }
        *until = now.plus(ahead_ms + each_ms);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_sends_a_burst_and_then_at_a_pace_and_hurts_no_other() {
        let paces = Paces::of_sends(false);
        let (greedy, other) = (UserId::new(1), UserId::new(2));
        let taken = |user, at| (0..1_000).filter(|_| paces.take(user, Millis(at)).is_ok()).count();

        assert_eq!(taken(greedy, 1_000), 500);
        assert!(paces.take(other, Millis(1_000)).is_ok());
        assert_eq!(taken(greedy, 2_000), 20);
        assert_eq!(taken(greedy, 2_049), 0);
        assert_eq!(taken(greedy, 2_050), 1);
        assert_eq!(taken(greedy, 1_000_000), 500);
        assert_eq!(taken(greedy, -900_000), 500, "the clock was set back");
        assert!((0..1_000).all(|_| Paces::of_sends(true).take(greedy, Millis(0)).is_ok()));
    }

    #[test]
    fn one_session_can_only_have_so_much_waiting_and_hurts_no_other() {
        let loads = Loads::default();
        let (greedy, other) = (SessionId::new(1), SessionId::new(2));

        let mut tickets: Vec<_> =
            (0..ACTS_MAX).map(|_| loads.take(greedy, 1).expect("a place")).collect();
        assert!(matches!(loads.take(greedy, 1), Err(Error::TooFast)));
        assert!(loads.take(other, 1).is_ok());
        tickets.pop();
        assert!(matches!(loads.take(greedy, BYTES_MAX), Err(Error::TooFast)));
        assert!(loads.take(greedy, 1).is_ok());

        drop(tickets);
        assert!(loads.waiting().is_empty());
    }
}
