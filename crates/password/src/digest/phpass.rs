//! Portable phpass: `$P$`, and phpBB's `$H$`, which differ in nothing else.
//!
//! Bound: 2^20 rounds of MD5, two seconds for the longest password; phpass
//! itself goes to 2^30; blogs had 2^13, Drupal 2^15.

use md5::{Digest as _, Md5};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{InvalidDigest, field};

const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SHAPE: &str = "$P$<1 character of rounds><8 of salt><22 of checksum>";
/// Base-2 logarithms of the numbers of rounds accepted.
const LOG_ROUNDS: std::ops::RangeInclusive<u32> = 7..=20;

/// A phpass digest.
#[derive(Clone)]
pub(super) struct Phpass {
    log_rounds: u32,
    salt: [u8; 8],
    checksum: [u8; 22],
    input: Input,
}

#[derive(Clone, Copy)]
enum Input {
    Password,
    HexMd5,
}

impl Phpass {
    /// phpass of the password.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidDigest> {
        Self::with_input(text, Input::Password)
    }

    /// phpass of the lower-case hexadecimal MD5 of the password, the form that a
    /// migration from bare MD5 leaves behind.
    pub(super) fn parse_of_md5(text: &str) -> Result<Self, InvalidDigest> {
        Self::with_input(text, Input::HexMd5)
    }

    fn with_input(text: &str, input: Input) -> Result<Self, InvalidDigest> {
        let shape = || field::shape_of(SHAPE);
        let body =
            text.strip_prefix("$P$").or_else(|| text.strip_prefix("$H$")).ok_or_else(shape)?;
        let (&rounds, rest) = body.as_bytes().split_first().ok_or_else(shape)?;
        let (&salt, checksum) = rest.split_first_chunk().ok_or_else(shape)?;
        let checksum: [u8; 22] = checksum.try_into().map_err(|_| shape())?;
        if !salt.iter().chain(&checksum).all(|byte| ALPHABET.contains(byte)) {
            return Err(InvalidDigest::new(
                "salt and checksum must be of the characters ./0-9A-Za-z",
            ));
        }
        let log_rounds = (0_u32..)
            .zip(ALPHABET)
            .find_map(|(value, &digit)| (digit == rounds).then_some(value))
            .filter(|value| LOG_ROUNDS.contains(value))
            .ok_or_else(|| InvalidDigest::new("the rounds must be a character from 5 to I"))?;
        Ok(Self { log_rounds, salt, checksum, input })
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
        let mut hash: [u8; 16] =
            Md5::new().chain_update(self.salt).chain_update(password).finalize().into();
        for _ in 0..1_u32 << self.log_rounds {
            hash = Md5::new().chain_update(hash).chain_update(password).finalize().into();
        }
        encode(hash).ct_eq(&self.checksum).into()
    }
}

/// phpass's own base64: three bytes to four digits, the least significant first.
fn encode(hash: [u8; 16]) -> [u8; 22] {
    let mut text = [0; 22];
    let digits = hash.chunks(3).flat_map(|group| {
        let word = group.iter().rev().fold(0_u32, |word, &byte| (word << 8) | u32::from(byte));
        (0..=group.len()).map(move |digit| digit_of(word >> (6 * digit)))
    });
    text.iter_mut().zip(digits).for_each(|(to, from)| *to = from);
    text
}

/// The digit for the low six bits of `word`.
fn digit_of(word: u32) -> u8 {
    ALPHABET.get((word & 0x3f) as usize).copied().unwrap_or_default()
}
