//! When a message is sent again: Svix's schedule.

/// Seconds between an attempt and the next; the first is made at once.
const PAUSES_S: [i64; 7] = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600];

/// After so many attempts a message is given up.
pub const MOST_ATTEMPTS: usize = PAUSES_S.len() + 1;

/// Milliseconds between failed attempt number `attempts` and the next; `None` if
/// it was the last.
///
/// Up to a tenth longer than the schedule says, so that messages that failed
/// together do not come back together.
pub fn pause_ms(attempts: i64, random: [u8; 8]) -> Option<i64> {
    let n = usize::try_from(attempts.checked_sub(1)?).ok()?;
    let whole = PAUSES_S.get(n)? * 1000;
    let jitter = i64::try_from(u64::from_le_bytes(random) >> 1).unwrap_or_default();
    Some(whole + jitter % (whole / 10 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_attempts_are_spread_over_a_day_and_some_hours() {
        let pauses: Vec<_> = (1..=8).map(|n| pause_ms(n, [0; 8])).collect();
        assert_eq!(pauses.last(), Some(&None));
        let hours = pauses.iter().flatten().sum::<i64>() / 3_600_000;
        assert_eq!((MOST_ATTEMPTS, hours), (8, 27));
        assert_eq!(pauses.first(), Some(&Some(5_000)));
    }

    #[test]
    fn no_attempt_comes_early_or_more_than_a_tenth_late() {
        for n in 1..8 {
            let least = pause_ms(n, [0; 8]).expect("not the last");
            for random in [[0xff; 8], [0x5a; 8], [7; 8]] {
                let pause = pause_ms(n, random).expect("not the last");
                assert!((least..=least + least / 10).contains(&pause), "{n}: {pause}");
            }
        }
    }
}
