//! Months, years and days of billing, in UTC.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Millis;

/// 9999-12-01T00:00:00Z, where the calendar ends.
const END: Millis = 253_399_622_400_000;

/// How often a plan is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Every month.
    Month,
    /// Every year.
    Annual,
}

impl Period {
    /// As it is spelled.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Annual => "annual",
        }
    }

    /// How long it is.
    pub const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Annual => 12,
        }
    }
}

/// `months` months after `anchor`: the same day and time, or the last day of a month that is too short.
///
/// Counting from the anchor each time keeps the 31st the 31st, though February comes between.
pub fn months_after(anchor: Millis, months: u32) -> Millis {
    let after = || {
        let span = Span::new().try_months(months).ok()?;
        millis(civil(anchor)?.checked_add(span).ok()?)
    };
    after().unwrap_or(END)
}

/// The beginning of the day of an instant.
pub fn day_of(instant: Millis) -> Millis {
    instant - instant.rem_euclid(super::DAY_MS)
}

/// The beginning of the month of an instant.
pub fn month_of(instant: Millis) -> Millis {
    let month = || {
        let first = civil(instant)?.date().first_of_month();
        millis(first.to_datetime(jiff::civil::Time::midnight()))
    };
    month().unwrap_or(END)
}

/// The day of an instant as `YYYY-MM-DD`.
pub fn iso_date(instant: Millis) -> String {
    civil(instant.min(END)).map(|civil| civil.date().to_string()).unwrap_or_default()
}

/// An instant in the form of RFC 3339.
pub fn rfc3339(instant: Millis) -> String {
    Timestamp::from_millisecond(instant.min(END)).map(|at| at.to_string()).unwrap_or_default()
}

fn civil(instant: Millis) -> Option<DateTime> {
    Some(Offset::UTC.to_datetime(Timestamp::from_millisecond(instant).ok()?))
}

fn millis(civil: DateTime) -> Option<Millis> {
    Some(Offset::UTC.to_timestamp(civil).ok()?.as_millisecond())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::parse_rfc3339;

    fn at(text: &str) -> Millis {
        parse_rfc3339(text, "at").expect("an instant")
    }

    #[test]
    fn a_short_month_ends_on_its_last_day_and_the_next_one_remembers() {
        let anchor = at("2026-01-31T12:30:00.5Z");
        for (months, expected) in [
            (0, "2026-01-31T12:30:00.5Z"),
            (1, "2026-02-28T12:30:00.5Z"),
            (2, "2026-03-31T12:30:00.5Z"),
            (3, "2026-04-30T12:30:00.5Z"),
            (12, "2027-01-31T12:30:00.5Z"),
            (25, "2028-02-29T12:30:00.5Z"),
        ] {
            assert_eq!(months_after(anchor, months), at(expected), "{months}");
        }
        assert_eq!(months_after(at("2024-02-29T00:00:00Z"), 12), at("2025-02-28T00:00:00Z"));
        assert_eq!(months_after(at("2024-02-29T00:00:00Z"), 48), at("2028-02-29T00:00:00Z"));
    }

    #[test]
    fn days_and_months_begin_at_midnight() {
        let instant = at("2026-03-31T23:59:59.999Z");
        assert_eq!(day_of(instant), at("2026-03-31T00:00:00Z"));
        assert_eq!(month_of(instant), at("2026-03-01T00:00:00Z"));
        assert_eq!(iso_date(instant), "2026-03-31");
        assert_eq!(rfc3339(instant), "2026-03-31T23:59:59.999Z");
    }

    #[test]
    fn the_calendar_ends_and_nothing_breaks() {
        assert_eq!(months_after(END, u32::MAX), END);
        assert_eq!(months_after(i64::MAX, 1), END);
        assert_eq!(month_of(i64::MAX), END);
        assert_eq!(iso_date(i64::MAX), "9999-12-01");
    }

    proptest! {
        #[test]
        fn periods_follow_each_other_without_a_gap(
            anchor in 0..4_000_000_000_000_i64, months in 0..1200_u32,
        ) {
            let (start, end) = (months_after(anchor, months), months_after(anchor, months + 1));
            let days = (end - start) / super::super::DAY_MS;
            prop_assert!((28..=31).contains(&days), "{days}");
            // Never another time of day, and never a later day than the anchor's.
            prop_assert_eq!(start - day_of(start), anchor - day_of(anchor));
            let day = |at| iso_date(at)[8..].to_owned();
            prop_assert!(day(start) <= day(anchor));
        }

        #[test]
        fn a_month_holds_its_instants(instant in 0..4_000_000_000_000_i64) {
            let month = month_of(instant);
            prop_assert!(month <= instant && instant < months_after(month, 1));
            prop_assert_eq!(month_of(month), month);
            prop_assert_eq!(at(&rfc3339(instant)), instant);
        }
    }
}
