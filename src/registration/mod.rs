//! How somebody gets an account: set-up, an invite code, a server invitation, Kakao.
//!
//! Under `closed`, the default, nobody gets in without a code that this server printed or a couple gave.

pub(crate) mod account;
mod bodies;
mod guest;
pub(crate) mod http;
mod invitation;
mod proof;
mod setup_code;

pub(crate) use invitation::issue as issue_invitation;
pub(crate) use proof::Proofs;
pub(crate) use setup_code::SetupCode;
