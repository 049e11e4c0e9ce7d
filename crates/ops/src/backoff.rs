//! How long to leave alone what has failed.

/// What to wait after so many failures, in milliseconds: `first_ms`, and twice as long each time
/// up to `longest_ms`, and any of its second half, so that what failed together does not come
/// back together.
pub fn backoff_ms(failures: i64, random: [u8; 8], (first_ms, longest_ms): (i64, i64)) -> i64 {
    let doublings = u32::try_from(failures - 1).unwrap_or_default().min(30);
    let whole = first_ms.saturating_mul(1 << doublings).min(longest_ms);
    let half = whole / 2;
    half + i64::try_from(u64::from_le_bytes(random) >> 1).unwrap_or_default() % (half + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_to_a_bound_and_spread_over_their_second_half() {
        let pause = |failures, random| backoff_ms(failures, random, (5_000, 7_200_000));
        for (failures, whole) in [(1, 5_000), (2, 10_000), (3, 20_000), (24, 7_200_000)] {
            assert_eq!(pause(failures, [0; 8]), whole / 2);
            assert!((whole / 2..=whole).contains(&pause(failures, [0xff; 8])));
        }
        assert_ne!(pause(5, [1; 8]), pause(5, [2; 8]));
        assert_eq!(pause(0, [0; 8]), 2_500);
    }
}
