//! People and their signed-in devices.
//!
//! A token is 256 random bits of which only the hash is kept; ending a session works at once, open sockets included.
//! Nobody acts but as the [`Person`] that a live session says they are; most acts ask for a [`Member`], which a guest is not.

pub(crate) mod bodies;
pub(crate) mod http;
mod kakao;
mod link_http;
pub(crate) mod login_link;
mod member;
mod password;
mod session;
mod token;
pub(crate) mod user;

pub(crate) use bodies::{ClientHeader, ProfileBody, WithdrawalBody};
pub(crate) use http::{Entrance, SignedIn, confirm_password, signed_in, signed_out};
pub(crate) use kakao::Kakao;
pub(crate) use member::{
    Member, Person, current, current_person, is_waiting, refuse_waiting, tell_couple,
};
pub(crate) use password::{Passwords, checked_password};
pub(crate) use session::{
    Client, Sessions, Signed, end_all, forget_sessions, hand_over, open, open_with, reopen, resume,
    retire,
};
pub(crate) use token::{delete_expired_access, fresh_code, fresh_secret, secret_hash};
