//! People and their signed-in devices.
//!
//! A token is 256 random bits of which only the hash is kept; ending a session works at once, open sockets included.
//! Nobody acts but as the [`Member`] that a live session says they are.

pub(crate) mod http;
mod kakao;
mod member;
mod password;
mod session;
mod token;
pub(crate) mod user;

pub(crate) use http::{Entrance, SignedIn, signed_in};
pub(crate) use kakao::Kakao;
pub(crate) use member::{Member, current};
pub(crate) use password::{Passwords, checked_password};
pub(crate) use session::{Client, Sessions, Signed, end_all, hand_over, open, resume, retire};
pub(crate) use token::{delete_expired_access, fresh_code, fresh_secret, secret_hash};
