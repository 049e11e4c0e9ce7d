//! Plain message digests: MD5, SHA-1, SHA-256 and SHA-512, bare, salted or repeated.
//!
//! All but Symfony's cost a microsecond, for an attacker as well. Symfony's
//! repeats SHA-512, by default 5,000 times; bound: a million, two seconds for
//! the longest password.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{InvalidDigest, field};

const MAX_SYMFONY_ITERATIONS: u32 = 1_000_000;
const SYMFONY: &str = "sha512_symfony$<iterations>$<salt>$<hash in base64>";

/// A digest of a message in which the password stands.
#[derive(Clone)]
pub(super) struct Message {
    scheme: Scheme,
    hash: Vec<u8>,
}

#[derive(Clone)]
enum Scheme {
    Md5,
    /// The salt before the password or after it; no exporter says which.
    Md5Salted(Vec<u8>),
    Sha256,
    Sha256Salted(Vec<u8>),
    /// The password, then the salt.
    Ssha(Vec<u8>),
    Symfony {
        iterations: u32,
        salt: String,
    },
}

impl Message {
    /// 32 hexadecimal digits.
    pub(super) fn parse_md5(text: &str) -> Result<Self, InvalidDigest> {
        let hash = field::hexadecimal("MD5 digest", text, 16..=16)?;
        Ok(Self { scheme: Scheme::Md5, hash })
    }

    /// 64 hexadecimal digits.
    pub(super) fn parse_sha256(text: &str) -> Result<Self, InvalidDigest> {
        let hash = field::hexadecimal("SHA-256 digest", text, 32..=32)?;
        Ok(Self { scheme: Scheme::Sha256, hash })
    }

    /// `<salt>$<32 hex>`; the salt may hold `$`.
    pub(super) fn parse_md5_salted(text: &str) -> Result<Self, InvalidDigest> {
        let (salt, hash) = salted(text)?;
        let hash = field::hexadecimal("MD5 digest", hash, 16..=16)?;
        Ok(Self { scheme: Scheme::Md5Salted(salt), hash })
    }

    /// `<salt>$<64 hex>`; the salt may hold `$`.
    pub(super) fn parse_sha256_salted(text: &str) -> Result<Self, InvalidDigest> {
        let (salt, hash) = salted(text)?;
        let hash = field::hexadecimal("SHA-256 digest", hash, 32..=32)?;
        Ok(Self { scheme: Scheme::Sha256Salted(salt), hash })
    }

    /// `{SSHA}` and the base64 of SHA-1 and salt together (`userPassword` of RFC 2307).
    pub(super) fn parse_ldap_ssha(text: &str) -> Result<Self, InvalidDigest> {
        let shape = || field::shape_of("{SSHA}<hash and salt in base64>");
        let (scheme, body) = text.split_at_checked(6).ok_or_else(shape)?;
        if !scheme.eq_ignore_ascii_case("{SSHA}") {
            return Err(shape());
        }
        let mut hash = field::base64("hash with its salt", body, 21..=148)?;
        let salt = hash.split_off(20);
        Ok(Self { scheme: Scheme::Ssha(salt), hash })
    }

    /// `sha512_symfony$<iterations>$<salt>$<hash base64>`.
    pub(super) fn parse_symfony(text: &str) -> Result<Self, InvalidDigest> {
        let ["sha512_symfony", iterations, salt, hash] = field::split(text, SYMFONY)? else {
            return Err(field::shape_of(SYMFONY));
        };
        // Symfony refuses braces too: they would end the salt within the message.
        if salt.len() > 128 || salt.contains(['{', '}']) {
            return Err(InvalidDigest::new("the salt must have at most 128 bytes and no braces"));
        }
        Ok(Self {
            scheme: Scheme::Symfony {
                iterations: field::number(
                    "number of iterations",
                    iterations,
                    1..=MAX_SYMFONY_ITERATIONS,
                )?,
                salt: salt.to_owned(),
            },
            hash: field::base64("hash", hash, 64..=64)?,
        })
    }

    /// How often the password is hashed.
    pub(super) fn iterations(&self) -> u32 {
        match &self.scheme {
            Scheme::Symfony { iterations, .. } => *iterations,
            Scheme::Md5
            | Scheme::Md5Salted(_)
            | Scheme::Sha256
            | Scheme::Sha256Salted(_)
            | Scheme::Ssha(_) => 1,
        }
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        match &self.scheme {
            Scheme::Md5 => self.is(&Md5::digest(password)),
            Scheme::Sha256 => self.is(&Sha256::digest(password)),
            Scheme::Md5Salted(salt) => {
                // Both are computed, lest the time tell which it was.
                self.is(&of::<Md5>(salt, password)) | self.is(&of::<Md5>(password, salt))
            }
            Scheme::Sha256Salted(salt) => {
                self.is(&of::<Sha256>(salt, password)) | self.is(&of::<Sha256>(password, salt))
            }
            Scheme::Ssha(salt) => self.is(&of::<Sha1>(password, salt)),
            Scheme::Symfony { iterations, salt } => self.is(&symfony(password, salt, *iterations)),
        }
    }

    fn is(&self, computed: &[u8]) -> bool {
        self.hash.as_slice().ct_eq(computed).into()
    }
}

fn salted(text: &str) -> Result<(Vec<u8>, &str), InvalidDigest> {
    let (salt, hash) =
        text.rsplit_once('$').ok_or_else(|| field::shape_of("<salt>$<hash in hexadecimal>"))?;
    let salt = field::sized("salt", salt.as_bytes().to_vec(), field::SALT)?;
    Ok((salt, hash))
}

fn of<D: sha2::Digest>(first: &[u8], second: &[u8]) -> Vec<u8> {
    D::new().chain_update(first).chain_update(second).finalize().to_vec()
}

/// Symfony's `MessageDigestPasswordHasher`: each round hashes the last result and the message again.
fn symfony(password: &[u8], salt: &str, iterations: u32) -> [u8; 64] {
    let mut message = Zeroizing::new(password.to_vec());
    if !salt.is_empty() {
        message.reserve_exact(salt.len() + 2);
        message.push(b'{');
        message.extend_from_slice(salt.as_bytes());
        message.push(b'}');
    }
    let mut hash: [u8; 64] = Sha512::digest(&message).into();
    for _ in 1..iterations {
        hash = Sha512::new().chain_update(hash).chain_update(&message).finalize().into();
    }
    hash
}
