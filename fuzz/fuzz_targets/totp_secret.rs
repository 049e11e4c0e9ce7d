//! A seed that is taken reads back as the same bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_domain::TotpSecret;

fuzz_target!(|text: &str| {
    let Ok(secret) = TotpSecret::parse(text, "totp_secret") else { return };
    let again = TotpSecret::parse(&secret.to_base32(), "totp_secret").expect("it was taken");
    assert_eq!(again.as_bytes(), secret.as_bytes());
    assert!(TotpSecret::from_bytes(secret.as_bytes().to_vec()).is_some());
});
