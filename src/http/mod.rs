//! HTTP plumbing that knows no feature: the envelope, bodies and queries, addresses, limits, connections.

pub(crate) mod address;
pub(crate) mod assets;
mod body;
mod connection;
pub(crate) mod envelope;
mod example;
mod fields;
mod frames;
pub(crate) mod language;
mod limits;
pub(crate) mod openapi;
mod qr;
mod routes;
mod shipped;

pub(crate) use address::Client;
pub(crate) use body::{Params, read};
pub(crate) use connection::{Cut, Doorkeeper};
pub(crate) use envelope::Reply;
pub(crate) use fields::{Fields, is_plain, turns_direction};
pub(crate) use frames::MESSAGE_MAX_BYTES;
pub(crate) use limits::{Limits, Quota};
pub(crate) use qr::qr_svg;
pub(crate) use routes::{Routes, routes};
