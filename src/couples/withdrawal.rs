//! Somebody goes for good: nameless from now on, signed in nowhere, and whoever they leave behind keeps everything.

use super::candidate;
use super::couple;
use super::pairing::{announce, revoke_invite};
use crate::accounts::{end_all, forget_sessions, user};
use crate::app::App;
use crate::chat::{self, room};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CoupleId, UserId};
use crate::live::Announcement;
use crate::media;

/// Takes a person out of everything. The partner is a couple of one; a couple that nobody is left in goes to the trash.
pub(crate) fn withdraw(tx: &Tx<'_>, app: &App, user: UserId, reason: &'static str) -> Result<()> {
    if user::is_only_admin(tx, user)? {
        return Err(Error::LastAdmin);
    }
    let partner = user::select_spouse(tx, user)?;
    end_all(tx, user, None, reason)?;
    forget_sessions(tx, user)?;
    let couple = remove(tx, app, user)?;
    match (couple, partner) {
        (Some(couple), Some(partner)) => leave_behind(tx, app, couple, partner),
        _ => Ok(()),
    }
}

/// Takes the account away from where anybody could sign in or meet it; answers the couple that it was of; a guest
/// was of none.
pub(super) fn remove(tx: &Tx<'_>, app: &App, user: UserId) -> Result<Option<CoupleId>> {
    candidate::forget_user(tx, user)?;
    chat::leave_all(tx, user)?;
    let known = user::withdraw(tx, user)?;
    if let Some(avatar) = known.avatar {
        media::trash_unnamed(tx, avatar)?;
    }
    if let Some(couple) = known.couple {
        revoke_invite(tx, app, couple);
        couple::trash_empty(tx, couple)?;
    }
    if let Some(kakao_id) = known.kakao_id {
        let app = app.clone();
        // Who comes back is somebody new, and has to prove themselves anew.
        tx.announce(Announcement::act(move |_| app.proofs.forget(kakao_id)));
    }
    Ok(known.couple)
}

/// The partner is alone at once, and goes on reading the room that was theirs.
fn leave_behind(tx: &Tx<'_>, app: &App, couple: CoupleId, partner: UserId) -> Result<()> {
    let shared = couple::update_alone(tx, couple)?;
    if let Some(shared) = shared {
        room::archive(tx, shared)?;
    }
    let own = room::current(tx, partner)?;
    tx.announce(Announcement::act(move |live| {
        live.forget();
        chat::tell_out(live, live.move_chats(&[partner], own));
        if let Some(room) = shared {
            live.hush(room);
            live.room_changed(room);
        }
    }));
    announce(tx, app, couple)
}
