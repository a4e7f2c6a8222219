//! Typed ids: a user's id cannot be passed where a room's is meant.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The id of a row in the table that `Of` stands for; a number on the wire.
pub(crate) struct Id<Of>(i64, PhantomData<fn() -> Of>);

/// What [`UserId`] belongs to.
#[derive(Debug)]
pub(crate) enum User {}
/// What [`CoupleId`] belongs to.
#[derive(Debug)]
pub(crate) enum Couple {}
/// What [`RoomId`] belongs to.
#[derive(Debug)]
pub(crate) enum Room {}
/// What [`SessionId`] belongs to.
#[derive(Debug)]
pub(crate) enum Session {}

/// A person.
pub(crate) type UserId = Id<User>;
/// A couple of one or two.
pub(crate) type CoupleId = Id<Couple>;
/// A room; `chatId` in the mobile app's wire.
pub(crate) type RoomId = Id<Room>;
/// A signed-in device.
pub(crate) type SessionId = Id<Session>;

/// A message's number in its room: 1, 2, 3 …
pub(crate) type MessageId = i64;

impl<Of> Id<Of> {
    /// Wraps a number that is such an id.
    pub(crate) const fn new(id: i64) -> Self {
        Self(id, PhantomData)
    }

    /// The bare number.
    pub(crate) const fn get(self) -> i64 {
        self.0
    }
}

impl<Of> Clone for Id<Of> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Of> Copy for Id<Of> {}

impl<Of> PartialEq for Id<Of> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<Of> Eq for Id<Of> {}

impl<Of> Hash for Id<Of> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<Of> fmt::Debug for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<Of> fmt::Display for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<Of> Serialize for Id<Of> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, Of> Deserialize<'de> for Id<Of> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self::new)
    }
}

impl<Of> ToSql for Id<Of> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl<Of> FromSql for Id<Of> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self::new)
    }
}
