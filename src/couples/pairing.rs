//! Two people become a couple.

use super::candidate;
use super::couple;
use super::invite::Invite;
use crate::accounts::{tell_couple, user};
use crate::app::App;
use crate::chat::{self, room};
use crate::children;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CoupleId, UserId};
use crate::live::Announcement;
use crate::schedules;

/// Who comes into a couple.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Joiner {
    pub(crate) user: UserId,
    pub(crate) couple: CoupleId,
}

/// Claims a code, runs `act` with it, and puts it back if that fails.
pub(crate) async fn claimed<T, F, A>(app: &App, code: &str, act: A) -> Result<T>
where
    T: Send + 'static,
    A: FnOnce(Invite) -> F,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let invite = app.invites.claim(code, app.clock.now())?;
    let (app, acting) = (app.clone(), act(invite.clone()));
    // A task of its own: a caller who hangs up must not take the code along.
    let finishing = tokio::spawn(async move {
        let result = acting.await;
        if result.is_err() {
            put_back(&app, invite).await;
        }
        result
    });
    finishing.await.map_err(|error| Error::Internal(error.into()))?
}

/// In commit order, so that no couple that was paired or left meanwhile has a live code again.
async fn put_back(app: &App, invite: Invite) {
    let invites = app.invites.clone();
    let put_back = app.db.write(move |tx| {
        if couple::members(tx, invite.couple)?.len() == 1 {
            tx.announce(Announcement::act(move |_| invites.put_back(&invite)));
        }
        Ok(())
    });
    if let Err(error) = put_back.await {
        tracing::debug!("an invite code was not put back: {error}");
    }
}

/// The couple's code dies, in commit order.
pub(super) fn revoke_invite(tx: &Tx<'_>, app: &App, couple: CoupleId) {
    let invites = app.invites.clone();
    tx.announce(Announcement::act(move |_| invites.revoke(couple)));
}

/// Brings the joiner into the couple: what they have moves along, both get a fresh room, old tokens and open sockets work
/// in it at once.
pub(crate) fn pair(tx: &Tx<'_>, app: &App, couple: CoupleId, joiner: Joiner) -> Result<()> {
    if couple == joiner.couple {
        return Err(Error::OwnInvite);
    }
    let inviters = couple::members(tx, couple)?;
    let [inviter] = inviters[..] else {
        return Err(if inviters.is_empty() { Error::NoCouple } else { Error::HasSpouse });
    };
    if user::select_spouse(tx, joiner.user)?.is_some() {
        return Err(Error::HasSpouse);
    }
    candidate::forget_user(tx, joiner.user)?;
    candidate::update_couple(tx, joiner.couple, couple)?;
    user::update_couple(tx, joiner.user, couple)?;
    children::move_all(tx, joiner.couple, couple)?;
    schedules::move_all(tx, &app.links, joiner.couple, couple)?;
    room::move_all(tx, joiner.couple, couple)?;
    couple::delete_empty(tx, joiner.couple)?;
    let users = [inviter, joiner.user];
    let room = room::create_couples(tx, couple, users)?;
    couple::update_paired(tx, couple, room)?;
    revoke_invite(tx, app, couple);
    revoke_invite(tx, app, joiner.couple);
    tx.announce(Announcement::act(move |live| {
        live.forget();
        chat::tell_out(live, live.move_chats(&users, room));
        live.room_changed(room);
    }));
    announce(tx, app, couple)
}

/// Tells both how the couple stands now.
pub(super) fn announce(tx: &Tx<'_>, app: &App, couple: CoupleId) -> Result<()> {
    tell_couple(tx, couple, "couple", &couple::show(tx, &app.links, couple)?)
}
