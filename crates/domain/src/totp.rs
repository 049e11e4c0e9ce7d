//! Time-based one-time passwords (RFC 6238): SHA-1, six digits, thirty seconds.

use totp_rs::{Algorithm, Builder};

use crate::{Millis, TotpSecret};

/// Seconds that one code is good for.
const STEP_S: u64 = 30;

/// Steps before and after the present one whose codes are good too.
const DRIFT: u16 = 1;

/// Digits of a code.
pub const TOTP_DIGITS: usize = 6;

impl TotpSecret {
    /// The step whose code this is, if it is the code of the step at `now` or of a neighbour.
    ///
    /// Whether the step was used before is the caller's to know (RFC 6238, section 5.2).
    pub fn step_of(&self, code: &str, now: Millis) -> Option<i64> {
        if !looks_like_totp(code) {
            return None;
        }
        let seconds = u64::try_from(now / 1000).ok()?;
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(DRIFT)
            .with_step_duration(STEP_S)
            .with_secret(self.as_bytes())
            // Imported secrets may be shorter than the 128 bits that the RFC asks for.
            .build_noncompliant();
        totp.check(code, seconds).and_then(|step| i64::try_from(step).ok())
    }
}

/// The oldest step whose code may still be good at `now`.
pub fn oldest_totp_step(now: Millis) -> i64 {
    let step_ms = i64::try_from(STEP_S * 1000).unwrap_or(i64::MAX);
    now.div_euclid(step_ms) - i64::from(DRIFT)
}

/// Whether a text has the form of a code: six ASCII digits.
pub fn looks_like_totp(code: &str) -> bool {
    code.len() == TOTP_DIGITS && code.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, for SHA-1; its codes have eight digits, ours the last six.
    const VECTORS: [(i64, &str); 6] = [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ];

    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890".to_vec()).expect("a secret")
    }

    #[test]
    fn the_vectors_of_the_rfc_are_met() {
        for (seconds, code) in VECTORS {
            assert_eq!(
                secret().step_of(&code[2..], seconds * 1000),
                Some(seconds / 30),
                "{seconds}"
            );
        }
    }

    #[test]
    fn one_step_of_drift_is_good_either_way_and_two_are_not() {
        let (seconds, code) = VECTORS[3];
        let step = seconds / 30;
        for (shift, expected) in [(-2, None), (-1, Some(step)), (1, Some(step)), (2, None)] {
            assert_eq!(
                secret().step_of(&code[2..], (seconds + shift * 30) * 1000),
                expected,
                "{shift}"
            );
        }
    }

    #[test]
    fn only_six_digits_are_a_code() {
        for text in ["", "12345", "1234567", "12345a", "１２３４５６", "12 456", "-12345", "+12345"]
        {
            assert!(!looks_like_totp(text), "{text}");
            assert_eq!(secret().step_of(text, 59_000), None);
        }
    }
}
