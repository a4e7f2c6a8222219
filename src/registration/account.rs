//! A whole new account: person, couple of one, room of their own.

use crate::accounts::user::{self, NewUser};
use crate::chat::room;
use crate::couples::couple;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CoupleId, UserId};

/// Who was made, and the couple of one they start in.
#[derive(Clone, Copy)]
pub(crate) struct Made {
    pub(crate) user: UserId,
    pub(crate) couple: CoupleId,
}

/// Makes the person, their couple of one in `time_zone`, and the room that is theirs alone.
pub(crate) fn create(tx: &Tx<'_>, new: &NewUser, time_zone: &str) -> Result<Made> {
    let couple = couple::insert(tx, time_zone, new.locale)?;
    let user = user::insert(tx, new, couple)?;
    let own = room::create_own(tx, user)?;
    user::update_self_room(tx, user, own)?;
    Ok(Made { user, couple })
}

/// Makes the first admin; there must be none yet.
pub(crate) fn create_admin(tx: &Tx<'_>, new: &NewUser, time_zone: &str) -> Result<UserId> {
    if user::has_admin(tx)? {
        return Err(Error::AlreadySetUp);
    }
    Ok(create(tx, new, time_zone)?.user)
}
