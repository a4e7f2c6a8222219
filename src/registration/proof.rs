//! Kakao accounts that proved themselves a moment ago: signing up needs no token, so it needs this.

use std::time::Duration;

use moka::sync::Cache;

use crate::clock::{MINUTE_MS, Millis};

const LIFE_MS: i64 = 10 * MINUTE_MS;
const PROOFS_MAX: u64 = 10_000;

/// Kakao ids and when they were proved.
#[derive(Clone)]
pub(crate) struct Proofs(Cache<i64, Millis>);

impl Default for Proofs {
    fn default() -> Self {
        Self(
            Cache::builder()
                .max_capacity(PROOFS_MAX)
                .time_to_live(Duration::from_millis(LIFE_MS as u64))
                .build(),
        )
    }
}

impl Proofs {
    /// This Kakao account was proved now.
    pub(super) fn note(&self, kakao_id: i64, now: Millis) {
        self.0.insert(kakao_id, now);
    }

    /// The account it would open is gone on purpose.
    pub(crate) fn forget(&self, kakao_id: i64) {
        self.0.invalidate(&kakao_id);
    }

    /// Whether it was proved within the last ten minutes.
    pub(super) fn holds(&self, kakao_id: i64, now: Millis) -> bool {
        self.0.get(&kakao_id).is_some_and(|at| (0..LIFE_MS).contains(&now.since(at)))
    }
}
