//! The only place that asks for the time.

use std::borrow::Cow;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Seconds in a minute, an hour, a day, in milliseconds.
pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// An instant: milliseconds since 1970 UTC. On the wire ISO 8601 with milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub i64);

impl Millis {
    /// This instant moved by `ms`, which may be negative.
    pub(crate) fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant; negative when the clock went back.
    pub(crate) fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// `2026-11-21T03:04:05.678Z`; years outside 0..=9999 are clamped.
    pub(crate) fn iso(self) -> String {
        let timestamp = Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        });
        format!("{timestamp:.3}")
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.iso())
    }
}

impl PartialSchema for Millis {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        let example = Self(1_795_230_245_678).iso();
        let text = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
        text.description(Some("ISO 8601 in UTC, with milliseconds")).examples([example]).into()
    }
}

impl ToSchema for Millis {
    fn name() -> Cow<'static, str> {
        "Instant".into()
    }
}

impl ToSql for Millis {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Millis {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

/// The time, or in tests a time that stands still until it is moved.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    fake: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows `at` until [`Clock::advance`] moves it.
    pub fn fake(at: Millis) -> Self {
        Self { fake: Some(Arc::new(AtomicI64::new(at.0))) }
    }

    /// Now.
    #[expect(clippy::disallowed_methods, reason = "the one place that may")]
    pub fn now(&self) -> Millis {
        match &self.fake {
            Some(fake) => Millis(fake.load(Ordering::SeqCst)),
            None => Millis(Timestamp::now().as_millisecond()),
        }
    }

    /// Milliseconds since no moment in particular, that no setting of the clock moves: to be compared with each other.
    pub(crate) fn steady(&self) -> Millis {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        match &self.fake {
            Some(fake) => Millis(fake.load(Ordering::SeqCst)),
            None => Millis(i64::try_from(START.elapsed().as_millis()).unwrap_or(i64::MAX)),
        }
    }

    /// Moves a fake clock by `ms`, back when negative; a system clock does not move.
    pub fn advance(&self, ms: i64) {
        if let Some(fake) = &self.fake {
            fake.fetch_add(ms, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_with_three_decimals_and_z() {
        assert_eq!(Millis(0).iso(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Millis(1_795_230_245_678).iso(), "2026-11-21T03:04:05.678Z");
        assert_eq!(Millis(i64::MAX).iso().len(), "9999-12-30T22:00:00.999Z".len());
    }
}
