//! Rooms and messages.
//!
//! A message's id is its number in its room, given by the writer, so the order of ids is the order of commits. Read
//! marks are one number a member. `/chats` (the mobile app) and `/rooms` (everybody else) are thin over the same acts.

mod acts;
mod bodies;
mod card;
mod changes;
mod chats;
mod content;
mod group;
mod group_http;
mod hiding;
pub(crate) mod http;
mod invite;
mod invite_http;
mod load;
mod member;
mod message;
mod needle;
mod page;
mod quote;
mod reaction;
mod receipt;
pub(crate) mod room;
mod rooms;
mod search;
mod search_http;
mod search_index;
mod seats;
mod sending;
mod sockets;
mod summary;
mod system;
mod trash;

pub(crate) use card::{calendar_changed, move_cards, schedule_changed, schedule_goes};
pub(crate) use chats::open_chats;
pub(crate) use group::{hand_over_groups, leave_all, settle_groups};
pub(crate) use invite::{come_in, delete_expired_invites};
pub(crate) use load::{Loads, Paces};
pub(crate) use member::touch_member;
pub(crate) use message::{append, select_shown_schedules};
pub(crate) use rooms::open_rooms;
pub(crate) use search_index::{Backlog, forget_deleted, keep_index};
pub(crate) use seats::keep_seats;
pub(crate) use sockets::tell_out;
pub(crate) use summary::tell_changes;
pub(crate) use trash::remove_deserted;
