//! Seeds of authenticator apps.

use std::fmt;
use std::sync::LazyLock;

use data_encoding::{BASE32, BASE32_NOPAD, Encoding};
use rollbook_wire::Code;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::Problem;

/// The longest seed in bytes; HMAC-SHA-1 hashes a key of more than 64 down to 20 anyway.
const MAX_BYTES: usize = 128;

/// The key of a user's TOTP: 1 to 128 bytes, wiped on drop.
///
/// A secret: it has no `Serialize` or `Display`, and `Debug` shows nothing. RFC 4226
/// asks for 16 bytes; seeds made elsewhere are shorter at times (10 are common), so any length is taken.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct TotpSecret(Vec<u8>);

impl TotpSecret {
    /// Reads base32 (RFC 4648 section 6) in any letter case, with or without its padding.
    ///
    /// [`Code::InvalidTotpSecretCode`] when it is empty, too long, holds
    /// anything else (spaces and hyphens too). Bits left over behind the last
    /// byte are dropped, as authenticator apps do: generators that draw random
    /// letters make such seeds.
    pub fn parse(text: &str, param: &str) -> Result<Self, Problem> {
        decode(text).and_then(Self::from_bytes).ok_or_else(|| {
            Problem::param(
                Code::InvalidTotpSecretCode,
                param,
                format!("{param} must be a base32 secret of 1 to {MAX_BYTES} bytes."),
            )
        })
    }

    /// The seed with these bytes; none unless there are 1 to 128.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let secret = Self(bytes);
        (1..=MAX_BYTES).contains(&secret.0.len()).then_some(secret)
    }

    /// The key itself.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The seed in base32 without padding, as authenticator apps take it.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// Base32 without padding that does not look at left-over bits.
static LENIENT: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut specification = BASE32_NOPAD.specification();
    specification.check_trailing_bits = false;
    specification.encoding().ok()
});

fn decode(text: &str) -> Option<Vec<u8>> {
    if text.len() > BASE32.encode_len(MAX_BYTES) {
        return None;
    }
    let upper = Zeroizing::new(text.to_ascii_uppercase());
    match upper.trim_end_matches('=') {
        // Padding fills up to a multiple of eight, or is not there.
        bare if bare.len() != upper.len() && !upper.len().is_multiple_of(8) => None,
        bare if upper.len() - bare.len() > 6 => None,
        bare => LENIENT.as_ref()?.decode(bare.as_bytes()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Option<Vec<u8>> {
        TotpSecret::parse(text, "totp_secret").ok().map(|secret| secret.as_bytes().to_vec())
    }

    #[test]
    fn letter_case_and_padding_do_not_matter() {
        for (text, decoded) in [
            ("MY", "f"),
            ("MY======", "f"),
            ("MZ", "f"),
            ("mzxw6ytboi", "foobar"),
            ("MZXW6YTBOI======", "foobar"),
            ("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "12345678901234567890"),
        ] {
            assert_eq!(bytes(text).as_deref(), Some(decoded.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_not_base32_is_refused_by_name() {
        let long = "A".repeat(208);
        for text in [
            "",
            "=",
            "M",
            "ABCD1234EFGH5678",
            "base32totpsecretkey",
            "MZXW 6YTB",
            "MZXW-6YTB",
            "MY=",
            "MY=====",
            "MY======MY======",
            "ÄÖÜ",
            "MY\0",
            &long,
        ] {
            let problem = TotpSecret::parse(text, "totp_secret").expect_err(text);
            assert_eq!(problem.code, Code::InvalidTotpSecretCode);
            assert_eq!(problem.meta["param_name"], "totp_secret");
        }
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let secret = TotpSecret::parse("GEZDGNBVGY3TQOJQ", "totp_secret").expect("valid");
        assert_eq!(format!("{secret:?}"), "TotpSecret(…)");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), near in "[A-Za-z2-7=]{0,220}") {
            let _ = bytes(&text);
            let _ = bytes(&near);
        }

        #[test]
        fn any_seed_survives_its_text(seed in proptest::collection::vec(any::<u8>(), 1..=128)) {
            let secret = TotpSecret::from_bytes(seed.clone()).expect("of a sane length");
            prop_assert_eq!(bytes(&secret.to_base32()), Some(seed));
        }
    }
}
