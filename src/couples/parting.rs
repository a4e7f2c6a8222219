//! Two people part: one proposes, the other confirms, and each is a couple of one with all that was theirs.
//!
//! Nothing is lost. Each keeps what they wrote and gets a copy of what the other did; the room that was theirs is
//! archived, and both go on reading it.

use fail::fail_point;

use super::candidate;
use super::couple;
use super::pairing::announce;
use crate::accounts::{Member, login_link, user};
use crate::app::App;
use crate::chat::{self, room};
use crate::children;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::live::Announcement;
use crate::schedules;

/// Proposes parting; what the partner has proposed is done.
pub(super) fn part(tx: &Tx<'_>, app: &App, member: Member) -> Result<()> {
    let partner = user::select_spouse(tx, member.user)?.ok_or(Error::Alone)?;
    match couple::select_parting(tx, member.couple)? {
        None => {
            couple::update_parting(tx, member.couple, Some(member.user))?;
            // Whoever parts has no say in how the other one signs in.
            login_link::delete_rescue(tx, member.user)?;
            login_link::delete_rescue(tx, partner)?;
            announce(tx, app, member.couple)
        }
        Some(parting) if parting.by == member.user => Ok(()),
        Some(_) => divide(tx, app, member, partner),
    }
}

/// Takes back that either of the two proposed parting.
pub(super) fn stay(tx: &Tx<'_>, app: &App, member: Member) -> Result<()> {
    if couple::select_parting(tx, member.couple)?.is_none() {
        return Ok(());
    }
    couple::update_parting(tx, member.couple, None)?;
    announce(tx, app, member.couple)
}

/// Whoever proposed it leaves for a couple of their own; all in one change.
fn divide(tx: &Tx<'_>, app: &App, member: Member, leaver: UserId) -> Result<()> {
    let fresh = couple::insert_like(tx, member.couple)?;
    user::update_couple(tx, leaver, fresh)?;
    candidate::copy_all(tx, member.couple, fresh)?;
    children::divide(tx, member.couple, fresh, leaver)?;
    fail_point!("halfway_through_parting");
    schedules::divide(tx, &app.links, member.couple, fresh, leaver)?;
    room::move_along(tx, member.couple, fresh, leaver, member.user)?;
    for couple in [member.couple, fresh] {
        chat::settle_groups(tx, couple)?;
    }
    let shared = couple::update_alone(tx, member.couple)?;
    if let Some(shared) = shared {
        room::archive(tx, shared)?;
    }
    let own =
        [(member.user, room::current(tx, member.user)?), (leaver, room::current(tx, leaver)?)];
    tx.announce(Announcement::act(move |live| {
        live.forget();
        for (user, room) in own {
            chat::tell_out(live, live.move_chats(&[user], room));
        }
        if let Some(room) = shared {
            live.hush(room);
            live.room_changed(room);
        }
    }));
    announce(tx, app, member.couple)?;
    announce(tx, app, fresh)
}
