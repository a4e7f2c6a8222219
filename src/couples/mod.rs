//! Couples: pairing by code, parting, withdrawing, and who waits to be let in.
//!
//! Pairing never deletes: what the joiner's couple of one had moves along, what either wrote alone stays in their own
//! room, and the couple's room starts empty. A code is claimed in memory before the transaction and put back if that
//! fails, so of two racers one wins.

mod bodies;
pub(crate) mod candidate;
pub(crate) mod couple;
pub(crate) mod http;
mod invite;
mod me_http;
mod pairing;
mod parting;
mod trash;
mod withdrawal;

pub(crate) use invite::{Invite, Invites};
pub(crate) use pairing::{Joiner, claimed, pair};
pub(crate) use trash::remove_trashed;
pub(crate) use withdrawal::withdraw;
