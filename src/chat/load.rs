//! What one session may have waiting for the writer: nobody fills the queue that everybody shares.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::ids::SessionId;

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

#[cfg(test)]
mod tests {
    use super::*;

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
