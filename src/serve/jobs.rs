//! What runs by itself. A job never ends on an error: it logs and goes on.

use std::time::Duration;

use fail::fail_point;
use tokio::task::JoinHandle;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::task::AbortOnDropHandle;

use crate::app::App;
use crate::clock::{DAY_MS, Millis};
use crate::couples::{self, candidate};
use crate::db::{Tx, setting};
use crate::error::Result;
use crate::live::Announcement;
use crate::{accounts, chat, children, media, schedules};

const SWEEP_EVERY: Duration = Duration::from_secs(20);
const RETENTION_EVERY: Duration = Duration::from_secs(30 * 60);

/// Starts the jobs; they end with the returned task.
pub(super) fn start(app: &App) -> JoinHandle<()> {
    let app = app.clone();
    tokio::spawn(async move {
        let _thumbnails = AbortOnDropHandle::new(tokio::spawn(media::make_thumbnails(app.clone())));
        let _index = AbortOnDropHandle::new(tokio::spawn(chat::keep_index(app.clone())));
        let _seats = AbortOnDropHandle::new(tokio::spawn(chat::keep_seats(app.clone())));
        let _retention = AbortOnDropHandle::new(tokio::spawn(keep_retaining(app.clone())));
        let mut ticks = every(SWEEP_EVERY);
        loop {
            ticks.tick().await;
            sweep_sockets(&app).await;
        }
    })
}

/// By itself: however much there is to remove, sockets are swept meanwhile.
async fn keep_retaining(app: App) {
    let mut ticks = every(RETENTION_EVERY);
    loop {
        ticks.tick().await;
        retain(&app).await;
        if let Err(error) = chat::forget_deleted(&app).await {
            tracing::warn!("deleted words are still in the index: {error}");
        }
    }
}

/// Begins at once.
fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
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
pub(super) async fn retain(app: &App) {
    let looked = app.db.write(|tx| Ok((tx.now, is_plausible(tx)?))).await;
    let now = match looked {
        Ok((now, is_plausible)) => {
            if is_plausible {
                remove_expired(app, now).await;
            }
            now
        }
        Err(error) => {
            tracing::warn!("retention did not run: {error}");
            return;
        }
    };
    // Last: who sees it knows that the look is over. A jump during the look is one for the next.
    if let Err(error) = app.db.write(move |tx| setting::put(tx, "heartbeat", now)).await {
        tracing::warn!("the time of the last look was not noted: {error}");
    }
}

/// Each in commits of its own, a little at a time: others want to write, too. What fails waits for the next look and
/// keeps nothing else from going. All of it at the one time that was found plausible: the clock may jump meanwhile.
async fn remove_expired(app: &App, now: Millis) {
    fail_point!("before_expired_goes");
    let outcomes = [
        ("unclaimed accounts", candidate::remove_unclaimed(app, now).await),
        ("sessions without a token", accounts::retire(app, now).await),
        ("links into rooms", chat::delete_expired_invites(app, now).await),
        ("deleted schedules", schedules::delete_expired(app, now).await),
        ("deleted children", children::delete_expired(app, now).await),
        ("media in the trash", media::empty_trash(app, now).await),
        ("rooms that everybody left", chat::remove_deserted(app, now).await),
        ("couples that everybody left", couples::remove_trashed(app, now).await),
        ("unnamed uploads", media::to_trash(app, now).await),
    ];
    for (what, outcome) in outcomes {
        if let Err(error) = outcome {
            tracing::warn!("{what} were not removed: {error}");
        }
    }
}

/// True when the clock has been plausible for a whole day.
fn is_plausible(tx: &Tx<'_>) -> Result<bool> {
    let last: Option<Millis> = setting::select(tx, "heartbeat")?;
    if last.is_some_and(|last| !(0..=DAY_MS).contains(&tx.now.since(last))) {
        tracing::warn!(
            "the clock moved by more than a day since the last look; nothing is removed for a day"
        );
        setting::put(tx, "clock-jumped-at", tx.now)?;
    }
    let jumped_at: Option<Millis> = setting::select(tx, "clock-jumped-at")?;
    Ok(last.is_some() && jumped_at.is_none_or(|jumped_at| tx.now.since(jumped_at) >= DAY_MS))
}

#[cfg(test)]
mod tests {
    use reqwest::Method;
    use serde_json::{Value, json};

    use super::super::caller::{Caller, PASSWORD};
    use super::*;
    use crate::accounts::user;
    use crate::ids::UserId;

    #[tokio::test]
    async fn who_cannot_be_removed_stops_nobody_else() {
        let (caller, running) = Caller::start().await;
        let owner = caller.sign_up("owner").await;
        let couple = caller.ask(Method::GET, "/couples/me", &owner, Value::Null).await;
        let couple = &couple["coupleId"];
        // The only admin has to name another first.
        let admin = UserId::new(caller.candidate("admin", couple).await);
        caller.app.db.write(move |tx| user::update_admin(tx, admin)).await.expect("written");
        for login_id in ["finn", "gina", "hugo"] {
            caller.candidate(login_id, couple).await;
        }
        let waiting = caller.ask(Method::GET, "/couples/candidates", &owner, Value::Null).await;
        assert_eq!(waiting.as_array().map(Vec::len), Some(4));

        for _ in 0..3 {
            retain(&caller.app).await;
            caller.app.clock.advance(DAY_MS / 2);
        }
        let sign_in = caller.sign_in("owner").await;
        let waiting = caller.ask(Method::GET, "/couples/candidates", &sign_in, Value::Null).await;
        let left: Vec<_> = waiting.as_array().expect("a list").iter().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        assert_eq!(left[0]["userId"], admin.get());
        drop(caller);
        running.stop().await;
    }

    #[tokio::test]
    async fn what_cannot_be_removed_stops_nothing_else() {
        let (caller, running) = Caller::start().await;
        caller.sign_up("owner").await;
        let mut left = Vec::new();
        for login_id in ["held", "finn", "gina", "hugo", "ida", "jana"] {
            let token = caller.sign_up(login_id).await;
            let couple = caller.ask(Method::GET, "/couples/me", &token, Value::Null).await;
            let rooms = caller.ask(Method::GET, "/rooms", &token, Value::Null).await;
            left.push((rooms[0]["roomId"].clone(), couple["coupleId"].clone()));
            let password = json!({ "password": PASSWORD });
            caller.ask(Method::DELETE, "/users/me", &token, password).await;
        }
        let (room, couple) = left[0].clone();
        let held = caller.app.db.write(move |tx| {
            for (table, id) in [("room", room), ("couple", couple)] {
                tx.execute_batch(&format!(
                    "create trigger held_{table} before delete on {table} when old.id = {id}
                    begin select raise(abort, 'held'); end"
                ))?;
            }
            Ok(())
        });
        held.await.expect("two triggers");

        // One look at what has had its time.
        for _ in 0..30 {
            caller.app.clock.advance(DAY_MS);
            retain(&caller.app).await;
        }
        let expected = [(true, true)].into_iter().chain(std::iter::repeat((false, false)));
        for ((room, couple), expected) in left.into_iter().zip(expected) {
            let is_there = caller.app.db.read(move |db| {
                let sql = format!(
                    "select exists (select 1 from room where id = {room}), exists (select 1 from couple where id = {couple})"
                );
                Ok(db.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
            });
            assert_eq!(is_there.await.expect("read"), expected);
        }
        drop(caller);
        running.stop().await;
    }
}
