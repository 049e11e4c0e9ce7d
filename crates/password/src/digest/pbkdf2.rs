//! PBKDF2 (RFC 8018) with HMAC of SHA-1 or one of the SHA-2 family.
//!
//! Bound: iterations times output blocks of six million, measured at 1.5 s for
//! SHA-1 and SHA-256 and 3 s for SHA-512. Django 5.2 makes one million, Keycloak
//! 24 with SHA-1 the most, 5.2 million.

use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;

use super::{InvalidDigest, field};

const MAX_ITERATIONS: u32 = 6_000_000;
/// Key lengths that `pbkdf2_sha1` may ask for, in bytes: fewer would let wrong
/// passwords in by chance. The other hashers have the length of their hash.
const SHA1_KEY: std::ops::RangeInclusive<u32> = 16..=128;
/// Key length of `pbkdf2_sha1` where the digest does not end with one, in bytes.
const DEFAULT_SHA1_KEY: usize = 32;
/// Key lengths in containers that let the key say it.
const KEY: std::ops::RangeInclusive<usize> = 16..=128;
/// ASP.NET's numbers for the hash functions.
const ASPNET: [Prf; 3] = [Prf::Sha1, Prf::Sha256, Prf::Sha512];

/// A PBKDF2 digest.
#[derive(Clone)]
pub(super) struct Pbkdf2 {
    prf: Prf,
    iterations: u32,
    salt: Vec<u8>,
    key: Vec<u8>,
}

/// The hash function of the HMAC.
#[derive(Clone, Copy)]
pub(super) enum Prf {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
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

    /// `$pbkdf2-<hash>$i=<iterations>,l=<length>$<salt>$<hash>`, both in base64 (Ory Kratos).
    ///
    /// The length is not what decides: documented samples contradict it.
    pub(super) fn parse_phc(text: &str) -> Result<Self, InvalidDigest> {
        let shape = "$pbkdf2-<hash>$i=<iterations>,l=<length>$<salt>$<hash>";
        let wrong = || field::shape_of(shape);
        let ["", name, params, salt, key] = field::split(text, shape)? else {
            return Err(wrong());
        };
        let prf = match name {
            "pbkdf2-sha1" => Prf::Sha1,
            "pbkdf2-sha224" => Prf::Sha224,
            "pbkdf2-sha256" => Prf::Sha256,
            "pbkdf2-sha384" => Prf::Sha384,
            "pbkdf2-sha512" => Prf::Sha512,
            _ => return Err(wrong()),
        };
        let (iterations, length) = params
            .strip_prefix("i=")
            .and_then(|params| params.split_once(",l="))
            .ok_or_else(wrong)?;
        field::number("length (l)", length, 1..=u32::MAX)?;
        Self::of_parts(prf, iterations, salt, key)
    }

    /// Base64 of `01`, hash function, iterations and salt length as 32-bit
    /// numbers in network order, salt and key (ASP.NET Core Identity, version 3).
    pub(super) fn parse_aspnet_v3(text: &str) -> Result<Self, InvalidDigest> {
        let wrong = || InvalidDigest::new("the digest must be of ASP.NET Identity's version 3");
        let bytes = field::base64("digest", text, 13 + 32..=13 + 256)?;
        let (&[1, numbers @ ..], rest) = bytes.split_first_chunk::<13>().ok_or_else(wrong)? else {
            return Err(wrong());
        };
        let (numbers, _) = numbers.as_chunks::<4>();
        let numbers: Vec<u32> = numbers.iter().map(|&bytes| u32::from_be_bytes(bytes)).collect();
        let [prf, iterations, salt_length] = *numbers.as_slice() else {
            return Err(wrong());
        };
        let prf = usize::try_from(prf).ok().and_then(|prf| ASPNET.get(prf)).ok_or_else(wrong)?;
        let (salt, key) = usize::try_from(salt_length)
            .ok()
            .and_then(|length| rest.split_at_checked(length))
            .ok_or_else(wrong)?;
        // Identity itself refuses fewer than 128 bits of either.
        let salt = field::sized("salt", salt.to_vec(), 16..=128)?;
        let key = field::sized("key", key.to_vec(), KEY)?;
        Self::new(*prf, &iterations.to_string(), salt, key)
    }

    /// A digest whose parts came in another container; salt and key in base64.
    pub(super) fn of_parts(
        prf: Prf,
        iterations: &str,
        salt: &str,
        key: &str,
    ) -> Result<Self, InvalidDigest> {
        let salt = field::base64("salt", salt, field::SALT)?;
        Self::new(prf, iterations, salt, field::base64("hash", key, KEY)?)
    }

    /// HMACs computed, and whether with 64-bit words, which takes twice the time.
    pub(super) fn work(&self) -> (u64, bool) {
        let blocks = self.key.len().div_ceil(self.prf.output_bytes()) as u64;
        let is_wide = match self.prf {
            Prf::Sha384 | Prf::Sha512 => true,
            Prf::Sha1 | Prf::Sha224 | Prf::Sha256 => false,
        };
        (blocks * u64::from(self.iterations), is_wide)
    }

    /// Whether it has the iterations of OWASP's password storage cheat sheet.
    pub(super) fn is_recommended(&self) -> bool {
        let least = match self.prf {
            Prf::Sha1 => 1_300_000,
            Prf::Sha224 | Prf::Sha256 => 600_000,
            Prf::Sha384 | Prf::Sha512 => 210_000,
        };
        self.iterations >= least
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
            Prf::Sha224 => pbkdf2_hmac::<Sha224>,
            Prf::Sha256 => pbkdf2_hmac::<Sha256>,
            Prf::Sha384 => pbkdf2_hmac::<Sha384>,
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
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
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
