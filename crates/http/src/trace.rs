//! Trace ids: one per request, in the answer's header, its error body and the log.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::header::{HeaderName, HeaderValue};

/// The header that carries the trace id of every answer.
pub const CLERK_TRACE_ID: HeaderName = HeaderName::from_static("clerk-trace-id");

const HEX: &[u8; 16] = b"0123456789abcdef";

/// 32 lower-case hex digits that name one request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 32]);

impl TraceId {
    fn new(value: u128) -> Self {
        let mut digits = [b'0'; 32];
        let mut rest = value;
        for digit in digits.iter_mut().rev() {
            *digit = HEX.get((rest & 0xf) as usize).copied().unwrap_or(b'0');
            rest >>= 4;
        }
        Self(digits)
    }

    /// The id as it is written.
    pub fn as_str(&self) -> &str {
        // Hex digits are always UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).unwrap_or(HeaderValue::from_static(""))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A source of trace ids: a random seed and a counter, mixed.
///
/// The ids of one source never repeat, and those of two sources do not collide
/// in practice. They name requests and guard nothing, so they may be guessed.
#[derive(Debug)]
pub struct TraceIds {
    seed: (u64, u64),
    count: AtomicU64,
}

impl TraceIds {
    /// A source whose ids differ from those of every source with another seed.
    pub fn new(seed: u128) -> Self {
        Self { seed: ((seed >> 64) as u64, low(seed)), count: AtomicU64::new(0) }
    }

    /// The next id; never blocks.
    pub fn next(&self) -> TraceId {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let high = mix(self.seed.0.wrapping_add(count));
        let low = mix(self.seed.1 ^ high);
        TraceId::new((u128::from(high) << 64) | u128::from(low))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is asked for")]
fn low(value: u128) -> u64 {
    value as u64
}

/// splitmix64, a bijection: distinct counts give distinct ids.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_32_lower_case_hex_digits_and_never_repeat() {
        let ids = TraceIds::new(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        let seen: HashSet<_> = (0..10_000).map(|_| ids.next()).collect();
        assert_eq!(seen.len(), 10_000);
        for id in seen {
            let valid = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            assert!(id.as_str().len() == 32 && id.as_str().chars().all(valid), "{id}");
        }
    }

    #[test]
    fn digits_are_in_reading_order() {
        assert_eq!(TraceId::new(0xab).as_str(), "000000000000000000000000000000ab");
    }
}
