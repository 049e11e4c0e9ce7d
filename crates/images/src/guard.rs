//! Keeps a panic in third-party code from travelling further.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `work` returned, or `None` if it panicked.
///
/// Decoders are safe code and well fuzzed, yet a slip in one of them must stay
/// the problem of the request that found it. `work` must own or only read what
/// it uses, so that nothing half-changed is left behind. Useless in a build
/// with `panic = "abort"`.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_none_and_a_value_is_itself() {
        assert_eq!(caught(|| 1), Some(1));
        assert_eq!(caught(|| -> u8 { panic!("as a decoder might") }), None);
    }
}
