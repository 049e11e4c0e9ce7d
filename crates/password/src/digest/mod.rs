//! Password digests: recognising what was imported, and verifying a password against it.
//!
//! One file per family of formats. A digest becomes valid by being parsed into
//! its family's type, whose fields are decoded and bounded, so verifying cannot
//! fail and cannot cost more than the bounds allow: 256 MiB of memory and, on a
//! server core of today, one to three seconds.

mod argon;
pub(crate) mod bcrypt;
mod cost;
mod field;
mod keycloak;
mod kratos;
mod message;
mod pbkdf2;
mod phpass;
mod scrypt;
mod sha_crypt;
mod templated;

use std::fmt;

use crate::{Hasher, Password, Scratch};

pub(crate) use argon::Argon;
pub(crate) use bcrypt::Bcrypt;

use message::Message;
use pbkdf2::Pbkdf2;
use phpass::Phpass;
use scrypt::Scrypt;
use sha_crypt::ShaCrypt;
use templated::Templated;

/// Longest digest text, in bytes: several times what any known format needs.
const MAX_BYTES: usize = 2048;

/// A password digest whose syntax and parameters have been checked.
#[derive(Clone)]
pub struct Digest {
    hasher: Hasher,
    text: String,
    form: Form,
}

#[derive(Clone)]
enum Form {
    Argon(Argon),
    Bcrypt(Bcrypt),
    Message(Message),
    Pbkdf2(Pbkdf2),
    Phpass(Phpass),
    Scrypt(Scrypt),
    ShaCrypt(ShaCrypt),
    Templated(Templated),
}

/// Why a text is not a digest of the hasher it was said to come from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidDigest {
    reason: String,
}

impl InvalidDigest {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }

    /// A clause in English for the person who sent the digest, of which it never
    /// repeats any part: "the cost must be a number from 4 to 15".
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl Digest {
    /// The digest written in `text`, as `hasher` writes it.
    ///
    /// `text` is kept as it was given and comes back from [`Digest::as_str`].
    /// The bounds of each hasher's parameters are documented in its own file.
    pub fn parse(hasher: Hasher, text: &str) -> Result<Self, InvalidDigest> {
        if text.is_empty() {
            return Err(InvalidDigest::new("the digest is empty"));
        }
        if text.len() > MAX_BYTES {
            return Err(InvalidDigest::new(format!("the digest is longer than {MAX_BYTES} bytes")));
        }
        // JSON may be laid out over lines.
        let is_control = |c: char| {
            c.is_control() && !(hasher == Hasher::Keycloak && matches!(c, '\n' | '\r' | '\t'))
        };
        if text.contains(is_control) {
            return Err(InvalidDigest::new("the digest has control characters"));
        }
        let form = match hasher {
            Hasher::Argon2i => Form::Argon(Argon::parse(argon2::Algorithm::Argon2i, text)?),
            Hasher::Argon2id => Form::Argon(Argon::parse(argon2::Algorithm::Argon2id, text)?),
            Hasher::AspnetIdentityV3 => Form::Pbkdf2(Pbkdf2::parse_aspnet_v3(text)?),
            Hasher::Bcrypt => Form::Bcrypt(Bcrypt::parse(text)?),
            Hasher::BcryptPeppered => Form::Bcrypt(Bcrypt::parse_peppered(text)?),
            Hasher::BcryptSha256Django => Form::Bcrypt(Bcrypt::parse_sha256_django(text)?),
            Hasher::Drupal7 => Form::Phpass(Phpass::parse_drupal7(text)?),
            Hasher::Keycloak => keycloak::parse(text)?,
            Hasher::LdapSsha => Form::Message(Message::parse_ldap_ssha(text)?),
            Hasher::Md5 => Form::Message(Message::parse_md5(text)?),
            Hasher::Md5Phpass => Form::Phpass(Phpass::parse_of_md5(text)?),
            Hasher::Md5Salted => Form::Message(Message::parse_md5_salted(text)?),
            Hasher::Pbkdf2Sha1 => Form::Pbkdf2(Pbkdf2::parse_sha1(text)?),
            Hasher::Pbkdf2Sha256 => Form::Pbkdf2(Pbkdf2::parse_sha256(text)?),
            Hasher::Pbkdf2Sha256Django => Form::Pbkdf2(Pbkdf2::parse_sha256_django(text)?),
            Hasher::Pbkdf2Sha512 => Form::Pbkdf2(Pbkdf2::parse_sha512(text)?),
            Hasher::Pbkdf2Sha512Hex => Form::Pbkdf2(Pbkdf2::parse_sha512_hex(text)?),
            Hasher::Phc => kratos::parse(text)?,
            Hasher::Phpass => Form::Phpass(Phpass::parse(text)?),
            Hasher::ScryptFirebase => Form::Scrypt(Scrypt::parse_firebase(text)?),
            Hasher::ScryptWerkzeug => Form::Scrypt(Scrypt::parse_werkzeug(text)?),
            Hasher::Sha256 => Form::Message(Message::parse_sha256(text)?),
            Hasher::Sha256Crypt => Form::ShaCrypt(ShaCrypt::parse_sha256(text)?),
            Hasher::Sha256Salted => Form::Message(Message::parse_sha256_salted(text)?),
            Hasher::Sha512Crypt => Form::ShaCrypt(ShaCrypt::parse_sha512(text)?),
            Hasher::Sha512Symfony => Form::Message(Message::parse_symfony(text)?),
        };
        Ok(Self { hasher, text: text.to_owned(), form })
    }

    /// A native digest with its text.
    pub(crate) fn argon2id((form, text): (Argon, String)) -> Self {
        Self { hasher: Hasher::Argon2id, text, form: Form::Argon(form) }
    }

    /// A native digest with its text.
    pub(crate) fn bcrypt((form, text): (Bcrypt, String)) -> Self {
        Self { hasher: Hasher::Bcrypt, text, form: Form::Bcrypt(form) }
    }

    /// What made it.
    pub fn hasher(&self) -> Hasher {
        self.hasher
    }

    /// Its text as it was given, for the store and for nothing else.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it was made from `password`.
    ///
    /// Takes from a microsecond to three seconds of one core, by the digest's own
    /// parameters: run it in the [`HashPool`](crate::HashPool). Digests are
    /// compared in constant time. Never true for a password over
    /// [`Password::MAX_BYTES`].
    pub fn verify(&self, password: &Password, scratch: &mut Scratch) -> bool {
        let password = password.as_bytes();
        if password.len() > Password::MAX_BYTES {
            return false;
        }
        match &self.form {
            Form::Argon(form) => form.verify(password, scratch),
            Form::Bcrypt(form) => form.verify(password),
            Form::Message(form) => form.verify(password),
            Form::Pbkdf2(form) => form.verify(password),
            Form::Phpass(form) => form.verify(password),
            Form::Scrypt(form) => form.verify(password),
            Form::ShaCrypt(form) => form.verify(password),
            Form::Templated(form) => form.verify(password),
        }
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digest").field("hasher", &self.hasher).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
