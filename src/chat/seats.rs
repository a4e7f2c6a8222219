//! Seats of guests who are signed in nowhere any more. They have no way back in, so nobody waits for them to read on.

use std::time::Duration;

use super::group;
use crate::accounts::user;
use crate::app::App;
use crate::error::Result;

const RETRY_AFTER: Duration = Duration::from_secs(60);

/// Takes guests out as their last session ends; whose ended while nobody looked, first.
pub(crate) async fn keep_seats(app: App) {
    loop {
        match vacate(&app).await {
            Ok(()) => app.live.session_ended().await,
            Err(error) => {
                tracing::warn!("a guest's seat was not given up, trying again in a while: {error}");
                tokio::time::sleep(RETRY_AFTER).await;
            }
        }
    }
}

/// Each in a change of their own: who cannot be taken out stops nobody else.
async fn vacate(app: &App) -> Result<()> {
    let mut outcome = Ok(());
    for guest in app.db.read(user::select_stranded).await? {
        let vacated = app.db.write(move |tx| {
            // Moved to another device meanwhile.
            if user::is_stranded(tx, guest)? { group::leave_all(tx, guest) } else { Ok(()) }
        });
        outcome = vacated.await.and(outcome);
    }
    outcome
}
