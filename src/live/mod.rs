//! What phones hear: channels, announcements in commit order, presence.
//!
//! Knows no feature. Only the writer tells ([`Live::tell`]), after a commit and in commit order, so there is no path on
//! which a phone hears of something that was rolled back. Live events are speed; catching up is the database's work.

mod ack;
mod goodbye;
mod presence;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use socketioxide::socket::Sid;
use socketioxide::{BroadcastError, SendError, SocketError};
use tokio::sync::{Notify, mpsc};

pub(crate) use ack::{Heard, answer, answer_app, refuse_app};
pub(crate) use goodbye::hang_up;
pub(crate) use presence::{Departed, SocketKey};

use crate::clock::Millis;
use crate::http::Client;
use crate::ids::{RoomId, SessionId, UserId};
use goodbye::{cut, end};
use presence::Presence;

/// A Socket.IO namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Namespace {
    /// The mobile app's; connecting there is entering the couple's room.
    Chats,
    /// Everybody else's.
    Rooms,
}

impl Namespace {
    /// As clients name it.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Chats => "/chats",
            Self::Rooms => "/rooms",
        }
    }
}

/// Who hears an announcement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// Every socket of a person.
    User(UserId),
    /// Every socket of one signed-in device.
    Session(SessionId),
    /// Every socket that is in the room now.
    Room(RoomId),
}

impl Channel {
    fn name(self) -> String {
        match self {
            Self::User(id) => format!("u{id}"),
            Self::Session(id) => format!("s{id}"),
            Self::Room(id) => format!("r{id}"),
        }
    }
}

/// How the phone behind a socket reached us, as in `https://home.example`.
pub(crate) fn origin_of(socket: &SocketRef) -> Arc<str> {
    let client = socket.req_parts().extensions.get::<Client>();
    client.map(|client| client.origin.clone()).unwrap_or_default()
}

type Act = Box<dyn FnOnce(&Live) + Send>;

/// Something to do once a change is committed.
pub(crate) enum Announcement {
    /// An event to everybody on a channel.
    Event { namespace: Namespace, channel: Channel, event: &'static str, payload: Box<RawValue> },
    /// Anything else that must keep commit order: joining, leaving, ending sessions.
    Act(Act),
}

impl Announcement {
    /// An event with its payload, serialised once, here.
    pub(crate) fn event(
        namespace: Namespace,
        channel: Channel,
        event: &'static str,
        payload: &impl Serialize,
    ) -> Self {
        match to_raw_value(payload) {
            Ok(payload) => Self::Event { namespace, channel, event, payload },
            Err(error) => {
                Self::act(move |_| tracing::error!("{event} could not be written as JSON: {error}"))
            }
        }
    }

    /// Anything that has to happen in commit order.
    pub(crate) fn act(act: impl FnOnce(&Live) + Send + 'static) -> Self {
        Self::Act(Box::new(act))
    }
}

/// The handle on everything live. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Live {
    /// None where nobody listens: in commands.
    io: Option<SocketIo>,
    /// Who is where, in memory only.
    presence: Arc<Mutex<Presence>>,
    /// Rooms whose summaries have to be told to people who are not in them.
    changed_rooms: mpsc::UnboundedSender<RoomId>,
    /// Grows whenever a session ends or somebody's couple changes: what was remembered before is to be looked up again.
    epoch: Arc<AtomicU64>,
    /// Wakes whoever looks after what a session leaves behind.
    endings: Arc<Notify>,
}

impl Live {
    /// A live side over `io`; the receiver gets the rooms that changed.
    pub(crate) fn new(io: SocketIo) -> (Self, mpsc::UnboundedReceiver<RoomId>) {
        let (changed_rooms, changes) = mpsc::unbounded_channel();
        (
            Self {
                io: Some(io),
                presence: Arc::default(),
                changed_rooms,
                epoch: Arc::default(),
                endings: Arc::default(),
            },
            changes,
        )
    }

    /// For commands that run without a server: nobody listens.
    pub(crate) fn deaf() -> Self {
        let (changed_rooms, _) = mpsc::unbounded_channel();
        Self {
            io: None,
            presence: Arc::default(),
            changed_rooms,
            epoch: Arc::default(),
            endings: Arc::default(),
        }
    }

    /// Tells what a committed group announced, in order. The writer's alone.
    pub(crate) fn tell(&self, announcements: Vec<Announcement>) {
        for announcement in announcements {
            match announcement {
                Announcement::Event { namespace, channel, event, payload } => {
                    self.emit(namespace, channel, event, &payload)
                }
                Announcement::Act(act) => act(self),
            }
        }
    }

    /// Sends an event at once; for what is not stored (typing) and for acts in commit order.
    pub(crate) fn emit(
        &self,
        namespace: Namespace,
        channel: Channel,
        event: &str,
        payload: &impl Serialize,
    ) {
        let Some(sockets) = self.io.as_ref().and_then(|io| io.of(namespace.path())) else { return };
        let sent = sockets.within(channel.name()).emit(event, payload).now_or_never();
        self.cut_slow(namespace, channel, sent);
    }

    /// Tells the mobile app's sockets in a room what has links in it: each link stands on the origin by which the phone
    /// that hears it came.
    pub(crate) fn emit_by_origin<T: Serialize>(
        &self,
        room: RoomId,
        event: &str,
        payload: impl Fn(&str) -> T,
    ) {
        for socket in self.sockets(Namespace::Chats, Channel::Room(room)) {
            let sent = socket.emit(event, &payload(&origin_of(&socket)));
            if let Err(SendError::Socket(SocketError::InternalChannelFull)) = sent {
                cut(socket);
            }
        }
    }

    /// Tells each person in a room what is for them, where it is not the same for everybody: some hear nothing.
    pub(crate) fn emit_to_each<T: Serialize>(
        &self,
        room: RoomId,
        event: &str,
        payload: impl Fn(UserId) -> Option<T>,
    ) {
        for socket in self.sockets(Namespace::Rooms, Channel::Room(room)) {
            let key = SocketKey { namespace: Namespace::Rooms, id: socket.id };
            let Some(payload) = self.person(key).and_then(&payload) else { continue };
            let sent = socket.emit(event, &payload);
            if let Err(SendError::Socket(SocketError::InternalChannelFull)) = sent {
                cut(socket);
            }
        }
    }

    /// Tells a room's new summary to a person's sockets that are not in that room; nothing to who is no longer of it,
    /// however long ago the summary was made.
    pub(crate) fn emit_outside(
        &self,
        room: RoomId,
        user: UserId,
        event: &str,
        payload: &impl Serialize,
    ) {
        let Some(sockets) = self.io.as_ref().and_then(|io| io.of(Namespace::Rooms.path())) else {
            return;
        };
        // Held until it is told: whoever is sent away hears that afterwards.
        let presence = self.presence();
        if presence.is_expelled(room, user) {
            return;
        }
        let sent = sockets
            .within(Channel::User(user).name())
            .except(Channel::Room(room).name())
            .emit(event, payload)
            .now_or_never();
        drop(presence);
        self.cut_slow(Namespace::Rooms, Channel::User(user), sent);
    }

    /// A socket whose buffer is full has missed something: it is cut off, and catches up when it is back.
    fn cut_slow(
        &self,
        namespace: Namespace,
        channel: Channel,
        sent: Option<Result<(), BroadcastError>>,
    ) {
        let Some(Err(BroadcastError::Socket(errors))) = sent else { return };
        let missed =
            errors.iter().filter(|error| matches!(error, SocketError::InternalChannelFull)).count();
        if missed == 0 {
            return;
        }
        let sockets = self.sockets(namespace, channel);
        let is_full = |socket: &&SocketRef| {
            matches!(
                socket.emit("full", &()),
                Err(SendError::Socket(SocketError::InternalChannelFull))
            )
        };
        let full: Vec<_> = sockets.iter().filter(is_full).collect();
        // One that drained in between cannot be told from the others any more: all of the channel start over.
        let slow = if full.len() < missed { sockets.iter().collect() } else { full };
        for socket in slow {
            tracing::debug!(sid = %socket.id, "a socket fell too far behind and is cut off");
            cut(socket.clone());
        }
    }

    fn sockets(&self, namespace: Namespace, channel: Channel) -> Vec<SocketRef> {
        let sockets = self.io.as_ref().and_then(|io| io.of(namespace.path()));
        sockets.map(|sockets| sockets.within(channel.name()).sockets()).unwrap_or_default()
    }

    /// Lets a new socket hear its person and its session.
    pub(crate) fn admit(
        &self,
        socket: &SocketRef,
        key: SocketKey,
        user: UserId,
        session: SessionId,
        expires_at: Millis,
    ) {
        socket.join([Channel::User(user).name(), Channel::Session(session).name()]);
        self.presence().admit(key, user, session, expires_at);
    }

    /// The socket hears the room from now on. In commit order only.
    pub(crate) fn enter(&self, socket: &SocketRef, key: SocketKey, room: RoomId) {
        if self.presence().enter(key, room) {
            socket.join(Channel::Room(room).name());
        }
    }

    /// The socket no longer hears the room; true when its person was in the room and now is not. In commit order only.
    pub(crate) fn exit(&self, socket: &SocketRef, key: SocketKey, room: RoomId) -> bool {
        socket.leave(Channel::Room(room).name());
        self.presence().exit(key, room)
    }

    /// The socket is gone; answers whom it took out of which rooms.
    pub(crate) fn depart(&self, key: SocketKey) -> Vec<Departed> {
        self.presence().depart(key)
    }

    /// The socket is this person's, whoever it was let in as. In commit order only.
    pub(crate) fn confirm(&self, socket: &SocketRef, key: SocketKey, user: UserId) {
        let known = self.presence().person(key);
        if let Some(known) = known.filter(|known| *known != user) {
            socket.leave(Channel::User(known).name());
            socket.join(Channel::User(user).name());
            self.presence().hand_over(key, user);
        }
    }

    /// The socket is in this room and in no other; answers which rooms it left. In commit order only.
    pub(crate) fn settle(&self, socket: &SocketRef, key: SocketKey, room: RoomId) -> Vec<RoomId> {
        let mut rooms = self.presence().rooms_of(key);
        rooms.retain(|left| *left != room && self.exit(socket, key, *left));
        self.enter(socket, key, room);
        rooms
    }

    /// A person is no longer of the room: their sockets hear nothing more of it. In commit order only.
    pub(crate) fn expel(&self, room: RoomId, user: UserId) {
        self.presence().expel(room, user);
        for namespace in [Namespace::Chats, Namespace::Rooms] {
            for socket in self.sockets(namespace, Channel::User(user)) {
                self.exit(&socket, SocketKey { namespace, id: socket.id }, room);
            }
        }
    }

    /// People are of the room from now on, also who was before. In commit order only.
    pub(crate) fn welcome(&self, room: RoomId, users: &[UserId]) {
        let mut presence = self.presence();
        users.iter().for_each(|user| presence.welcome(room, *user));
    }

    /// Every `/chats` socket of these people is in `room` from now on, and in no other; answers whom that took out of
    /// which rooms.
    pub(crate) fn move_chats(&self, users: &[UserId], room: RoomId) -> Vec<Departed> {
        let mut departed = Vec::new();
        for user in users {
            for socket in self.sockets(Namespace::Chats, Channel::User(*user)) {
                let key = SocketKey { namespace: Namespace::Chats, id: socket.id };
                let left = self.settle(&socket, key, room);
                departed.extend(left.into_iter().map(|room| Departed { room, user: *user }));
            }
        }
        departed
    }

    /// What is `from`'s is `to`'s from now on: a device that signed in as one turned out to be the other's.
    pub(crate) fn hand_over(&self, from: UserId, to: UserId) {
        for namespace in [Namespace::Chats, Namespace::Rooms] {
            for socket in self.sockets(namespace, Channel::User(from)) {
                self.confirm(&socket, SocketKey { namespace, id: socket.id }, to);
            }
        }
    }

    /// Who is in the room now, each once, by id.
    pub(crate) fn present(&self, room: RoomId) -> Vec<UserId> {
        self.presence().present(room)
    }

    /// The same, as this person sees it.
    pub(crate) fn present_to(&self, room: RoomId, viewer: UserId) -> Vec<UserId> {
        let presence = self.presence();
        let mut present = presence.present(room);
        if presence.is_quiet(room) {
            present.retain(|user| *user == viewer);
        }
        present
    }

    /// Nobody in the room sees any more who else is there, types or reads. In commit order only.
    pub(crate) fn hush(&self, room: RoomId) {
        self.presence().hush(room);
    }

    /// Whether nobody sees who else is in the room.
    pub(crate) fn is_quiet(&self, room: RoomId) -> bool {
        self.presence().is_quiet(room)
    }

    /// True when the socket is in the room.
    pub(crate) fn is_in(&self, key: SocketKey, room: RoomId) -> bool {
        self.presence().is_in(key, room)
    }

    /// Whether the connection carries a socket of anybody, in either namespace.
    pub(crate) fn is_admitted(&self, id: Sid) -> bool {
        let in_namespace = |namespace| self.person(SocketKey { namespace, id }).is_some();
        in_namespace(Namespace::Chats) || in_namespace(Namespace::Rooms)
    }

    /// The person behind a connected socket.
    pub(crate) fn person(&self, key: SocketKey) -> Option<UserId> {
        self.presence().person(key)
    }

    /// True when the person has any socket on `/rooms`.
    pub(crate) fn is_listening(&self, user: UserId) -> bool {
        self.presence().is_listening(user)
    }

    /// Whether the socket may say now that its person is typing there: once in a while is enough.
    pub(crate) fn may_type(&self, key: SocketKey, room: RoomId) -> bool {
        self.presence().may_type(key, room)
    }

    /// Says that somebody is typing, to the others in the room.
    pub(crate) fn emit_typing(&self, room: RoomId, user: UserId) {
        let Some(sockets) = self.io.as_ref().and_then(|io| io.of(Namespace::Rooms.path())) else {
            return;
        };
        let others = sockets.within(Channel::Room(room).name()).except(Channel::User(user).name());
        // Lost where a buffer is full: there is nothing to catch up with.
        let _ = others
            .emit("typing", &serde_json::json!({ "roomId": room, "userId": user }))
            .now_or_never();
    }

    /// Notes that a room's summary changed; told soon, several changes at once.
    pub(crate) fn room_changed(&self, room: RoomId) {
        let _ = self.changed_rooms.send(room);
    }

    /// Ends every socket of a session and says why.
    pub(crate) fn end_session(&self, session: SessionId, reason: &str) {
        self.forget();
        self.endings.notify_one();
        let channel = Channel::Session(session);
        self.emit(
            Namespace::Rooms,
            channel,
            "session_ended",
            &serde_json::json!({ "reason": reason }),
        );
        for namespace in [Namespace::Chats, Namespace::Rooms] {
            for socket in self.sockets(namespace, channel) {
                end(self, namespace, socket);
            }
        }
    }

    /// Resolves once a session has ended that nobody was told of yet.
    pub(crate) async fn session_ended(&self) {
        self.endings.notified().await;
    }

    /// The sessions of sockets whose token has run out.
    pub(crate) fn expired_sessions(&self, now: Millis) -> HashSet<SessionId> {
        self.presence().expired_sessions(now)
    }

    /// Ends the sockets whose token has run out.
    pub(crate) fn end_expired(&self, now: Millis) {
        let expired = self.presence().expired(now);
        for key in expired {
            let sockets = self.io.as_ref().and_then(|io| io.of(key.namespace.path()));
            if let Some(socket) = sockets.and_then(|sockets| sockets.get_socket(key.id)) {
                if key.namespace == Namespace::Rooms {
                    let _ =
                        socket.emit("session_ended", &serde_json::json!({ "reason": "expired" }));
                }
                end(self, key.namespace, socket);
            }
        }
    }

    /// Takes out sockets that never came to be: their connection ended while they were let in.
    pub(crate) fn forget_stillborn(&self) -> Vec<Departed> {
        let mut departed = Vec::new();
        let settled = self.presence().settled();
        for key in settled {
            let sockets = self.io.as_ref().and_then(|io| io.of(key.namespace.path()));
            if sockets.and_then(|sockets| sockets.get_socket(key.id)).is_none() {
                departed.append(&mut self.presence().depart(key));
            }
        }
        departed
    }

    /// Whatever was remembered about sessions and couples is to be looked up again.
    pub(crate) fn forget(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// Grows with every [`Live::forget`].
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Never in the head of a loop or match: the lock would be held through its body.
    fn presence(&self) -> MutexGuard<'_, Presence> {
        self.presence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
