//! Couples: pairing by code, and who waits to be let in.
//!
//! Pairing never deletes: what the joiner's couple of one had moves along, what either wrote alone stays in their own
//! room, and the couple's room starts empty. A code is claimed in memory before the transaction and put back if that
//! fails, so of two racers one wins.

pub(crate) mod candidate;
pub(crate) mod couple;
pub(crate) mod http;
mod invite;
mod pairing;

pub(crate) use invite::{Invite, Invites};
pub(crate) use pairing::{Joiner, announce, claimed, pair, revoke_invite};
