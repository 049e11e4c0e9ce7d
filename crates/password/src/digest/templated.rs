//! One fast hash of a message made by a template, or an HMAC, as Ory Kratos takes them.
//!
//! Costs a microsecond, for an attacker as well.

use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;

use super::{InvalidDigest, field};

const SALT: &str = "{SALT}";
const PASSWORD: &str = "{PASSWORD}";
/// Length of a template, in bytes.
const MAX_TEMPLATE: usize = 256;
/// Length of the key of an HMAC, in bytes.
const KEY: std::ops::RangeInclusive<usize> = 1..=256;

/// A fast digest.
#[derive(Clone)]
pub(super) struct Templated {
    algorithm: Algorithm,
    input: Input,
    hash: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

#[derive(Clone)]
enum Input {
    Message(Vec<Part>),
    Keyed(Vec<u8>),
}

#[derive(Clone)]
enum Part {
    Literal(Vec<u8>),
    Password,
}

impl Templated {
    /// `$<md5, sha1, sha256 or sha512>$pf=<template>$<salt>$<hash>`, or `$md5$<hash>`.
    ///
    /// All in base64; the template has `{SALT}` and `{PASSWORD}` where they go.
    pub(super) fn parse_template(text: &str) -> Result<Self, InvalidDigest> {
        let shape = || field::shape_of("$<hash function>$pf=<template>$<salt>$<hash>");
        let fields: Vec<&str> = text.split('$').collect();
        let (name, parts, hash) = match *fields.as_slice() {
            ["", "md5", hash] => ("md5", vec![Part::Password], hash),
            ["", name, template, salt, hash] => {
                let template = template.strip_prefix("pf=").ok_or_else(shape)?;
                let template = field::base64("template", template, 1..=MAX_TEMPLATE)?;
                let salt = field::base64("salt", salt, 0..=*field::SALT.end())?;
                (name, parts(&template, &salt)?, hash)
            }
            _ => return Err(shape()),
        };
        let algorithm = match name {
            "md5" => Algorithm::Md5,
            "sha1" => Algorithm::Sha1,
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            _ => return Err(shape()),
        };
        let hash = field::base64("hash", hash, algorithm.bytes()..=algorithm.bytes())?;
        Ok(Self { algorithm, input: Input::Message(parts), hash })
    }

    /// `{SSHA}`, `{SSHA256}` or `{SSHA512}` and the base64 of hash and salt together.
    pub(super) fn parse_ssha(text: &str) -> Result<Self, InvalidDigest> {
        let (scheme, body) = text
            .strip_prefix('{')
            .and_then(|text| text.split_once('}'))
            .ok_or_else(|| field::shape_of("{SSHA256}<hash and salt in base64>"))?;
        let algorithm = match scheme {
            "SSHA" => Algorithm::Sha1,
            "SSHA256" => Algorithm::Sha256,
            "SSHA512" => Algorithm::Sha512,
            _ => return Err(InvalidDigest::new("the scheme must be SSHA, SSHA256 or SSHA512")),
        };
        let (least, most) = (algorithm.bytes() + 1, algorithm.bytes() + field::SALT.end());
        let mut hash = field::base64("hash with its salt", body, least..=most)?;
        let salt = hash.split_off(algorithm.bytes());
        let parts = vec![Part::Password, Part::Literal(salt)];
        Ok(Self { algorithm, input: Input::Message(parts), hash })
    }

    /// `$hmac-<hash function>$<hash>$<key>`: the hash in hexadecimal, then both in base64.
    pub(super) fn parse_hmac(text: &str) -> Result<Self, InvalidDigest> {
        let shape = "$hmac-<hash function>$<hash>$<key>";
        let ["", name, hash, key] = field::split(text, shape)? else {
            return Err(field::shape_of(shape));
        };
        let algorithm = match name {
            "hmac-md5" => Algorithm::Md5,
            "hmac-sha1" => Algorithm::Sha1,
            "hmac-sha224" => Algorithm::Sha224,
            "hmac-sha256" => Algorithm::Sha256,
            "hmac-sha384" => Algorithm::Sha384,
            "hmac-sha512" => Algorithm::Sha512,
            _ => return Err(field::shape_of(shape)),
        };
        let digits = 2 * algorithm.bytes();
        let hash = field::base64("hash", hash, digits..=digits)?;
        let hash = hex::decode(hash)
            .map_err(|_| InvalidDigest::new("the hash must be base64 of hexadecimal"))?;
        let key = field::base64("key", key, KEY)?;
        Ok(Self { algorithm, input: Input::Keyed(key), hash })
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let computed = match self.algorithm {
            Algorithm::Md5 => self.compute::<Md5>(password),
            Algorithm::Sha1 => self.compute::<Sha1>(password),
            Algorithm::Sha224 => self.compute::<Sha224>(password),
            Algorithm::Sha256 => self.compute::<Sha256>(password),
            Algorithm::Sha384 => self.compute::<Sha384>(password),
            Algorithm::Sha512 => self.compute::<Sha512>(password),
        };
        computed.ct_eq(&self.hash).into()
    }

    fn compute<D: sha2::Digest + EagerHash>(&self, password: &[u8]) -> Vec<u8> {
        match &self.input {
            Input::Message(parts) => {
                let mut hash = D::new();
                for part in parts {
                    match part {
                        Part::Literal(bytes) => sha2::Digest::update(&mut hash, bytes),
                        Part::Password => sha2::Digest::update(&mut hash, password),
                    }
                }
                sha2::Digest::finalize(hash).to_vec()
            }
            // HMAC takes keys of any length, so there is no error to tell of.
            Input::Keyed(key) => Hmac::<D>::new_from_slice(key)
                .map(|mac| mac.chain_update(password).finalize().into_bytes().to_vec())
                .unwrap_or_default(),
        }
    }
}

impl Algorithm {
    /// Length of its hash.
    fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// `template` with the salt put in; a salt is never searched for the words of a template.
fn parts(template: &[u8], salt: &[u8]) -> Result<Vec<Part>, InvalidDigest> {
    let mut parts = Vec::new();
    let mut literal = Vec::new();
    let mut n_passwords = 0;
    let mut rest = template;
    while let Some((&first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(SALT.as_bytes()) {
            literal.extend_from_slice(salt);
            rest = after;
        } else if let Some(after) = rest.strip_prefix(PASSWORD.as_bytes()) {
            parts.push(Part::Literal(std::mem::take(&mut literal)));
            parts.push(Part::Password);
            n_passwords += 1;
            rest = after;
        } else {
            literal.push(first);
            rest = after;
        }
    }
    if n_passwords == 0 {
        return Err(InvalidDigest::new("the template must have {PASSWORD}"));
    }
    parts.push(Part::Literal(literal));
    Ok(parts)
}
