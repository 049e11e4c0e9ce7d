//! scrypt (RFC 7914) as Werkzeug and Kratos write it, and as Firebase does, which encrypts with the result.
//!
//! Bounds: 128 MiB of memory (128 × N × r bytes, OWASP's strongest advice), and
//! N × r × p of 2^22 (measured: 1.2 s).

use aes::cipher::{KeyIvInit as _, StreamCipher as _};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{InvalidDigest, field};

const MAX_MEMORY_BYTES: u64 = 128 * 1024 * 1024;
const MAX_WORK: u64 = 1 << 22;
/// Bytes that Werkzeug and Firebase derive.
const DERIVED: usize = 64;

const FIREBASE: &str = "<hash>$<salt>$<signer key>$<salt separator>$<rounds>$<memory cost>";
const PHC: &str = "$scrypt$ln=<cost>,r=<r>,p=<p>$<salt>$<hash>";
const FIRESCRYPT: &str =
    "$firescrypt$ln=<memory cost>,r=<rounds>,p=1$<salt>$<hash>$<salt separator>$<signer key>";
const WERKZEUG: &str = "scrypt:<N>:<r>:<p>$<salt>$<hash>";

/// A digest by way of scrypt.
#[derive(Clone)]
pub(super) struct Scrypt {
    params: scrypt::Params,
    salt: Vec<u8>,
    /// Firebase: what the derived key encrypts. Werkzeug has the derived key itself as hash.
    signer_key: Option<Vec<u8>>,
    hash: Vec<u8>,
}

impl Scrypt {
    /// `<hash>$<salt>$<signer key>$<salt separator>$<rounds>$<memory cost>`, the first four in base64.
    ///
    /// Rounds are scrypt's r and the memory cost is log2 of its N, within
    /// Firebase's own limits of 8 and 14.
    pub(super) fn parse_firebase(text: &str) -> Result<Self, InvalidDigest> {
        let [hash, salt, signer_key, separator, rounds, memory_cost] =
            field::split(text, FIREBASE)?;
        Self::firebase([hash, salt, signer_key, separator], rounds, memory_cost)
    }

    /// `$firescrypt$ln=<memory cost>,r=<rounds>,p=1$<salt>$<hash>$<salt separator>$<signer key>`
    /// (Ory Kratos): Firebase's in another order.
    pub(super) fn parse_firescrypt(text: &str) -> Result<Self, InvalidDigest> {
        let ["", "firescrypt", params, salt, hash, separator, signer_key] =
            field::split(text, FIRESCRYPT)?
        else {
            return Err(field::shape_of(FIRESCRYPT));
        };
        let [memory_cost, rounds, "1"] = named(params, FIRESCRYPT)? else {
            return Err(field::shape_of(FIRESCRYPT));
        };
        Self::firebase([hash, salt, signer_key, separator], rounds, memory_cost)
    }

    /// `$scrypt$ln=<cost>,r=<r>,p=<p>$<salt>$<hash>`, the last two in base64.
    ///
    /// Kratos writes N itself as `ln`, everyone else its base-2 logarithm. Up to
    /// 24 it is taken for a logarithm, which no N in use is mistaken for.
    pub(super) fn parse_phc(text: &str) -> Result<Self, InvalidDigest> {
        let ["", "scrypt", params, salt, hash] = field::split(text, PHC)? else {
            return Err(field::shape_of(PHC));
        };
        let [cost, r, p] = named(params, PHC)?;
        let cost = field::number("ln of scrypt", cost, 1..=1 << 20)?;
        let log_n = match cost {
            1..=24 => cost,
            n if n.is_power_of_two() => n.ilog2(),
            _ => return Err(InvalidDigest::new("the N of scrypt must be a power of two")),
        };
        let r = field::number("r of scrypt", r, 1..=64)?;
        let p = field::number("p of scrypt", p, 1..=64)?;
        Ok(Self {
            params: params_of(u64::from(log_n), r, p)?,
            salt: field::base64("salt", salt, field::SALT)?,
            signer_key: None,
            hash: field::base64("hash", hash, 16..=128)?,
        })
    }

    /// The parts in base64: hash, salt, signer key and salt separator.
    fn firebase(
        [hash, salt, signer_key, separator]: [&str; 4],
        rounds: &str,
        memory_cost: &str,
    ) -> Result<Self, InvalidDigest> {
        let rounds = field::number("number of rounds", rounds, 1..=8)?;
        let memory_cost = field::number("memory cost", memory_cost, 1..=14)?;
        let mut salt = field::base64("salt", salt, field::SALT)?;
        salt.extend(field::base64("salt separator", separator, 0..=16)?);
        let signer_key = field::base64("signer key", signer_key, 16..=128)?;
        // A stream cipher: the hash is as long as what it encrypts.
        let hash = field::base64("hash", hash, signer_key.len()..=signer_key.len())?;
        Ok(Self {
            params: params_of(u64::from(memory_cost), rounds, 1)?,
            salt,
            signer_key: Some(signer_key),
            hash,
        })
    }

    /// `scrypt:<N>:<r>:<p>$<salt>$<hash>`, or the same with a `$` before it or
    /// without `scrypt:`; the hash in hexadecimal or base64, the salt as it stands.
    pub(super) fn parse_werkzeug(text: &str) -> Result<Self, InvalidDigest> {
        let shape = || field::shape_of(WERKZEUG);
        let text = text.strip_prefix('$').unwrap_or(text);
        let [args, salt, hash] = field::split(text, WERKZEUG)?;
        let args = args.strip_prefix("scrypt:").unwrap_or(args);
        let args: Vec<&str> = args.split(':').collect();
        let [n, r, p] = *args.as_slice() else {
            return Err(shape());
        };
        let n = field::number("N of scrypt", n, 2..=1 << 20)?;
        if !n.is_power_of_two() {
            return Err(InvalidDigest::new("the N of scrypt must be a power of two"));
        }
        let r = field::number("r of scrypt", r, 1..=64)?;
        let p = field::number("p of scrypt", p, 1..=64)?;
        let hash = match hex::decode(hash) {
            Ok(bytes) => field::sized("hash", bytes, DERIVED..=DERIVED)?,
            Err(_) => field::base64("hash", hash, DERIVED..=DERIVED)?,
        };
        Ok(Self {
            params: params_of(u64::from(n.ilog2()), r, p)?,
            salt: field::sized("salt", salt.as_bytes().to_vec(), field::SALT)?,
            signer_key: None,
            hash,
        })
    }

    /// Blocks of 128 bytes mixed: N × r × p.
    pub(super) fn work(&self) -> u64 {
        (u64::from(self.params.r()) * u64::from(self.params.p())) << self.params.log_n()
    }

    /// Whether it has what OWASP's password storage cheat sheet lists as equal
    /// choices: from N = 2^17, p = 1 to N = 2^13, p = 10, with r = 8.
    pub(super) fn is_recommended(&self) -> bool {
        self.params.log_n() >= 13 && self.params.r() >= 8 && self.work() >= 80 << 13
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let length = if self.signer_key.is_some() { DERIVED } else { self.hash.len() };
        let mut derived = Zeroizing::new(vec![0; length]);
        if scrypt::scrypt(password, &self.salt, &self.params, derived.as_mut_slice()).is_err() {
            return false;
        }
        let Some(signer_key) = &self.signer_key else {
            return derived.ct_eq(&self.hash).into();
        };
        let Some(key) = derived.first_chunk::<32>() else {
            return false;
        };
        let mut computed = signer_key.clone();
        let mut cipher = ctr::Ctr128BE::<aes::Aes256>::new(&(*key).into(), &[0; 16].into());
        cipher.apply_keystream(&mut computed);
        computed.ct_eq(&self.hash).into()
    }
}

/// The values of `ln=<ln>,r=<r>,p=<p>`.
fn named<'a>(params: &'a str, shape: &str) -> Result<[&'a str; 3], InvalidDigest> {
    let mut values = params.split(',');
    let mut value = |name: &str| values.next().and_then(|value| value.strip_prefix(name));
    match (value("ln="), value("r="), value("p="), values.next()) {
        (Some(ln), Some(r), Some(p), None) => Ok([ln, r, p]),
        _ => Err(field::shape_of(shape)),
    }
}

fn params_of(log_n: u64, r: u32, p: u32) -> Result<scrypt::Params, InvalidDigest> {
    let block = (1_u64 << log_n) * u64::from(r);
    if block * 128 > MAX_MEMORY_BYTES {
        return Err(InvalidDigest::new(
            "scrypt must not need more than 128 MiB (128 × N × r bytes)",
        ));
    }
    if block * u64::from(p) > MAX_WORK {
        return Err(InvalidDigest::new(format!(
            "the cost N × r × p of scrypt must be at most {MAX_WORK}"
        )));
    }
    u8::try_from(log_n)
        .ok()
        .and_then(|log_n| scrypt::Params::new(log_n, r, p).ok())
        .ok_or_else(|| InvalidDigest::new("the scrypt parameters do not go together"))
}
