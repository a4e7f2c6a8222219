//! BambiTalk: a private home for a couple and their child, in one executable.
//!
//! # Who may use whom
//!
//! `cli` and `serve` know the features; a feature may use those before it in `accounts`, `chat`, `couples`,
//! `registration`, `control`; all of them stand on the floor: `db`, `live`, `http`, which names no feature. [`serve`]
//! is the only place that knows them all. A test reads `src` and holds these lines.
//!
//! # What is absent
//!
//! - Nothing outside `db` opens a connection, and no write happens off the writer thread: what takes a `&Tx` writes, what
//!   takes a `&Connection` reads.
//! - Nothing is answered before its commit, and nothing is announced that was rolled back, or in another order.
//! - Nobody acts but as the `Member` a live session says they are; each change asks again who that is.
//! - Nothing that must survive lives in memory: presence, invite codes, counters of tries may be forgotten.
//! - Nothing asks for the time but [`clock`].
//!
//! # How one message flows
//!
//! 1. A socket connects: `chat/chats.rs` or `chat/rooms.rs` turns its token into a session, registers every event and
//!    joins its channels, before the phone hears that it is connected.
//! 2. `send_message` arrives: the synchronous part of its handler checks the draft and queues the write, so what one
//!    phone sends keeps its order; only the waiting is spawned.
//! 3. `chat/message.rs` `send`, on the writer thread: who is this, are they in the room, was this `clientId` saved before;
//!    take the room's next number and revision, insert, announce.
//! 4. `db/writer.rs` commits everything that queued up meanwhile, hands the announcements to `live` in order, then answers
//!    each caller.
//! 5. `live` sends `receive_message` and `chat` to who is in the room; a little later the room's new summary goes to who
//!    is not.
//!
//! # How two become a couple
//!
//! `couples/http.rs` `join` counts the try and claims the code in memory; `couples/pairing.rs` moves the joiner, makes the
//! fresh room and announces in one change; if that fails, the code is put back. After the commit every open socket of both
//! is in the new room, and what was remembered about them is looked up again.

mod accounts;
mod app;
#[cfg(feature = "bench")]
pub mod bench;
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
