//! bcrypt, plain or wrapped as Django and Devise do, in all its historic versions.
//!
//! The library does the hashing; here are the container and the way each
//! version turned a password into a key, of which two had faults that digests
//! made at the time still depend on.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::{InvalidDigest, field};

/// Bytes of a password that bcrypt reads; it ignores the rest.
pub(crate) const MAX_PASSWORD_BYTES: usize = 72;

/// Costs accepted: 10 takes 50 to 70 ms, and each step doubles it: 15 about two seconds.
const COST: std::ops::RangeInclusive<u32> = 4..=15;
/// Length of salt and hash in bcrypt's base64.
const SALT_AND_HASH: usize = 53;
/// Longest pepper, in bytes: Devise's own are 128 hexadecimal digits.
const MAX_PEPPER: usize = 256;

const SHAPE: &str = "$<version>$<cost>$<22 characters of salt><31 of hash>";

/// bcrypt's base64. Old libraries left the unused low bits of the last digit unset or random.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::BCRYPT,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// A bcrypt digest.
#[derive(Clone)]
pub(crate) struct Bcrypt {
    version: Version,
    cost: u32,
    salt: [u8; 16],
    hash: [u8; 23],
    input: Input,
}

/// How a version turns the password into the key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    /// `2`: the password alone, repeated, without the NUL that ends it.
    Unterminated,
    /// `2x`: bytes from 0x80 up taken as negative numbers (`crypt_blowfish` before 1.1).
    SignExtended,
    /// `2a`, `2b`, `2y`: the same for every password of up to 255 bytes.
    Right,
}

/// What is hashed in place of the password.
#[derive(Clone)]
enum Input {
    Password,
    WithPepper(String),
    HexSha256,
}

impl Bcrypt {
    /// `$2b$10$<salt><hash>`.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidDigest> {
        Self::with_input(text, Input::Password)
    }

    /// `bcrypt_sha256$$2b$10$<salt><hash>`.
    pub(super) fn parse_sha256_django(text: &str) -> Result<Self, InvalidDigest> {
        let inner = text.strip_prefix("bcrypt_sha256$").ok_or_else(|| {
            InvalidDigest::new("the digest must begin with bcrypt_sha256$ and a bcrypt digest")
        })?;
        Self::with_input(inner, Input::HexSha256)
    }

    /// `$2b$10$<salt><hash>$<pepper>`; the pepper may hold `$`.
    pub(super) fn parse_peppered(text: &str) -> Result<Self, InvalidDigest> {
        let shape = || InvalidDigest::new("the digest must be a bcrypt digest, $ and the pepper");
        let (at, _) = text.match_indices('$').nth(3).ok_or_else(shape)?;
        let (inner, pepper) = text.split_at_checked(at).ok_or_else(shape)?;
        let pepper = pepper.strip_prefix('$').ok_or_else(shape)?;
        if pepper.is_empty() || pepper.len() > MAX_PEPPER {
            return Err(InvalidDigest::new(format!(
                "the pepper must have from 1 to {MAX_PEPPER} bytes"
            )));
        }
        Self::with_input(inner, Input::WithPepper(pepper.to_owned()))
    }

    fn with_input(text: &str, input: Input) -> Result<Self, InvalidDigest> {
        let ["", version, cost, tail] = field::split(text, SHAPE)? else {
            return Err(field::shape_of(SHAPE));
        };
        let version = match version {
            "2" => Version::Unterminated,
            "2x" => Version::SignExtended,
            "2a" | "2b" | "2y" => Version::Right,
            _ => {
                return Err(InvalidDigest::new("the bcrypt version must be 2, 2a, 2b, 2x or 2y"));
            }
        };
        if cost.len() != 2 {
            return Err(InvalidDigest::new("the cost must have two digits"));
        }
        let cost = field::number("cost", cost, COST)?;
        if tail.len() != SALT_AND_HASH {
            return Err(field::shape_of(SHAPE));
        }
        let (salt, hash) = tail.split_at_checked(22).ok_or_else(|| field::shape_of(SHAPE))?;
        Ok(Self { version, cost, salt: decode("salt", salt)?, hash: decode("hash", hash)?, input })
    }

    /// The digest of `password` in version `2b`, with its text.
    ///
    /// `password` may have 72 bytes at most, or the rest would not count; the caller sees to it.
    pub(crate) fn make(password: &[u8], cost: u32, salt: [u8; 16]) -> (Self, String) {
        let (empty, _) = Self::of_hash(cost, salt, [0; 23]);
        Self::of_hash(cost, salt, empty.compute(password))
    }

    /// The digest of version `2b` that has these parts, with its text.
    pub(crate) fn of_hash(cost: u32, salt: [u8; 16], hash: [u8; 23]) -> (Self, String) {
        let text = format!("$2b${cost:02}${}{}", BASE64.encode(salt), BASE64.encode(hash));
        let digest = Self { version: Version::Right, cost, salt, hash, input: Input::Password };
        (digest, text)
    }

    /// Base-2 logarithm of its rounds.
    pub(super) fn cost(&self) -> u32 {
        self.cost
    }

    /// Whether its version turned passwords into keys without a fault.
    pub(super) fn is_faultless(&self) -> bool {
        self.version == Version::Right
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let computed = match &self.input {
            Input::Password => self.compute(password),
            Input::WithPepper(pepper) => {
                self.compute(&Zeroizing::new([password, pepper.as_bytes()].concat()))
            }
            Input::HexSha256 => {
                self.compute(Zeroizing::new(hex::encode(Sha256::digest(password))).as_bytes())
            }
        };
        computed.ct_eq(&self.hash).into()
    }

    fn compute(&self, password: &[u8]) -> [u8; 23] {
        let mut key = self.version.key(password);
        let computed = ::bcrypt::bcrypt(self.cost, self.salt, &key);
        key.zeroize();
        let mut hash = [0; 23];
        hash.iter_mut().zip(computed).for_each(|(to, from)| *to = from);
        hash
    }
}

impl Version {
    /// All 72 bytes of key material, which Blowfish would otherwise draw from a
    /// shorter key by going round it.
    fn key(self, password: &[u8]) -> [u8; MAX_PASSWORD_BYTES] {
        let terminator: &[u8] = match self {
            // An empty key goes round nothing; all of it stays zero, as if terminated.
            Self::Unterminated => &[],
            Self::SignExtended | Self::Right => &[0],
        };
        let mut key = [0; MAX_PASSWORD_BYTES];
        let round = password.iter().chain(terminator).cycle();
        key.iter_mut().zip(round).for_each(|(to, from)| *to = *from);
        if self == Self::SignExtended {
            let (words, _) = key.as_chunks_mut::<4>();
            for word in words {
                *word = sign_extended(*word);
            }
        }
        key
    }
}

/// Four bytes gathered into a word as signed characters: one from 0x80 up sets
/// every bit of those before it.
fn sign_extended(bytes: [u8; 4]) -> [u8; 4] {
    bytes
        .into_iter()
        .fold(0_u32, |word, byte| (word << 8) | i32::from(byte.cast_signed()).cast_unsigned())
        .to_be_bytes()
}

fn decode<const N: usize>(what: &str, text: &str) -> Result<[u8; N], InvalidDigest> {
    BASE64
        .decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| InvalidDigest::new(format!("the {what} must be in bcrypt's base64")))
}
