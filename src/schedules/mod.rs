//! The couple's calendar.
//!
//! A schedule is at an instant or on a day; where an instant falls, and where a day or a month begins, is the couple's
//! time zone's to say, now and not when it was written. Deleting one can be undone for 30 days.

mod bodies;
mod draft;
pub(crate) mod http;
mod list;
mod moment;
mod schedule;

pub(crate) use schedule::{delete_expired, delete_some, divide, hand_over, move_all};
