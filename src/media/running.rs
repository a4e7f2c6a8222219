//! The uploads that are running: how many of whom, and how much they may still write.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, Result};
use crate::ids::UserId;

/// Uploads at once: of one person, and of all.
const PER_USER_MAX: usize = 8;
const TOTAL_MAX: usize = 32;
/// And of guests: one link lets in many, and the family's own uploads always find a place.
const PER_GUEST_MAX: usize = 2;
const GUESTS_MAX: usize = 8;
const RETRY_AFTER_S: i64 = 5;
/// How long one waits for a place.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everybody's running uploads. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Uploads {
    running: Arc<Mutex<Running>>,
    /// Somebody gave a place up.
    left: Arc<Notify>,
}

#[derive(Default)]
struct Running {
    of_users: HashMap<UserId, usize>,
    of_guests: usize,
    /// Bytes that are about to be written: room that is taken though the disk does not know it.
    owed: u64,
}

/// One upload's place; given up when dropped.
pub(super) struct Place {
    user: UserId,
    is_guest: bool,
    uploads: Uploads,
    owed: u64,
    /// What is still to come, if it was said; its room is kept a part at a time.
    left: Option<u64>,
}

impl Uploads {
    /// Takes a place, waiting a little where there are enough running: an album is sent at once.
    pub(super) async fn enter(&self, user: UserId, is_guest: bool) -> Result<Place> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut left = pin!(self.left.notified());
            left.as_mut().enable();
            match self.try_enter(user, is_guest) {
                Ok(place) => return Ok(place),
                Err(error) => timeout_at(deadline, left).await.map_err(|_| error)?,
            }
        }
    }

    fn try_enter(&self, user: UserId, is_guest: bool) -> Result<Place> {
        let mut running = self.running();
        let mine = running.of_users.get(&user).copied().unwrap_or_default();
        let is_full = match is_guest {
            true => mine >= PER_GUEST_MAX || running.of_guests >= GUESTS_MAX,
            false => mine >= PER_USER_MAX,
        };
        if is_full || running.of_users.values().sum::<usize>() >= TOTAL_MAX {
            return Err(Error::TooMany { retry_after_s: RETRY_AFTER_S });
        }
        running.of_users.insert(user, mine + 1);
        running.of_guests += usize::from(is_guest);
        Ok(Place { user, is_guest, uploads: self.clone(), owed: 0, left: None })
    }

    /// What all are about to write.
    pub(super) fn owed(&self) -> u64 {
        self.running().owed
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// What the request said of its length.
    pub(super) fn announce(&mut self, bytes: Option<u64>) {
        self.left = bytes;
    }

    /// Keeps room for what comes next, `most` of it; answers how much there must be: for that, for what all others are
    /// about to write, and for the rest of this one, which is nobody's yet and might be gone by then.
    pub(super) fn keep_ahead(&mut self, most: u64) -> u64 {
        let left = self.left.unwrap_or(most);
        let more = left.min(most).saturating_sub(self.owed);
        let mut running = self.uploads.running();
        self.owed += more;
        running.owed += more;
        running.owed + left.saturating_sub(most)
    }

    /// So much is written.
    pub(super) fn wrote(&mut self, bytes: u64) {
        self.left = self.left.map(|left| left.saturating_sub(bytes));
        let paid = bytes.min(self.owed);
        self.owed -= paid;
        self.uploads.running().owed -= paid;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut running = self.uploads.running();
        running.owed -= self.owed;
        running.of_guests -= usize::from(self.is_guest);
        if let Some(mine) = running.of_users.get_mut(&self.user) {
            *mine -= 1;
            if *mine == 0 {
                running.of_users.remove(&self.user);
            }
        }
        drop(running);
        self.uploads.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_eight_places_and_all_have_what_is_owed() {
        let uploads = Uploads::default();
        let anna = UserId::new(1);
        let mut places: Vec<Place> =
            (0..8).map(|_| uploads.try_enter(anna, false).expect("a place")).collect();
        assert!(uploads.try_enter(anna, false).is_err());

        let mut bens = uploads.try_enter(UserId::new(2), false).expect("a place");
        assert_eq!(bens.keep_ahead(10), 10);
        places[0].announce(Some(5));
        assert_eq!(places[0].keep_ahead(10), 15);
        bens.wrote(4);
        assert_eq!(uploads.owed(), 11);
        assert_eq!(bens.keep_ahead(10), 15);
        drop(bens);
        assert_eq!(uploads.owed(), 5);

        places.pop();
        assert!(uploads.try_enter(anna, false).is_ok());
    }

    #[test]
    fn what_is_announced_has_room_kept_a_part_at_a_time() {
        let uploads = Uploads::default();
        let mut place = uploads.try_enter(UserId::new(1), false).expect("a place");
        place.announce(Some(35));
        assert_eq!((place.keep_ahead(10), uploads.owed()), (35, 10));
        for (wrote, needed, owed) in [(10, 25, 10), (12, 13, 10), (3, 10, 10), (6, 4, 4), (4, 0, 0)]
        {
            place.wrote(wrote);
            assert_eq!(
                (place.keep_ahead(10), uploads.owed()),
                (needed, owed),
                "after {wrote} more"
            );
        }
    }

    #[test]
    fn guests_leave_places_to_everybody_else() {
        let uploads = Uploads::default();
        let enter = |guest: i64| uploads.try_enter(UserId::new(guest), true);
        let mut places: Vec<Place> = (0..8).map(|at| enter(at / 2).expect("a place")).collect();
        assert!(enter(4).is_err());
        assert!(uploads.try_enter(UserId::new(9), false).is_ok());
        places.pop();
        assert!(enter(0).is_err());
        assert!(enter(4).is_ok());
    }
}
