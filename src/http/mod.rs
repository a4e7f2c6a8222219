//! HTTP plumbing that knows no feature: the envelope, bodies and queries, addresses, limits, connections.

pub(crate) mod address;
pub(crate) mod assets;
mod body;
mod connection;
pub(crate) mod envelope;
mod fields;
mod frames;
pub(crate) mod language;
mod limits;

pub(crate) use address::Client;
pub(crate) use body::Params;
pub(crate) use connection::{Cut, Doorkeeper};
pub(crate) use envelope::Reply;
pub(crate) use fields::Fields;
pub(crate) use frames::MESSAGE_MAX_BYTES;
pub(crate) use limits::{Attempt, Limits, Quota};
