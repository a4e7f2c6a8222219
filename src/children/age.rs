//! How far along or how old a child is today, and its great days.
//!
//! Pregnancy: the due date is day 280, and weeks go on past it. After birth a couple counts the birth day as day one, as
//! in Korea, or counts the days that have passed. Months and birthdays go by the calendar and end where a shorter month
//! does: who was born on 29 February has the birthday on the 28th in other years.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use utoipa::ToSchema;

use super::details::{Details, Status};
use crate::clock::Millis;
use crate::day::Day;
use crate::error::{Error, Result};
use crate::ids::CoupleId;
use crate::zone;

const TERM_DAYS: i32 = 280;
const WEEK_DAYS: i32 = 7;
const GREAT_WEEKS: [i32; 7] = [12, 16, 20, 24, 28, 32, 36];
/// 삼칠일, 백일, and round ones after.
const GREAT_DAYS: [i32; 6] = [21, 100, 200, 300, 500, 1_000];
const BIRTHDAYS_MAX: i32 = 20;
const YEAR_MONTHS: i32 = 12;

/// Today where the couple lives, and how it counts days.
#[derive(Clone, Copy, Debug)]
pub(super) struct Today {
    pub(super) day: Day,
    /// The number of the birth day itself.
    birthday: i32,
}

/// What is counted; null where it does not apply.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Age {
    /// Days to the due date, negative past it.
    #[schema(required)]
    d_day: Option<i32>,
    #[schema(required)]
    week: Option<i32>,
    #[schema(required)]
    day_of_week: Option<i32>,
    #[schema(required)]
    months_old: Option<i32>,
    #[schema(required)]
    days_old: Option<i32>,
    milestones: Vec<Milestone>,
}

/// A great day, past or to come.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Milestone {
    #[schema(examples("DAY_100"))]
    kind: String,
    date: Day,
    d_day: i32,
}

impl Today {
    /// Today for this couple.
    pub(super) fn of(db: &Connection, couple: CoupleId, now: Millis) -> Result<Self> {
        let sql = "select time_zone, day_count = 'birthday-is-one' from couple where id = ?1";
        let found: Option<(String, i32)> = db
            .prepare_cached(sql)?
            .query_row([couple], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (zone, birthday) = found.ok_or(Error::NoCouple)?;
        Ok(Self { day: Day::of(now, &zone::kept(&zone)), birthday })
    }

    /// The age of a child, with its great days in their order.
    pub(super) fn age(self, child: &Details) -> Age {
        match (child.status, child.due_date, child.birth_date) {
            (Status::Fetal, Some(due_date), _) => self.before_birth(due_date),
            (_, _, Some(birth_date)) => self.after_birth(birth_date),
            _ => self.aged(Vec::new()),
        }
    }

    fn before_birth(self, due_date: Day) -> Age {
        let left = due_date.days_since(self.day);
        let along = Some(TERM_DAYS - left).filter(|along| *along >= 0);
        let great =
            |week: i32| (format!("WEEK_{week}"), due_date.plus_days(week * WEEK_DAYS - TERM_DAYS));
        let mut great: Vec<_> = GREAT_WEEKS.map(great).into();
        great.push(("DUE".to_owned(), due_date));
        Age {
            d_day: Some(left),
            week: along.map(|days| days / WEEK_DAYS),
            day_of_week: along.map(|days| days % WEEK_DAYS),
            ..self.aged(great)
        }
    }

    fn after_birth(self, birth_date: Day) -> Age {
        // A couple that moved west may wait for the birth day to begin: it counts as that day.
        let today = self.day.max(birth_date);
        let days =
            GREAT_DAYS.map(|day| (format!("DAY_{day}"), birth_date.plus_days(day - self.birthday)));
        let birthdays = (1..=BIRTHDAYS_MAX)
            .map(|year| (format!("BIRTHDAY_{year}"), birth_date.plus_months(year * YEAR_MONTHS)));
        let mut great: Vec<_> = days.into_iter().chain(birthdays).collect();
        great.sort_by_key(|(_, date)| *date);
        Age {
            months_old: Some(today.months_since(birth_date)),
            days_old: Some(today.days_since(birth_date) + self.birthday),
            ..self.aged(great)
        }
    }

    fn aged(self, great: Vec<(String, Day)>) -> Age {
        let milestone = |(kind, date): (String, Day)| Milestone {
            kind,
            date,
            d_day: date.days_since(self.day),
        };
        Age {
            d_day: None,
            week: None,
            day_of_week: None,
            months_old: None,
            days_old: None,
            milestones: great.into_iter().map(milestone).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    fn today(text: &str, birthday: i32) -> Today {
        Today { day: day(text), birthday }
    }

    fn date_of(age: &Age, kind: &str) -> Day {
        age.milestones.iter().find(|milestone| milestone.kind == kind).expect("a milestone").date
    }

    #[test]
    fn weeks_are_counted_back_from_the_due_date_and_on_past_it() {
        let cases = [
            ("2026-05-30", 280, Some((0, 0))),
            ("2026-05-29", 281, None),
            ("2026-06-05", 274, Some((0, 6))),
            ("2026-06-06", 273, Some((1, 0))),
            ("2026-11-17", 109, Some((24, 3))),
            ("2027-03-05", 1, Some((39, 6))),
            ("2027-03-06", 0, Some((40, 0))),
            ("2027-03-14", -8, Some((41, 1))),
        ];
        for (on, left, weeks) in cases {
            let age = today(on, 1).before_birth(day("2027-03-06"));
            assert_eq!((age.d_day, age.week.zip(age.day_of_week)), (Some(left), weeks), "{on}");
            assert_eq!((age.months_old, age.days_old), (None, None));
        }
        let age = today("2026-11-17", 1).before_birth(day("2027-03-06"));
        let great: Vec<_> =
            age.milestones.iter().map(|great| (great.kind.as_str(), great.d_day)).collect();
        let expected = [
            ("WEEK_12", -87),
            ("WEEK_16", -59),
            ("WEEK_20", -31),
            ("WEEK_24", -3),
            ("WEEK_28", 25),
            ("WEEK_32", 53),
            ("WEEK_36", 81),
            ("DUE", 109),
        ];
        assert_eq!(great, expected);
    }

    #[test]
    fn the_hundredth_day_depends_on_how_the_couple_counts() {
        for (birthday, hundredth, days_old) in [(1, "2026-04-10", 2), (0, "2026-04-11", 1)] {
            let age = today("2026-01-02", birthday).after_birth(day("2026-01-01"));
            assert_eq!(date_of(&age, "DAY_100"), day(hundredth));
            assert_eq!(date_of(&age, "DAY_21"), day("2026-01-22").plus_days(-birthday));
            assert_eq!(date_of(&age, "DAY_1000"), day("2026-01-01").plus_days(1_000 - birthday));
            assert_eq!(date_of(&age, "BIRTHDAY_1"), day("2027-01-01"));
            assert_eq!(date_of(&age, "BIRTHDAY_20"), day("2046-01-01"));
            assert_eq!((age.days_old, age.months_old), (Some(days_old), Some(0)));
            assert!(age.milestones.is_sorted_by_key(|great| great.date));
            assert_eq!((age.milestones.len(), age.d_day, age.week), (26, None, None));
        }
    }

    #[test]
    fn who_was_born_on_a_leap_day_has_the_birthday_on_the_28th_in_other_years() {
        let age = today("2025-02-27", 1).after_birth(day("2024-02-29"));
        for (year, date) in
            [(1, "2025-02-28"), (3, "2027-02-28"), (4, "2028-02-29"), (20, "2044-02-29")]
        {
            assert_eq!(date_of(&age, &format!("BIRTHDAY_{year}")), day(date));
        }
        assert_eq!(age.months_old, Some(11));
        assert_eq!(today("2025-02-28", 1).after_birth(day("2024-02-29")).months_old, Some(12));
    }

    #[test]
    fn a_birth_day_that_has_not_begun_here_counts_as_today() {
        for birthday in [0, 1] {
            let age = today("2026-11-20", birthday).after_birth(day("2026-11-21"));
            assert_eq!((age.days_old, age.months_old), (Some(birthday), Some(0)));
        }
    }

    proptest! {
        /// Day by day from the birth on, as parents count: one more each day, and each great day when its number comes.
        #[test]
        fn days_are_counted_one_by_one(born in 0..40_000_i32, passed in 0..1_200_i32, birthday in 0..=1_i32) {
            let birth = day("1950-01-01").plus_days(born);
            let (mut on, mut number) = (birth, birthday);
            for _ in 0..passed {
                on = on.plus_days(1);
                number += 1;
            }
            let age = Today { day: on, birthday }.after_birth(birth);
            prop_assert_eq!(age.days_old, Some(number));
            for great in GREAT_DAYS {
                prop_assert_eq!(date_of(&age, &format!("DAY_{great}")) == on, great == number);
            }
        }
    }
}
