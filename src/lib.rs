//! BambiTalk: a private home for a couple and their child, in one executable.

mod accounts;
mod app;
mod chat;
pub mod cli;
pub mod clock;
pub mod config;
mod control;
mod couples;
mod db;
mod error;
mod http;
mod ids;
mod live;
mod registration;
pub mod serve;
