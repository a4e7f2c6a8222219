//! Rooms and messages.
//!
//! A message's id is its number in its room, given by the writer, so the order of ids is the order of commits. Read
//! marks are one number a member. `/chats` (the mobile app) and `/rooms` (everybody else) are thin over the same acts.

mod changes;
mod chats;
mod content;
pub(crate) mod http;
mod load;
mod member;
mod message;
mod page;
mod receipt;
pub(crate) mod room;
mod rooms;
mod sockets;
mod summary;

pub(crate) use chats::open_chats;
pub(crate) use load::Loads;
pub(crate) use member::leave_all;
pub(crate) use message::append;
pub(crate) use rooms::open_rooms;
pub(crate) use sockets::tell_out;
pub(crate) use summary::tell_changes;
