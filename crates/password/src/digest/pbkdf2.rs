//! PBKDF2 (RFC 8018) with HMAC-SHA-1, -256 or -512, in five containers.
//!
//! Bound: iterations times output blocks of five million, measured at 1.2 s for
//! SHA-1 and SHA-256 and 2.6 s for SHA-512. Django 5.2 makes one million.

use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::{InvalidDigest, field};

const MAX_ITERATIONS: u32 = 5_000_000;
/// Key lengths that `pbkdf2_sha1` may ask for, in bytes: fewer would let wrong
/// passwords in by chance. The other hashers have the length of their hash.
const SHA1_KEY: std::ops::RangeInclusive<u32> = 16..=128;
/// Key length of `pbkdf2_sha1` where the digest does not end with one, in bytes.
const DEFAULT_SHA1_KEY: usize = 32;

/// A PBKDF2 digest.
#[derive(Clone)]
pub(super) struct Pbkdf2 {
    prf: Prf,
    iterations: u32,
    salt: Vec<u8>,
    key: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Prf {
    Sha1,
    Sha256,
    Sha512,
}

impl Pbkdf2 {
    /// `pbkdf2_sha1$<iterations>$<salt>$<hash hex>`, optionally `$<key length>`.
    ///
    /// The salt is hexadecimal, or else its own bytes.
    pub(super) fn parse_sha1(text: &str) -> Result<Self, InvalidDigest> {
        let shape = "pbkdf2_sha1$<iterations>$<salt>$<hash in hexadecimal>[$<key length>]";
        let fields: Vec<&str> = text.split('$').collect();
        let (iterations, salt, key, length) = match *fields.as_slice() {
            ["pbkdf2_sha1", iterations, salt, key] => (iterations, salt, key, DEFAULT_SHA1_KEY),
            ["pbkdf2_sha1", iterations, salt, key, length] => {
                let length = field::number("key length", length, SHA1_KEY)?;
                (iterations, salt, key, length as usize)
            }
            _ => return Err(field::shape_of(shape)),
        };
        let salt = match hex::decode(salt) {
            Ok(bytes) => bytes,
            Err(_) => salt.as_bytes().to_vec(),
        };
        let key = field::hexadecimal("hash", key, length..=length)?;
        Self::new(Prf::Sha1, iterations, salt, key)
    }

    /// `pbkdf2_sha256$<iterations>$<salt base64>$<hash base64>`.
    pub(super) fn parse_sha256(text: &str) -> Result<Self, InvalidDigest> {
        let [iterations, salt, key] = fields("pbkdf2_sha256", text)?;
        let salt = field::base64("salt", salt, field::SALT)?;
        Self::new(Prf::Sha256, iterations, salt, field::base64("hash", key, 32..=32)?)
    }

    /// `pbkdf2_sha256$<iterations>$<salt>$<hash base64>`.
    pub(super) fn parse_sha256_django(text: &str) -> Result<Self, InvalidDigest> {
        let [iterations, salt, key] = fields("pbkdf2_sha256", text)?;
        let key = field::base64("hash", key, 32..=32)?;
        Self::new(Prf::Sha256, iterations, salt.as_bytes().to_vec(), key)
    }

    /// `pbkdf2_sha512$<iterations>$<salt>$<hash hex>`.
    pub(super) fn parse_sha512(text: &str) -> Result<Self, InvalidDigest> {
        let [iterations, salt, key] = fields("pbkdf2_sha512", text)?;
        let key = field::hexadecimal("hash", key, 64..=64)?;
        Self::new(Prf::Sha512, iterations, salt.as_bytes().to_vec(), key)
    }

    /// `pbkdf2_sha512_hex$<iterations>$<salt hex>$<hash hex>`.
    pub(super) fn parse_sha512_hex(text: &str) -> Result<Self, InvalidDigest> {
        let [iterations, salt, key] = fields("pbkdf2_sha512_hex", text)?;
        let salt = field::hexadecimal("salt", salt, field::SALT)?;
        let key = field::hexadecimal("hash", key, 64..=64)?;
        Self::new(Prf::Sha512, iterations, salt, key)
    }

    fn new(prf: Prf, iterations: &str, salt: Vec<u8>, key: Vec<u8>) -> Result<Self, InvalidDigest> {
        // One block of output costs all the iterations once.
        let blocks = u32::try_from(key.len().div_ceil(prf.output_bytes())).unwrap_or(u32::MAX);
        let most = MAX_ITERATIONS / blocks;
        Ok(Self {
            prf,
            iterations: field::number("number of iterations", iterations, 1..=most)?,
            salt: field::sized("salt", salt, field::SALT)?,
            key,
        })
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let mut computed = vec![0; self.key.len()];
        let derive = match self.prf {
            Prf::Sha1 => pbkdf2_hmac::<Sha1>,
            Prf::Sha256 => pbkdf2_hmac::<Sha256>,
            Prf::Sha512 => pbkdf2_hmac::<Sha512>,
        };
        derive(password, &self.salt, self.iterations, &mut computed);
        computed.ct_eq(&self.key).into()
    }
}

impl Prf {
    fn output_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// The three fields after `prefix`.
fn fields<'a>(prefix: &str, text: &'a str) -> Result<[&'a str; 3], InvalidDigest> {
    let shape = || field::shape_of(&format!("{prefix}$<iterations>$<salt>$<hash>"));
    let [name, iterations, salt, key] = field::split(text, "").map_err(|_| shape())?;
    if name == prefix { Ok([iterations, salt, key]) } else { Err(shape()) }
}
