//! BambiTalk: a private home for a couple and their child, in one executable.
//!
//! # Who may use whom
//!
//! `cli` and `serve` know the features; a feature may use those before it in `accounts`, `media`, `chat`, `schedules`,
//! `children`, `couples`, `registration`, `control`; all of them stand on the floor: `db`, `live`, `http`, `storage`,
//! which names no feature. [`serve`] is the only place that knows them all. A test reads `src` and holds these lines.
//!
//! # What is absent
//!
//! - Nothing outside `db` opens a connection, and no write happens off the writer thread: what takes a `&Tx` writes, what
//!   takes a `&Connection` reads.
//! - Nothing is answered before its commit, and nothing is announced that was rolled back, or in another order.
//! - Nobody acts but as the `Person` a live session says they are, and where a guest has no business as a `Member`; each
//!   change asks again who that is, and in a room whether they are of it.
//! - Nothing that must survive lives in memory: presence, invite codes, counters of tries may be forgotten.
//! - Nothing asks for the time but [`clock`], or for a time zone but `zone.rs`.
//! - No row names a file that is not on disk; nothing but `media/trash.rs` removes files that were acknowledged.
//! - Leaving deletes nothing: what nobody is left in waits for 30 days in the trash, and goes a little in each commit.
//! - No route exists undescribed: a handler's `#[utoipa::path]` is its path, its method and its entry in
//!   `/api/v1/openapi.json`; `http/openapi.rs` adds the envelope and the failures that all routes share.
//!
//! # How one message flows
//!
//! 1. A socket connects: `chat/chats.rs` or `chat/rooms.rs` turns its token into a session, registers every event and
//!    joins its channels, before the phone hears that it is connected.
//! 2. `send_message` arrives: the synchronous part of its handler checks the draft and queues the write, so what one
//!    phone sends keeps its order; only the waiting is spawned.
//! 3. `chat/sending.rs` `save`, on the writer thread: who is this, are they in the room, was this `clientId` saved before;
//!    take the room's next number and revision, insert (`chat/message.rs`), announce.
//! 4. `db/writer.rs` commits everything that queued up meanwhile, hands the announcements to `live` in order, then answers
//!    each caller.
//! 5. `live` sends `receive_message` and `chat` to who is in the room; a little later the room's new summary goes to who
//!    is not.
//!
//! # How somebody comes into a room and goes
//!
//! `chat/group.rs` takes the room's next message for the line that says so, and gives the seat the same revision: who comes
//! sees from that line on, who goes does not see it. Whatever was about to be told to who goes is held back
//! (`live/presence.rs`), and a guest without a room is signed out in the same change. What happens to a message later
//! (`chat/acts.rs`) gives it the room's revision of that moment, by which `chat/changes.rs` finds it.
//!
//! # How one photo flows
//!
//! 1. `POST /files`: `media/upload.rs` tells the type from the first bytes, notes the id in `stray`, and streams into the
//!    store, hashing on the way. A caller who hangs up, or a crash, leaves a note and no row: both are cleared away.
//! 2. All of it is on disk, its folder's entry included, before the row is; the row is committed before the answer.
//! 3. The maker of thumbnails (`media/thumbnail.rs`), woken by that commit, has them drawn one at a time, each by a
//!    process of its own that may take only so much memory and time (`media/drawer.rs`).
//! 4. A message names the media's id; `media/item.rs` `name_it` says whether its author may. Links are made when a message
//!    is read, and in the mobile app's shape stand on the origin by which each phone came.
//! 5. `GET /media/{id}`: the signature opens, no session is asked for; `media/download.rs` sends the whole or a range.
//!
//! # How two become a couple
//!
//! `couples/http.rs` `join` counts the try and claims the code in memory; `couples/pairing.rs` moves the joiner, makes the
//! fresh room and announces in one change; if that fails, the code is put back. After the commit every open socket of both
//! is in the new room, and what was remembered about them is looked up again.
//!
//! # How they part, or one of them goes
//!
//! `couples/parting.rs` `part` notes who proposes it; said by the other one, it is done, all in one change: whoever proposed
//! gets a couple of their own, each keeps what they wrote and a copy of what the other did (`divide` in `schedules` and
//! `children`), the room is archived. `couples/withdrawal.rs` takes a person out of everything and leaves the partner alone
//! in the couple; `couples/trash.rs` and `chat/trash.rs` remove, a month later, what nobody is in any more.

mod accounts;
mod app;
#[cfg(feature = "bench")]
pub mod bench;
mod chat;
mod children;
pub mod cli;
pub mod clock;
pub mod config;
mod control;
mod couples;
mod day;
mod db;
mod error;
mod http;
mod ids;
mod live;
mod media;
mod registration;
mod schedules;
pub mod serve;
mod storage;
mod zone;
