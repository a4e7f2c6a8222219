//! When a schedule is: as it is written, and as it is kept.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::clock::Millis;
use crate::day::{Day, YEARS, is_shaped};
use crate::error::{Error, Result};

/// As it is written: an instant, a time on the couple's clocks, or a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    At(Millis),
    Local(DateTime),
    On(Day),
}

/// As it is kept: whatever zone the couple moves to, an instant stays an instant and a day stays a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    At(Millis),
    On(Day),
}

const YEAR_CHARS: usize = 4;
const MINUTES: &str = "0000-00-00T00:00";

impl Moment {
    /// `YYYY-MM-DD`, or `YYYY-MM-DDTHH:MM[:SS[.fff]]` with an offset or without one.
    pub(super) fn parse(text: &str) -> Result<Self> {
        Self::read(text).ok_or(Error::ScheduleDate)
    }

    fn read(text: &str) -> Option<Self> {
        if let Some(day) = Day::parse(text) {
            return Some(Self::On(day));
        }
        // The forms are fixed here; the library would take many more.
        let (minutes, rest) = text.split_at_checked(MINUTES.len())?;
        let is_fit = is_shaped(minutes, MINUTES)
            && minutes[..YEAR_CHARS].parse().is_ok_and(|year| YEARS.contains(&year));
        if !is_fit {
            return None;
        }
        if rest.chars().all(|c| c.is_ascii_digit() || ":.".contains(c)) {
            return text.parse().ok().map(Self::Local);
        }
        let instant: Timestamp = text.parse().ok()?;
        Some(Self::At(Millis(instant.as_millisecond())))
    }

    /// What is kept of it in the couple's zone: a local time that does not exist moves later, of two the earlier counts.
    pub(super) fn settled(self, zone: &TimeZone) -> Result<When> {
        match self {
            Self::At(instant) => Ok(When::At(instant)),
            Self::On(day) => Ok(When::On(day)),
            Self::Local(time) => {
                let instant = zone.to_ambiguous_timestamp(time).compatible();
                let instant = instant.map_err(|_| Error::ScheduleDate)?;
                Ok(When::At(Millis(instant.as_millisecond())))
            }
        }
    }
}

impl When {
    /// The instant at which it begins in the zone.
    pub(super) fn start(self, zone: &TimeZone) -> Millis {
        match self {
            Self::At(instant) => instant,
            Self::On(day) => day.start(zone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(text: &str, zone: &str) -> String {
        let zone = crate::zone::by_name(zone).expect("a zone");
        match Moment::parse(text).and_then(|moment| moment.settled(&zone)).expect("a moment") {
            When::At(instant) => instant.iso(),
            When::On(day) => format!("{day:?}"),
        }
    }

    #[test]
    fn a_time_is_read_in_the_couples_zone_unless_it_says_its_own() {
        let cases = [
            ("2025-07-15T01:30:00.000Z", "Asia/Seoul", "2025-07-15T01:30:00.000Z"),
            ("2025-07-15T10:30:00+09:00", "America/New_York", "2025-07-15T01:30:00.000Z"),
            ("2025-07-15T10:30+09:00", "America/New_York", "2025-07-15T01:30:00.000Z"),
            ("2025-07-15T10:30+09:00[Asia/Seoul]", "UTC", "2025-07-15T01:30:00.000Z"),
            ("2025-07-15T10:30", "Asia/Seoul", "2025-07-15T01:30:00.000Z"),
            ("2025-07-15T10:30:15", "Asia/Seoul", "2025-07-15T01:30:15.000Z"),
            ("2025-07-15T10:30:15.678", "Asia/Seoul", "2025-07-15T01:30:15.678Z"),
            // 02:30 does not exist: as late as it would have been without the change.
            ("2026-03-08T02:30", "America/New_York", "2026-03-08T07:30:00.000Z"),
            ("2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:45:00.000Z"),
            // 01:30 is there twice: the earlier one.
            ("2026-11-01T01:30", "America/New_York", "2026-11-01T05:30:00.000Z"),
            ("2026-04-05T01:45", "Australia/Lord_Howe", "2026-04-04T14:45:00.000Z"),
        ];
        for (text, zone, instant) in cases {
            assert_eq!(settled(text, zone), instant, "{text} in {zone}");
        }
        let day = Day::parse("2025-07-15").expect("a day");
        assert_eq!(Moment::parse("2025-07-15").expect("all day"), Moment::On(day));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        let bad = "2025-13-01 2025-02-30 2025-7-15 15-07-2025 2025-07-15T25:00 2025-07-15T10:60 2025-07-15T10 2025-07-15T \
            2025-07-15T10:30+99:00 2025-07-15T10:30-99:00 2025-07-15T10:30:00Zx 2025-07-15T10:30:00.Z 1899-12-31 2201-01-01 \
            1899-12-31T10:00Z 2201-01-01T10:00 9999-12-31T23:59:59.999Z 1752707400000 NaN +002025-07-15T10:30Z \
            2025-07-15t10:30 20250715T103000Z tomorrow 2025-02-30T10:00Z 2025-07-15T10:30:15:15 2025-07-15T10:3000";
        for bad in bad.split_whitespace().chain([
            "",
            " ",
            "가나다라마바사아",
            "가나다라마x",
            "2025-07-15 10:30",
            " 2025-07-15",
        ]) {
            assert!(matches!(Moment::parse(bad), Err(Error::ScheduleDate)), "{bad}");
        }
    }
}
