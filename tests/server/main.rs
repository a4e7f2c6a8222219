//! The real server in this process, driven over HTTP under a clock that stands still until it is moved.

#![expect(clippy::expect_used, reason = "a test that cannot go on should say so and stop")]

mod app;
mod children;
mod clock;
mod layout;
mod login_link;
mod openapi;
mod rejoining;
mod schedules;
