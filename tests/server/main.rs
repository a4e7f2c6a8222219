//! The real server in this process, driven over HTTP under a clock that stands still until it is moved.

mod app;
mod clock;
mod layout;
