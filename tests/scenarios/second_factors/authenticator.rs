//! An authenticator app, written from RFC 6238 without the library that the server uses.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Milliseconds that one code is good for.
pub(super) const STEP: i64 = 30_000;

/// An app that somebody has entered a secret into.
pub(crate) struct App(Vec<u8>);

impl App {
    /// `secret` in upper-case base32.
    pub(crate) fn new(secret: &str) -> Self {
        let (mut key, mut bits, mut n_bits) = (Vec::new(), 0, 0);
        for digit in secret.trim_end_matches('=').chars() {
            bits = (bits << 5) | ALPHABET.find(digit).expect("a digit of base32");
            n_bits += 5;
            if n_bits >= 8 {
                n_bits -= 8;
                key.push(u8::try_from(bits >> n_bits).expect("eight bits"));
                bits &= (1 << n_bits) - 1;
            }
        }
        Self(key)
    }

    /// The bytes of the secret.
    pub(super) fn key(&self) -> &[u8] {
        &self.0
    }

    /// The code it shows at this time, in milliseconds.
    pub(crate) fn code(&self, at: i64) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("a key of any length");
        mac.update(&at.div_euclid(STEP).to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let offset = usize::from(hash[19] & 15);
        let word: [u8; 4] = hash[offset..offset + 4].try_into().expect("four bytes");
        format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
    }
}

#[test]
fn the_app_shows_what_the_rfc_says() {
    // RFC 6238, appendix B; the codes there have eight digits.
    let app = App::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert_eq!(app.key(), b"12345678901234567890");
    for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
        assert_eq!(app.code(seconds * 1000), code);
    }
}
