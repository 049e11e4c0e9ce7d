//! Rate limits: so many requests in a window, counted per key.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use parking_lot::Mutex;

const SHARDS: usize = 16;

/// How many requests a window admits, and how long it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests admitted in one window.
    pub requests: u32,
    /// The window's length in milliseconds.
    pub per_ms: u32,
}

/// The request is one too many; the next has a chance after so many seconds,
/// never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter(pub u32);

/// Counts requests per key in fixed windows.
///
/// A key's window begins with its first request and lasts `per_ms`; the first
/// request after it begins the next. So one window never admits more than
/// `requests`, and no span of `per_ms` more than twice that. A refused request
/// does not count and does not prolong the window.
///
/// Memory is bounded by `max_keys`. Windows that are over are swept out; when
/// that many are open, requests of further keys are admitted uncounted, since
/// refusing them would let one tenant lock out the others.
#[derive(Debug)]
pub struct RateLimiter<K> {
    shards: [Mutex<Shard<K>>; SHARDS],
    hasher: RandomState,
    max_per_shard: usize,
}

#[derive(Debug)]
struct Shard<K> {
    windows: HashMap<K, Window>,
    /// Not before this time can another sweep free anything worth it.
    sweep_at_ms: i64,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    start_ms: i64,
    end_ms: i64,
    count: u32,
}

impl<K: Hash + Eq> RateLimiter<K> {
    /// A limiter that remembers about `max_keys` keys.
    pub fn new(max_keys: usize) -> Self {
        Self {
            shards: std::array::from_fn(|_| {
                Mutex::new(Shard { windows: HashMap::new(), sweep_at_ms: i64::MIN })
            }),
            hasher: RandomState::new(),
            max_per_shard: max_keys.div_ceil(SHARDS).max(1),
        }
    }

    /// Counts one request of `key` at `now_ms`, or refuses it.
    pub fn check(&self, key: K, limit: Limit, now_ms: i64) -> Result<(), RetryAfter> {
        let index = self.hasher.hash_one(&key) % SHARDS as u64;
        let shard = usize::try_from(index).ok().and_then(|index| self.shards.get(index));
        let Some(mut shard) = shard.map(Mutex::lock) else { return Ok(()) };
        if let Some(window) = shard.windows.get_mut(&key) {
            if !window.is_open(now_ms) {
                *window = Window::opened(limit, now_ms);
            }
            return window.admit(limit, now_ms);
        }
        if shard.windows.len() >= self.max_per_shard && !shard.sweep(now_ms) {
            return Ok(());
        }
        let mut window = Window::opened(limit, now_ms);
        let admitted = window.admit(limit, now_ms);
        shard.windows.insert(key, window);
        admitted
    }

    /// Keys remembered now.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().windows.len()).sum()
    }

    /// Whether no key is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K> Shard<K> {
    /// Forgets windows that are over; says whether there is room now.
    fn sweep(&mut self, now_ms: i64) -> bool {
        if now_ms < self.sweep_at_ms {
            return false;
        }
        let before = self.windows.len();
        self.windows.retain(|_, window| window.is_open(now_ms));
        let earliest = self.windows.values().map(|window| window.end_ms).min();
        self.sweep_at_ms = earliest.unwrap_or(i64::MIN);
        self.windows.len() < before
    }
}

impl Window {
    fn opened(limit: Limit, now_ms: i64) -> Self {
        Self { start_ms: now_ms, end_ms: now_ms.saturating_add(limit.per_ms.into()), count: 0 }
    }

    /// Not before its start either: a clock that went back must not lengthen
    /// the wait.
    fn is_open(&self, now_ms: i64) -> bool {
        (self.start_ms..self.end_ms).contains(&now_ms)
    }

    fn admit(&mut self, limit: Limit, now_ms: i64) -> Result<(), RetryAfter> {
        if self.count < limit.requests {
            self.count += 1;
            return Ok(());
        }
        let left_ms = u64::try_from(self.end_ms.saturating_sub(now_ms)).unwrap_or(0);
        let seconds = left_ms.div_ceil(1000).max(1);
        Err(RetryAfter(u32::try_from(seconds).unwrap_or(u32::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: Limit = Limit { requests: 10, per_ms: 10_000 };

    #[test]
    fn ten_pass_and_the_eleventh_waits_for_the_window() {
        let limiter = RateLimiter::new(100);
        for n in 0..10 {
            assert_eq!(limiter.check("a", LIMIT, 1_000 + n), Ok(()));
        }
        assert_eq!(limiter.check("a", LIMIT, 2_500), Err(RetryAfter(9)));
        assert_eq!(limiter.check("a", LIMIT, 10_999), Err(RetryAfter(1)));
        assert_eq!(limiter.check("a", LIMIT, 11_000), Ok(()));
    }

    #[test]
    fn keys_do_not_count_for_each_other() {
        let limiter = RateLimiter::new(100);
        let one = Limit { requests: 1, per_ms: 1_000 };
        assert_eq!(limiter.check("a", one, 0), Ok(()));
        assert_eq!(limiter.check("b", one, 0), Ok(()));
        assert_eq!(limiter.check("a", one, 0), Err(RetryAfter(1)));
    }

    #[test]
    fn a_clock_that_goes_back_opens_a_new_window() {
        let limiter = RateLimiter::new(100);
        let one = Limit { requests: 1, per_ms: 1_000 };
        assert_eq!(limiter.check("a", one, 1_000_000), Ok(()));
        assert_eq!(limiter.check("a", one, 0), Ok(()));
        assert_eq!(limiter.check("a", one, 0), Err(RetryAfter(1)));
    }

    #[test]
    fn memory_is_bounded_and_old_windows_make_room() {
        let limiter = RateLimiter::new(160);
        for key in 0..100_000 {
            assert_eq!(limiter.check(key, LIMIT, 0), Ok(()));
        }
        assert!(limiter.len() <= 160);
        let one = Limit { requests: 1, per_ms: 1_000 };
        assert_eq!(limiter.check(200_000, one, 10_000), Ok(()));
        assert_eq!(limiter.check(200_000, one, 10_000), Err(RetryAfter(1)));
        assert!(limiter.len() <= 160);
    }

    proptest! {
        #[test]
        fn no_window_admits_more_than_its_limit_and_no_span_twice_that(
            requests in 1u32..6,
            per_ms in 1u32..200,
            gaps in prop::collection::vec(0i64..50, 1..300),
        ) {
            let limiter = RateLimiter::new(10);
            let limit = Limit { requests, per_ms };
            let mut now = 0;
            let mut admitted: Vec<i64> = Vec::new();
            for gap in gaps {
                now += gap;
                if limiter.check((), limit, now).is_ok() {
                    admitted.push(now);
                }
            }
            for (index, start) in admitted.iter().enumerate() {
                let within = admitted[index..].iter().filter(|at| **at < start + i64::from(per_ms));
                prop_assert!(within.count() <= 2 * requests as usize);
            }
            // Windows as documented: each begins with the first request after the last.
            let mut rest = admitted.as_slice();
            while let Some(start) = rest.first() {
                let window = rest.iter().take_while(|at| **at < start + i64::from(per_ms)).count();
                prop_assert!(window <= requests as usize);
                rest = &rest[window..];
            }
        }

        #[test]
        fn waiting_as_told_is_enough(per_ms in 1u32..100_000, at in 0i64..100_000) {
            let limiter = RateLimiter::new(10);
            let limit = Limit { requests: 1, per_ms };
            limiter.check((), limit, 0).unwrap();
            if let Err(RetryAfter(seconds)) = limiter.check((), limit, at) {
                prop_assert_eq!(limiter.check((), limit, at + i64::from(seconds) * 1_000), Ok(()));
            }
        }
    }
}
