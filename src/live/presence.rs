//! Who is connected and in which room, in memory: a restart forgets it, and every phone comes back by itself.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use socketioxide::socket::Sid;

use super::Namespace;
use crate::clock::Millis;
use crate::ids::{RoomId, SessionId, UserId};

/// One socket: a connection may carry one in each namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SocketKey {
    pub(crate) namespace: Namespace,
    pub(crate) id: Sid,
}

/// Somebody who was in a room and no longer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Departed {
    pub(crate) room: RoomId,
    pub(crate) user: UserId,
}

struct Connected {
    user: UserId,
    session: SessionId,
    /// When the token it came with runs out.
    expires_at: Millis,
    rooms: HashSet<RoomId>,
    since: Instant,
    typed: HashMap<RoomId, Instant>,
}

/// Between two signs of typing that are passed on.
const TYPING_EVERY: Duration = Duration::from_secs(3);
/// Longer than letting a socket in can take.
const SETTLED_AFTER: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Presence {
    sockets: HashMap<SocketKey, Connected>,
    /// How many sockets of each person are in a room.
    rooms: HashMap<RoomId, BTreeMap<i64, usize>>,
    /// How many sockets of each person are on `/rooms`.
    listeners: HashMap<UserId, usize>,
    expelled: Expelled,
    /// Where nobody sees who else is there.
    quiet: HashSet<RoomId>,
}

/// Who left which room lately and has not come back: what was about to be told them is not.
#[derive(Default)]
struct Expelled {
    seats: HashSet<(RoomId, UserId)>,
    /// The same, the longest ago first.
    order: VecDeque<(RoomId, UserId)>,
}

/// More than can leave while a summary is made.
const EXPELLED_MAX: usize = 10_000;

impl Expelled {
    fn insert(&mut self, seat: (RoomId, UserId)) {
        if !self.seats.insert(seat) {
            return;
        }
        self.order.push_back(seat);
        if self.order.len() > EXPELLED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.seats.remove(&oldest);
        }
    }

    fn remove(&mut self, seat: (RoomId, UserId)) {
        if self.seats.remove(&seat) {
            self.order.retain(|known| *known != seat);
        }
    }
}

impl Presence {
    pub(super) fn admit(
        &mut self,
        key: SocketKey,
        user: UserId,
        session: SessionId,
        expires_at: Millis,
    ) {
        self.depart(key);
        self.sockets.insert(
            key,
            Connected {
                user,
                session,
                expires_at,
                rooms: HashSet::new(),
                since: Instant::now(),
                typed: HashMap::new(),
            },
        );
        if key.namespace == Namespace::Rooms {
            *self.listeners.entry(user).or_default() += 1;
        }
    }

    /// False when the socket is gone by now.
    pub(super) fn enter(&mut self, key: SocketKey, room: RoomId) -> bool {
        let Some(connected) = self.sockets.get_mut(&key) else { return false };
        if connected.rooms.insert(room) {
            *self.rooms.entry(room).or_default().entry(connected.user.get()).or_default() += 1;
        }
        true
    }

    /// True when that was the person's last socket in the room.
    pub(super) fn exit(&mut self, key: SocketKey, room: RoomId) -> bool {
        let Some(connected) = self.sockets.get_mut(&key) else { return false };
        connected.typed.remove(&room);
        if !connected.rooms.remove(&room) {
            return false;
        }
        let user = connected.user;
        self.leave(room, user)
    }

    fn leave(&mut self, room: RoomId, user: UserId) -> bool {
        let Some(people) = self.rooms.get_mut(&room) else { return false };
        let Some(count) = people.get_mut(&user.get()) else { return false };
        *count -= 1;
        if *count > 0 {
            return false;
        }
        people.remove(&user.get());
        if people.is_empty() {
            self.rooms.remove(&room);
        }
        true
    }

    pub(super) fn depart(&mut self, key: SocketKey) -> Vec<Departed> {
        let Some(connected) = self.sockets.remove(&key) else { return Vec::new() };
        let user = connected.user;
        if key.namespace == Namespace::Rooms {
            self.stop_listening(user);
        }
        connected
            .rooms
            .into_iter()
            .filter(|room| self.leave(*room, user))
            .map(|room| Departed { room, user })
            .collect()
    }

    fn stop_listening(&mut self, user: UserId) {
        if let Some(count) = self.listeners.get_mut(&user) {
            *count -= 1;
            if *count == 0 {
                self.listeners.remove(&user);
            }
        }
    }

    pub(super) fn hand_over(&mut self, key: SocketKey, to: UserId) {
        let Some(connected) = self.sockets.get(&key) else { return };
        let (session, expires_at) = (connected.session, connected.expires_at);
        let rooms = connected.rooms.clone();
        self.depart(key);
        self.admit(key, to, session, expires_at);
        for room in rooms {
            self.enter(key, room);
        }
    }

    pub(super) fn expel(&mut self, room: RoomId, user: UserId) {
        self.expelled.insert((room, user));
    }

    pub(super) fn welcome(&mut self, room: RoomId, user: UserId) {
        self.expelled.remove((room, user));
    }

    pub(super) fn is_expelled(&self, room: RoomId, user: UserId) -> bool {
        self.expelled.seats.contains(&(room, user))
    }

    pub(super) fn present(&self, room: RoomId) -> Vec<UserId> {
        self.rooms
            .get(&room)
            .map(|people| people.keys().map(|id| UserId::new(*id)).collect())
            .unwrap_or_default()
    }

    pub(super) fn hush(&mut self, room: RoomId) {
        self.quiet.insert(room);
    }

    pub(super) fn is_quiet(&self, room: RoomId) -> bool {
        self.quiet.contains(&room)
    }

    pub(super) fn is_in(&self, key: SocketKey, room: RoomId) -> bool {
        self.sockets.get(&key).is_some_and(|connected| connected.rooms.contains(&room))
    }

    pub(super) fn rooms_of(&self, key: SocketKey) -> Vec<RoomId> {
        self.sockets
            .get(&key)
            .map(|connected| connected.rooms.iter().copied().collect())
            .unwrap_or_default()
    }

    pub(super) fn person(&self, key: SocketKey) -> Option<UserId> {
        self.sockets.get(&key).map(|connected| connected.user)
    }

    pub(super) fn is_listening(&self, user: UserId) -> bool {
        self.listeners.contains_key(&user)
    }

    pub(super) fn may_type(&mut self, key: SocketKey, room: RoomId) -> bool {
        let Some(connected) = self.sockets.get_mut(&key) else { return false };
        let is_early = connected.typed.get(&room).is_some_and(|at| at.elapsed() < TYPING_EVERY);
        if !is_early {
            connected.typed.insert(room, Instant::now());
        }
        !is_early
    }

    pub(super) fn settled(&self) -> Vec<SocketKey> {
        self.sockets
            .iter()
            .filter(|(_, connected)| connected.since.elapsed() > SETTLED_AFTER)
            .map(|(key, _)| *key)
            .collect()
    }

    pub(super) fn expired_sessions(&self, now: Millis) -> HashSet<SessionId> {
        let expired = self.sockets.values().filter(|connected| connected.expires_at <= now);
        expired.map(|connected| connected.session).collect()
    }

    pub(super) fn expired(&self, now: Millis) -> Vec<SocketKey> {
        self.sockets
            .iter()
            .filter(|(_, connected)| connected.expires_at <= now)
            .map(|(key, _)| *key)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(namespace: Namespace) -> SocketKey {
        SocketKey { namespace, id: Sid::new() }
    }

    #[test]
    fn a_person_with_two_devices_is_out_only_when_the_last_one_leaves() {
        let (phone, tablet) = (key(Namespace::Chats), key(Namespace::Rooms));
        let (anna, room) = (UserId::new(1), RoomId::new(7));
        let mut presence = Presence::default();
        presence.admit(phone, anna, SessionId::new(1), Millis(9));
        presence.admit(tablet, anna, SessionId::new(2), Millis(9));
        presence.enter(phone, room);
        presence.enter(tablet, room);

        assert_eq!(presence.present(room), [anna]);
        assert!(!presence.exit(phone, room));
        assert_eq!(presence.depart(tablet), [Departed { room, user: anna }]);
        assert!(presence.present(room).is_empty());
    }

    #[test]
    fn who_left_is_remembered_but_not_for_ever() {
        let mut presence = Presence::default();
        let room = RoomId::new(7);
        presence.expel(room, UserId::new(0));
        presence.expel(room, UserId::new(1));
        presence.welcome(room, UserId::new(1));
        assert!(presence.is_expelled(room, UserId::new(0)));
        assert!(!presence.is_expelled(room, UserId::new(1)));

        for id in 0..2 * EXPELLED_MAX as i64 {
            presence.expel(room, UserId::new(id));
        }
        let last = UserId::new(2 * EXPELLED_MAX as i64 - 1);
        assert!(presence.is_expelled(room, last));
        assert!(!presence.is_expelled(room, UserId::new(0)));
        assert_eq!(presence.expelled.seats.len(), EXPELLED_MAX);
        assert_eq!(presence.expelled.order.len(), EXPELLED_MAX);
    }

    #[test]
    fn a_socket_that_has_gone_enters_nothing() {
        let phone = key(Namespace::Rooms);
        let mut presence = Presence::default();
        presence.admit(phone, UserId::new(1), SessionId::new(1), Millis(9));
        presence.depart(phone);

        assert!(!presence.enter(phone, RoomId::new(7)));
        assert!(presence.present(RoomId::new(7)).is_empty());
        assert!(!presence.is_listening(UserId::new(1)));
    }
}
