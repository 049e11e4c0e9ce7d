//! SHA-crypt, Unix's `$5$` (SHA-256) and `$6$` (SHA-512), as in `/etc/shadow` and,
//! after `{CRYPT}`, in directory servers (Drepper, "Unix crypt using SHA-256 and SHA-512").
//!
//! Bound: 700,000 rounds, a second for usual passwords and three for the
//! longest. C libraries make 5,000 unless told otherwise, passlib 656,000.

use sha_crypt::PasswordVerifier as _;

use super::{InvalidDigest, field};

const SHAPE: &str = "$<5 or 6>$[rounds=<rounds>$]<salt>$<hash>";
const DEFAULT_ROUNDS: u32 = 5_000;
/// C libraries raise a lower number to the first of these.
const ROUNDS: std::ops::RangeInclusive<u32> = 1_000..=700_000;
const MAX_SALT: usize = 16;
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A SHA-crypt digest.
#[derive(Clone)]
pub(super) struct ShaCrypt {
    /// In the modular crypt format, with nothing before it.
    text: String,
    rounds: u32,
}

impl ShaCrypt {
    /// `$5$…`, which `{CRYPT}` may precede.
    pub(super) fn parse_sha256(text: &str) -> Result<Self, InvalidDigest> {
        // 32 bytes leave four bits for the last of 43 digits.
        Self::parse("5", 43, 16, bare(text))
    }

    /// `$6$…`, which `{CRYPT}` may precede.
    pub(super) fn parse_sha512(text: &str) -> Result<Self, InvalidDigest> {
        // 64 bytes leave two bits for the last of 86 digits.
        Self::parse("6", 86, 4, bare(text))
    }

    fn parse(id: &str, digits: usize, last: usize, text: &str) -> Result<Self, InvalidDigest> {
        let shape = || field::shape_of(SHAPE);
        let fields: Vec<&str> = text.split('$').collect();
        let (rounds, salt, hash) = match *fields.as_slice() {
            ["", of, rounds, salt, hash] if of == id => {
                let rounds = rounds.strip_prefix("rounds=").ok_or_else(shape)?;
                (field::number("number of rounds", rounds, ROUNDS)?, salt, hash)
            }
            ["", of, salt, hash] if of == id => (DEFAULT_ROUNDS, salt, hash),
            _ => return Err(shape()),
        };
        let is_alphabetic = |text: &str| text.bytes().all(|byte| ALPHABET.contains(&byte));
        let (least_digits, _) = ALPHABET.split_at(last);
        let ends_well = hash.bytes().last().is_some_and(|digit| least_digits.contains(&digit));
        if salt.is_empty() || salt.len() > MAX_SALT || hash.len() != digits {
            return Err(shape());
        }
        if !is_alphabetic(salt) || !is_alphabetic(hash) || !ends_well {
            return Err(InvalidDigest::new("salt and hash must be in crypt's base64"));
        }
        Ok(Self { text: format!("${id}$rounds={rounds}${salt}${hash}"), rounds })
    }

    /// How often the password is hashed.
    pub(super) fn rounds(&self) -> u32 {
        self.rounds
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        sha_crypt::ShaCrypt::default().verify_password(password, self.text.as_str()).is_ok()
    }
}

/// The digest without the scheme that a directory server puts before it.
fn bare(text: &str) -> &str {
    match text.split_at_checked("{CRYPT}".len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("{CRYPT}") => rest,
        _ => text,
    }
}
