//! A day of the calendar, which is no instant, and how the two meet in a time zone.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::clock::Millis;

/// The years anybody may write: no family plans outside them, and a slip of the finger often lies there.
pub(crate) const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

/// A day without a time: `2026-11-21` in the database and on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(Date);

impl Day {
    /// Exactly `YYYY-MM-DD`, and a day that exists in one of [`YEARS`].
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let day = is_shaped(text, "0000-00-00").then(|| text.parse().ok()).flatten().map(Self)?;
        YEARS.contains(&day.0.year()).then_some(day)
    }

    /// The first day of `YYYY-MM`, of any year.
    pub(crate) fn parse_month(text: &str) -> Option<Self> {
        is_shaped(text, "0000-00").then(|| format!("{text}-01").parse().ok()).flatten().map(Self)
    }

    /// Where this instant falls in the zone.
    pub(crate) fn of(instant: Millis, zone: &TimeZone) -> Self {
        Self(zone.to_datetime(timestamp(instant)).date())
    }

    /// The day's first instant in the zone, which is not always midnight: where clocks go ahead over midnight the day
    /// begins when they do.
    pub(crate) fn start(self, zone: &TimeZone) -> Millis {
        let Ok(midnight) = zone.to_ambiguous_timestamp(self.0.at(0, 0, 0, 0)).compatible() else {
            return Millis(Timestamp::MAX.as_millisecond());
        };
        let change = zone.preceding(midnight).next().map(|change| change.timestamp());
        let is_first = |change: &Timestamp| zone.to_datetime(*change).date() == self.0;
        Millis(change.filter(is_first).unwrap_or(midnight).as_millisecond())
    }

    /// The day `days` later, or earlier when negative.
    pub(crate) fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(Span::new().days(days)))
    }

    /// The same day of the month `months` later; the last one where that month is shorter.
    pub(crate) fn plus_months(self, months: i32) -> Self {
        Self(self.0.saturating_add(Span::new().months(months)))
    }

    /// The last day of this one's month.
    pub(crate) fn last_of_month(self) -> Self {
        Self(self.0.last_of_month())
    }

    /// Days from `earlier` to this one; negative when this one comes first.
    pub(crate) fn days_since(self, earlier: Self) -> i32 {
        self.0.duration_since(earlier.0).as_hours().div_euclid(24) as i32
    }

    /// Whole months from `birth` to this day, each complete on the day that [`Day::plus_months`] names.
    pub(crate) fn months_since(self, birth: Self) -> i32 {
        let years = i32::from(self.0.year()) - i32::from(birth.0.year());
        let months = years * 12 + i32::from(self.0.month()) - i32::from(birth.0.month());
        if birth.plus_months(months) > self { months - 1 } else { months }
    }
}

/// The time of day on a clock in the zone: `09:30`.
pub(crate) fn time_of_day(instant: Millis, zone: &TimeZone) -> String {
    let time = zone.to_datetime(timestamp(instant)).time();
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// Whether a text begins like the pattern, in which 0 is any digit and all else is itself; nothing may follow.
pub(crate) fn is_shaped(text: &str, pattern: &str) -> bool {
    let fits = |(found, wanted): (u8, u8)| match wanted {
        b'0' => found.is_ascii_digit(),
        wanted => found == wanted,
    };
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(fits)
}

fn timestamp(instant: Millis) -> Timestamp {
    Timestamp::from_millisecond(instant.0).unwrap_or(if instant.0 < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Date);
        let text = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
        text.examples(["2026-11-21"]).into()
    }
}

impl ToSchema for Day {}

impl ToSql for Day {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl FromSql for Day {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Self).map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS};

    /// Zones whose clocks do what others' do not: half hours, skipped days, changes at midnight, days of the dead.
    const ZONES: [&str; 9] = [
        "UTC",
        "Asia/Seoul",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "America/Toronto",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "Africa/Cairo",
    ];

    fn zone(name: &str) -> TimeZone {
        crate::zone::by_name(name).expect("a zone")
    }

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    #[test]
    fn a_day_is_read_in_one_form_only() {
        for good in ["2026-11-21", "2024-02-29", "1900-01-01", "2200-12-31"] {
            assert_eq!(day(good).0.to_string(), good);
        }
        let bad = "2026-1-21 2026-11-31 2023-02-29 20261121 2026-11-21T 1899-12-31 2201-01-01 +026-11-21 ２026-11-2 2026/11/21";
        for bad in bad.split(' ').chain(["", "2026-11-21 ", "가나다가"]) {
            assert_eq!(Day::parse(bad), None, "{bad}");
        }
        assert_eq!(Day::parse_month("2026-11"), Some(day("2026-11-01")));
        for bad in ["2026-00", "2026-13", "2026-1", "202611", "2026-11-01", ""] {
            assert_eq!(Day::parse_month(bad), None, "{bad}");
        }
        for edge in ["0000-01", "9999-12"] {
            let first = Day::parse_month(edge).expect("a month");
            assert!(
                first.start(&zone("UTC")) < first.last_of_month().plus_days(1).start(&zone("UTC"))
            );
        }
    }

    #[test]
    fn a_day_begins_when_the_clocks_of_its_zone_say_so() {
        let cases = [
            ("2026-11-21", "Asia/Seoul", "2026-11-20T15:00:00.000Z"),
            ("2026-03-08", "America/New_York", "2026-03-08T05:00:00.000Z"),
            ("2026-03-09", "America/New_York", "2026-03-09T04:00:00.000Z"),
            // Midnight does not exist.
            ("2015-10-18", "America/Sao_Paulo", "2015-10-18T03:00:00.000Z"),
            // Clocks went from 23:30 to 00:30.
            ("1919-03-31", "America/Toronto", "1919-03-31T04:30:00.000Z"),
            // The whole day does not exist; it is where the next one begins.
            ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00.000Z"),
        ];
        for (text, name, first) in cases {
            assert_eq!(day(text).start(&zone(name)).iso(), first, "{text} in {name}");
        }
    }

    #[test]
    fn months_and_years_end_where_the_shorter_one_does() {
        let cases = [
            ("2026-01-31", 1, "2026-02-28"),
            ("2024-01-31", 1, "2024-02-29"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2024-02-29", 48, "2028-02-29"),
            ("2026-03-31", 1, "2026-04-30"),
        ];
        for (from, months, to) in cases {
            assert_eq!(day(from).plus_months(months), day(to));
            assert_eq!(day(to).months_since(day(from)), months);
            assert_eq!(day(to).plus_days(-1).months_since(day(from)), months - 1);
        }
        assert_eq!(day("2026-02-28").months_since(day("2025-11-30")), 3);
        assert_eq!(day("2026-01-01").months_since(day("2026-01-01")), 0);
    }

    /// Days since 1970 by counting years, months and days one by one.
    fn counted(year: i16, month: i8, of_month: i8) -> i32 {
        let is_leap = |year: i16| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let lengths = |year| {
            [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        };
        let years: i32 = (1900..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
        let months: i32 = lengths(year)[..month as usize - 1].iter().sum();
        years + months + i32::from(of_month) - 1 - 25_567
    }

    proptest! {
        #[test]
        fn days_are_counted_as_on_fingers(days in -25_567..84_371_i32, later in 0..8_000_i32) {
            let epoch = day("1970-01-01");
            let one = epoch.plus_days(days);
            prop_assert_eq!(counted(one.0.year(), one.0.month(), one.0.day()), days);
            prop_assert_eq!(one.plus_days(later).days_since(one), later);
            prop_assert_eq!(one.days_since(one.plus_days(later)), -later);
        }

        #[test]
        fn months_are_counted_as_on_fingers(days in -25_567..70_000_i32, later in 0..8_000_i32) {
            let birth = day("1970-01-01").plus_days(days);
            let today = birth.plus_days(later);
            let naive = (1..).take_while(|months| {
                let (year, month) = (birth.0.year() as i32, birth.0.month() as i32 - 1 + months);
                let first = Date::new((year + month / 12) as i16, (month % 12 + 1) as i8, 1).expect("a month");
                let reached = Date::new(first.year(), first.month(), birth.0.day().min(first.days_in_month()));
                reached.expect("a day") <= today.0
            }).count();
            prop_assert_eq!(today.months_since(birth), naive as i32);
        }

        /// From minute to minute around a day's edge: the day changes at `start` and nowhere else.
        #[test]
        fn a_day_holds_the_instants_that_fall_on_it(days in -18_000..22_000_i32, name in prop::sample::select(&ZONES[..])) {
            let (zone, one) = (zone(name), day("1970-01-01").plus_days(days));
            let start = one.start(&zone);
            let end = one.plus_days(1).start(&zone);
            prop_assert!(start <= end && end.since(start) <= DAY_MS + 2 * HOUR_MS);
            for minute in -130..=130 {
                let around = start.plus(minute * MINUTE_MS);
                prop_assert_eq!(Day::of(around, &zone) == one, start <= around && around < end, "{} {}", name, around.iso());
                prop_assert_eq!(Day::of(around, &zone) < one, around < start, "{} {}", name, around.iso());
            }
        }
    }
}
