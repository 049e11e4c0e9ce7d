//! What is left of a period that was paid for.

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::Millis;

/// A day in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// The unused part of a period, in whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unused {
    /// Of what was paid, rounded down, in the smallest unit.
    pub amount: i64,
    /// Whole days until the period's end.
    pub days_remaining: i64,
    /// Days of the period.
    pub days_total: i64,
}

impl Unused {
    /// The part of `paid` that the days from `now` to `end` are worth.
    pub fn of(paid: i64, start: Millis, end: Millis, now: Millis) -> Self {
        let days_total = ((end - start) / DAY_MS).max(1);
        let days_remaining = ((end - now) / DAY_MS).clamp(0, days_total);
        let share = i128::from(paid.max(0)) * i128::from(days_remaining) / i128::from(days_total);
        Self { amount: i64::try_from(share).unwrap_or(paid), days_remaining, days_total }
    }

    /// The days that remain as a part of all, from 0 to 1, with four digits.
    pub fn part(&self) -> Number {
        let parts = self.days_remaining * 10_000 / self.days_total.max(1);
        let text = format!("{}.{:04}", parts / 10_000, parts % 10_000);
        text.parse().unwrap_or_else(|_| Number::from(0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_a_month_is_worth_half_its_price() {
        let unused = Unused::of(3001, 0, 30 * DAY_MS, 15 * DAY_MS);
        assert_eq!(unused, Unused { amount: 1500, days_remaining: 15, days_total: 30 });
        assert_eq!(unused.part().to_string(), "0.5000");
        assert_eq!(Unused::of(3000, 0, 30 * DAY_MS, 0).amount, 3000);
        assert_eq!(Unused::of(3000, 0, 30 * DAY_MS, 1).days_remaining, 29);
        assert_eq!(Unused::of(3000, 0, 30 * DAY_MS, 31 * DAY_MS).amount, 0);
    }

    proptest! {
        #[test]
        fn never_more_than_was_paid_and_never_more_as_time_goes_by(
            paid in 0..=super::super::MAX_AMOUNT * 12,
            days in 1..366_i64,
            first in 0..400 * DAY_MS,
            later in 0..400 * DAY_MS,
        ) {
            let of = |now| Unused::of(paid, 0, days * DAY_MS, now);
            let (before, after) = (of(first), of(first + later));
            prop_assert!((0..=paid).contains(&before.amount));
            prop_assert!(after.amount <= before.amount);
        }
    }
}
