//! Whether an event is from Stripe: HMAC-SHA256 over time and body.
//!
//! <https://docs.stripe.com/webhooks/signature>: `Stripe-Signature: t=SECONDS,v1=HEX,v1=HEX…`

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Seconds by which the time in a signature may differ from ours.
pub const TOLERANCE_S: i64 = 300;

/// The event is from someone else, changed on its way, or too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not belong to this body and time")]
pub struct BadSignature;

/// Checks that `body` was signed with `secret` (`whsec_…`, as it stands) within five minutes of
/// `now_s`, in constant time.
pub fn verify(header: &str, body: &[u8], secret: &str, now_s: i64) -> Result<(), BadSignature> {
    let mut timestamp = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) => timestamp = Some(value),
            // Other schemes are for Stripe's own tests, or of tomorrow.
            Some(("v1", value)) => signatures.extend(hex::decode(value)),
            _ => {}
        }
    }
    let timestamp = timestamp.ok_or(BadSignature)?;
    let signed_at: i64 = timestamp.parse().map_err(|_| BadSignature)?;
    if now_s.checked_sub(signed_at).is_none_or(|age| age.abs() > TOLERANCE_S) {
        return Err(BadSignature);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| BadSignature)?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    // There are two while a secret is rolled over.
    let is_good = |signature: &Vec<u8>| mac.clone().verify_slice(signature).is_ok();
    if signatures.iter().any(is_good) { Ok(()) } else { Err(BadSignature) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;
    const SECRET: &str = "whsec_test_secret";
    const BODY: &[u8] = br#"{"id": "evt_1", "object": "event"}"#;

    /// Made by `WebhookSignature._compute_signature` of Stripe's own Python package, 16.1.0.
    const OFFICIAL: &str = "86d195bdf7fa8d2a41b621d0367baa5f34b0c4861d35227c2012edbaf25cf1a2";

    fn check(header: &str) -> Result<(), BadSignature> {
        verify(header, BODY, SECRET, NOW)
    }

    #[test]
    fn what_the_official_package_signs_is_accepted() {
        assert_eq!(check(&format!("t={NOW},v1={OFFICIAL}")), Ok(()));
        let rolled = format!("t={NOW}, v1={}, v0=ff, v1={OFFICIAL}", "ab".repeat(32));
        assert_eq!(check(&rolled), Ok(()));
    }

    #[test]
    fn another_body_secret_time_or_scheme_is_refused() {
        let good = format!("t={NOW},v1={OFFICIAL}");
        assert_eq!(verify(&good, b"{}", SECRET, NOW), Err(BadSignature));
        assert_eq!(verify(&good, BODY, "whsec_other", NOW), Err(BadSignature));
        for header in [
            "",
            "t=,v1=",
            &format!("v1={OFFICIAL}"),
            &format!("t={NOW}"),
            &format!("t={},v1={OFFICIAL}", NOW + 1),
            &format!("t={NOW},v0={OFFICIAL}"),
            &format!("t={NOW},v1={}", &OFFICIAL[..62]),
            &format!("t={NOW},v1=xx"),
            &format!("t={},v1={OFFICIAL}", i64::MIN),
        ] {
            assert_eq!(check(header), Err(BadSignature), "{header}");
        }
    }

    #[test]
    fn five_minutes_either_way_are_tolerated_and_not_a_second_more() {
        let header = format!("t={NOW},v1={OFFICIAL}");
        for (now, is_good) in [
            (NOW + TOLERANCE_S, true),
            (NOW - TOLERANCE_S, true),
            (NOW + TOLERANCE_S + 1, false),
            (NOW - TOLERANCE_S - 1, false),
        ] {
            assert_eq!(verify(&header, BODY, SECRET, now).is_ok(), is_good);
        }
    }
}
