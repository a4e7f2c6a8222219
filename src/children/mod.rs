//! The couple's children, from the first due date on.
//!
//! A child is one row before and after birth: being born loses nothing of what was known before. How far along or how
//! old it is, and what is coming, is counted from today in the couple's zone whenever somebody asks. Deleting one can be
//! undone for 30 days.

mod age;
mod bodies;
mod child;
mod details;
mod due_date;
pub(crate) mod http;

pub(crate) use child::{delete_expired, delete_some, divide, hand_over, move_all};
