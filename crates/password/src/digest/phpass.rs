//! Portable phpass (`$P$`, and phpBB's `$H$`, which differ in nothing else), and
//! Drupal's with SHA-512 in place of MD5 (`$S$`).
//!
//! Bound: 2^20 rounds, two seconds for the longest password; phpass itself goes
//! to 2^30; blogs had 2^13, Drupal 2^15.

use md5::{Digest as _, Md5};
use sha2::Sha512;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{InvalidDigest, field};

const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SHAPE: &str = "$P$<1 character of rounds><8 of salt><22 of checksum>";
const DRUPAL: &str = "$S$<1 character of rounds><8 of salt><43 of checksum>";
/// Base-2 logarithms of the numbers of rounds accepted.
const LOG_ROUNDS: std::ops::RangeInclusive<u32> = 7..=20;

/// A phpass digest.
#[derive(Clone)]
pub(super) struct Phpass {
    algorithm: Algorithm,
    log_rounds: u32,
    salt: [u8; 8],
    checksum: Vec<u8>,
    input: Input,
}

#[derive(Clone, Copy)]
enum Algorithm {
    Md5,
    Sha512,
}

#[derive(Clone, Copy)]
enum Input {
    Password,
    HexMd5,
}

impl Phpass {
    /// phpass of the password.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidDigest> {
        Self::parse_md5(text, Input::Password)
    }

    /// phpass of the lower-case hexadecimal MD5 of the password, the form that a
    /// migration from bare MD5 leaves behind.
    pub(super) fn parse_of_md5(text: &str) -> Result<Self, InvalidDigest> {
        Self::parse_md5(text, Input::HexMd5)
    }

    /// `$S$`, of which Drupal keeps 55 characters, or the same after a `U`: of
    /// the hexadecimal MD5 of the password, which Drupal 6 had kept.
    pub(super) fn parse_drupal7(text: &str) -> Result<Self, InvalidDigest> {
        let (text, input) = match text.strip_prefix('U') {
            Some(text) => (text, Input::HexMd5),
            None => (text, Input::Password),
        };
        let body = text.strip_prefix("$S$").ok_or_else(|| field::shape_of(DRUPAL))?;
        Self::with_body(body, DRUPAL, Algorithm::Sha512, input)
    }

    fn parse_md5(text: &str, input: Input) -> Result<Self, InvalidDigest> {
        let body = text
            .strip_prefix("$P$")
            .or_else(|| text.strip_prefix("$H$"))
            .ok_or_else(|| field::shape_of(SHAPE))?;
        Self::with_body(body, SHAPE, Algorithm::Md5, input)
    }

    fn with_body(
        body: &str,
        shape: &str,
        algorithm: Algorithm,
        input: Input,
    ) -> Result<Self, InvalidDigest> {
        let shape = || field::shape_of(shape);
        let (&rounds, rest) = body.as_bytes().split_first().ok_or_else(shape)?;
        let (&salt, checksum) = rest.split_first_chunk().ok_or_else(shape)?;
        if checksum.len() != algorithm.checksum() {
            return Err(shape());
        }
        if !salt.iter().chain(checksum).all(|byte| ALPHABET.contains(byte)) {
            return Err(InvalidDigest::new(
                "salt and checksum must be of the characters ./0-9A-Za-z",
            ));
        }
        let log_rounds = (0_u32..)
            .zip(ALPHABET)
            .find_map(|(value, &digit)| (digit == rounds).then_some(value))
            .filter(|value| LOG_ROUNDS.contains(value))
            .ok_or_else(|| InvalidDigest::new("the rounds must be a character from 5 to I"))?;
        Ok(Self { algorithm, log_rounds, salt, checksum: checksum.to_vec(), input })
    }

    /// How often the password is hashed.
    pub(super) fn rounds(&self) -> u32 {
        1 << self.log_rounds
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let hexadecimal;
        let password = match self.input {
            Input::Password => password,
            Input::HexMd5 => {
                hexadecimal = Zeroizing::new(hex::encode(Md5::digest(password)));
                hexadecimal.as_bytes()
            }
        };
        let hash = match self.algorithm {
            Algorithm::Md5 => self.stretch::<Md5>(password),
            Algorithm::Sha512 => self.stretch::<Sha512>(password),
        };
        let mut computed = encode(&hash);
        computed.truncate(self.algorithm.checksum());
        computed.ct_eq(&self.checksum).into()
    }

    fn stretch<D: md5::Digest>(&self, password: &[u8]) -> Vec<u8> {
        let mut hash = D::new().chain_update(self.salt).chain_update(password).finalize();
        for _ in 0..self.rounds() {
            hash = D::new().chain_update(&hash).chain_update(password).finalize();
        }
        hash.to_vec()
    }
}

impl Algorithm {
    /// Characters of the checksum.
    fn checksum(self) -> usize {
        match self {
            Self::Md5 => 22,
            // Half of the hash: Drupal's column had 55 characters.
            Self::Sha512 => 43,
        }
    }
}

/// phpass's own base64: three bytes to four digits, the least significant first.
fn encode(hash: &[u8]) -> Vec<u8> {
    let digits = hash.chunks(3).flat_map(|group| {
        let word = group.iter().rev().fold(0_u32, |word, &byte| (word << 8) | u32::from(byte));
        (0..=group.len()).map(move |digit| digit_of(word >> (6 * digit)))
    });
    digits.collect()
}

/// The digit for the low six bits of `word`.
fn digit_of(word: u32) -> u8 {
    ALPHABET.get((word & 0x3f) as usize).copied().unwrap_or_default()
}
