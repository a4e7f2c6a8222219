//! What runs by itself. A job never ends on an error: it logs and goes on.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::clock::{DAY_MS, Millis};
use crate::couples::candidate;
use crate::db::{Tx, setting};
use crate::error::Result;
use crate::live::Announcement;
use crate::{accounts, chat};

const SWEEP_EVERY: Duration = Duration::from_secs(20);
/// In sweeps: half an hour.
const RETENTION_EVERY: u64 = 90;

/// Starts the jobs; they end with the returned task.
pub(super) fn start(app: &App) -> JoinHandle<()> {
    let app = app.clone();
    tokio::spawn(async move {
        let mut ticks = interval(SWEEP_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for tick in 0_u64.. {
            ticks.tick().await;
            sweep_sockets(&app).await;
            if tick % RETENTION_EVERY == 0 {
                retain(&app).await;
            }
        }
    })
}

/// Ends sockets whose token ran out, and forgets those that never came to be. Through the writer, to keep commit order.
async fn sweep_sockets(app: &App) {
    let now = app.clock.now();
    let sessions = app.live.expired_sessions(now);
    let is_any = !sessions.is_empty();
    let swept = app.db.write(move |tx| {
        for session in sessions {
            // What was refused once stays dead when the clock goes back.
            accounts::delete_expired_access(tx, session)?;
        }
        tx.announce(Announcement::act(move |live| {
            if is_any {
                live.forget();
                live.end_expired(now);
            }
            chat::tell_out(live, live.forget_stillborn());
        }));
        Ok(())
    });
    if let Err(error) = swept.await {
        tracing::warn!("sockets were not swept: {error}");
    }
}

/// Removes what has had its time, unless the clock has jumped since the last look: then it waits for the next.
async fn retain(app: &App) {
    let retained = app.db.write(|tx| {
        if beat(tx)? {
            candidate::remove_unclaimed(tx)?;
            accounts::retire(tx)?;
        }
        Ok(())
    });
    if let Err(error) = retained.await {
        tracing::warn!("retention did not run: {error}");
    }
}

/// Notes the time; true when the clock has been plausible for a whole day.
fn beat(tx: &Tx<'_>) -> Result<bool> {
    let last: Option<Millis> = setting::select(tx, "heartbeat")?;
    setting::put(tx, "heartbeat", tx.now)?;
    if last.is_some_and(|last| !(0..=DAY_MS).contains(&tx.now.since(last))) {
        tracing::warn!(
            "the clock moved by more than a day since the last look; nothing is removed for a day"
        );
        setting::put(tx, "clock-jumped-at", tx.now)?;
    }
    let jumped_at: Option<Millis> = setting::select(tx, "clock-jumped-at")?;
    Ok(last.is_some() && jumped_at.is_none_or(|jumped_at| tx.now.since(jumped_at) >= DAY_MS))
}
