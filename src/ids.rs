//! Typed ids: a user's id cannot be passed where a room's is meant.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

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
/// What [`ScheduleId`] belongs to.
#[derive(Debug)]
pub(crate) enum Schedule {}
/// What [`ChildId`] belongs to.
#[derive(Debug)]
pub(crate) enum Child {}
/// What [`SessionId`] belongs to.
#[derive(Debug)]
pub(crate) enum Session {}

/// A person.
pub(crate) type UserId = Id<User>;
/// A couple of one or two.
pub(crate) type CoupleId = Id<Couple>;
/// A room; `chatId` in the mobile app's wire.
pub(crate) type RoomId = Id<Room>;
/// A schedule of a couple's.
pub(crate) type ScheduleId = Id<Schedule>;
/// A child of a couple's.
pub(crate) type ChildId = Id<Child>;
/// A signed-in device.
pub(crate) type SessionId = Id<Session>;

/// A photo, video or file: 128 random bits, 32 hexadecimal digits on the wire. It stands in links, so it cannot be
/// guessed or counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MediaId([u8; 16]);

impl MediaId {
    /// A new one.
    pub(crate) fn random() -> anyhow::Result<Self> {
        let mut bits = [0; 16];
        let filled = SystemRandom::new().fill(&mut bits);
        filled.map_err(|_| anyhow::anyhow!("the system has no randomness"))?;
        Ok(Self(bits))
    }

    /// The bare bits.
    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for MediaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for MediaId {
    type Err = ();

    /// Lower case only: one id has one spelling.
    fn from_str(text: &str) -> Result<Self, ()> {
        let is_fit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 32 || !text.bytes().all(is_fit) {
            return Err(());
        }
        u128::from_str_radix(text, 16).map(|bits| Self(bits.to_be_bytes())).map_err(|_| ())
    }
}

impl Serialize for MediaId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl PartialSchema for MediaId {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9a-f]{32}$"));
        text.examples(["9312fe21b783d7c32a907d151402f874"]).into()
    }
}

impl ToSchema for MediaId {}

impl ToSql for MediaId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_slice().into())
    }
}

impl FromSql for MediaId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 16]>::column_result(value).map(Self)
    }
}

/// A number as it stands in a path or a query; a plus sign would be a second way to write it.
pub(crate) fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|_| !text.starts_with('+'))
}

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

impl<Of> PartialOrd for Id<Of> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<Of> Ord for Id<Of> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

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

impl<Of> PartialSchema for Id<Of> {
    fn schema() -> RefOr<Schema> {
        i64::schema()
    }
}

impl<Of> ToSchema for Id<Of> {
    /// `UserId`, `RoomId` and so on.
    fn name() -> Cow<'static, str> {
        let of = std::any::type_name::<Of>().rsplit("::").next().unwrap_or_default();
        format!("{of}Id").into()
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
