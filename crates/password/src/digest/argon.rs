//! Argon2i and Argon2id as PHC strings, native or imported.
//!
//! Bounds: 256 MiB of memory, 16 lanes, and passes times memory of 2 GiB, which
//! is what decides the time (measured: two seconds). The
//! associated data and key id of a PHC string are refused: nobody imports the secret.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use subtle::ConstantTimeEq as _;

use super::{InvalidDigest, field};
use crate::Scratch;

const SHAPE: &str = "$<argon2i or argon2id>$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>";
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_MEMORY_KIB_TIMES_PASSES: u64 = 2 * 1024 * 1024;
const MAX_PASSES: u32 = 1024;
const MAX_LANES: u32 = 16;

/// An Argon2 digest.
#[derive(Clone)]
pub(crate) struct Argon {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Argon {
    /// A PHC string of `algorithm`. One without `v=` is of version 16, as before there was a choice.
    pub(super) fn parse(algorithm: Algorithm, text: &str) -> Result<Self, InvalidDigest> {
        let fields: Vec<&str> = text.split('$').collect();
        let (name, version, params, salt, hash) = match *fields.as_slice() {
            ["", name, version, params, salt, hash] => (name, version, params, salt, hash),
            ["", name, params, salt, hash] => (name, "v=16", params, salt, hash),
            _ => return Err(field::shape_of(SHAPE)),
        };
        if name != algorithm.as_str() {
            return Err(InvalidDigest::new(format!(
                "the digest must begin with ${}$",
                algorithm.as_str()
            )));
        }
        let version = match version {
            "v=16" => Version::V0x10,
            "v=19" => Version::V0x13,
            _ => return Err(InvalidDigest::new("the Argon2 version must be 16 or 19")),
        };
        Ok(Self {
            algorithm,
            version,
            params: parse_params(params)?,
            salt: field::base64("salt", salt, 8..=64)?,
            hash: field::base64("hash", hash, 16..=64)?,
        })
    }

    /// A digest whose parts came in another container, within the same bounds.
    pub(super) fn of_parts(
        (algorithm, version): (Algorithm, Version),
        (memory, passes, lanes): (&str, &str, &str),
        salt: &str,
        hash: &str,
    ) -> Result<Self, InvalidDigest> {
        Ok(Self {
            algorithm,
            version,
            params: bounded(memory, passes, lanes)?,
            salt: field::base64("salt", salt, 8..=64)?,
            hash: field::base64("hash", hash, 16..=64)?,
        })
    }

    /// The digest of `password` at OWASP's first choice (19 MiB, two passes, one lane), with its text.
    ///
    /// `None` if the password is longer than Argon2 can take, 4 GiB.
    pub(crate) fn make(
        password: &[u8],
        salt: [u8; 16],
        scratch: &mut Scratch,
    ) -> Option<(Self, String)> {
        let (empty, _) = Self::native(salt, [0; Params::DEFAULT_OUTPUT_LEN]);
        let hash = empty.compute(password, scratch)?.try_into().ok()?;
        Some(Self::native(salt, hash))
    }

    /// The native digest that has these parts, with its text.
    pub(crate) fn native(salt: [u8; 16], hash: [u8; Params::DEFAULT_OUTPUT_LEN]) -> (Self, String) {
        let digest = Self {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params: Params::DEFAULT,
            salt: salt.to_vec(),
            hash: hash.to_vec(),
        };
        let text = digest.phc();
        (digest, text)
    }

    /// Its text, as the PHC string format has it.
    fn phc(&self) -> String {
        format!(
            "${}$v={}$m={},t={},p={}${}${}",
            self.algorithm.as_str(),
            u32::from(self.version),
            self.params.m_cost(),
            self.params.t_cost(),
            self.params.p_cost(),
            STANDARD_NO_PAD.encode(&self.salt),
            STANDARD_NO_PAD.encode(&self.hash),
        )
    }

    /// KiB of memory filled, over all passes.
    pub(super) fn work_kib(&self) -> u64 {
        u64::from(self.params.m_cost()) * u64::from(self.params.t_cost())
    }

    /// Whether it is Argon2id at what OWASP's password storage cheat sheet lists
    /// as equal choices: from 46 MiB in one pass to 7 MiB in five.
    pub(super) fn is_recommended(&self) -> bool {
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && self.params.m_cost() >= 7_168
            && self.work_kib() >= 5 * 7_168
    }

    pub(super) fn verify(&self, password: &[u8], scratch: &mut Scratch) -> bool {
        self.compute(password, scratch).is_some_and(|computed| computed.ct_eq(&self.hash).into())
    }

    fn compute(&self, password: &[u8], scratch: &mut Scratch) -> Option<Vec<u8>> {
        let mut computed = vec![0; self.hash.len()];
        let blocks = scratch.blocks(self.params.block_count());
        Argon2::new(self.algorithm, self.version, self.params.clone())
            .hash_password_into_with_memory(password, &self.salt, &mut computed, blocks)
            .ok()?;
        Some(computed)
    }
}

fn parse_params(text: &str) -> Result<Params, InvalidDigest> {
    let shape = || field::shape_of(SHAPE);
    let fields: Vec<&str> = text.split(',').collect();
    let [memory, passes, lanes] = *fields.as_slice() else {
        return Err(shape());
    };
    let memory = memory.strip_prefix("m=").ok_or_else(shape)?;
    let passes = passes.strip_prefix("t=").ok_or_else(shape)?;
    let lanes = lanes.strip_prefix("p=").ok_or_else(shape)?;
    bounded(memory, passes, lanes)
}

fn bounded(memory: &str, passes: &str, lanes: &str) -> Result<Params, InvalidDigest> {
    let lanes = field::number("number of lanes (p)", lanes, 1..=MAX_LANES)?;
    let memory = field::number("memory (m)", memory, 8 * lanes..=MAX_MEMORY_KIB)?;
    let passes = field::number("number of passes (t)", passes, 1..=MAX_PASSES)?;
    if u64::from(memory) * u64::from(passes) > MAX_MEMORY_KIB_TIMES_PASSES {
        return Err(InvalidDigest::new(format!(
            "memory times passes (m × t) must be at most {MAX_MEMORY_KIB_TIMES_PASSES}"
        )));
    }
    Params::new(memory, passes, lanes, None)
        .map_err(|_| InvalidDigest::new("the Argon2 parameters do not go together"))
}
