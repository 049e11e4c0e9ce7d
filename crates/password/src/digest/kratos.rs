//! The digests that Ory Kratos takes in and keeps, told apart by how they begin.
//!
//! Source: `hash/hash_comparator.go` of Kratos and its tests. Not taken: `md5-crypt`
//! and `hmac-md4`, for which no maintained library stands.

use argon2::Algorithm;

use super::{
    Argon, Bcrypt, Form, InvalidDigest, pbkdf2::Pbkdf2, scrypt::Scrypt, sha_crypt::ShaCrypt,
    templated::Templated,
};

/// What a digest beginning with `$<name>$` or `{<name>}` is.
pub(super) fn parse(text: &str) -> Result<Form, InvalidDigest> {
    if text.starts_with('{') {
        return Templated::parse_ssha(text).map(Form::Templated);
    }
    let name = text.strip_prefix('$').and_then(|text| text.split('$').next()).unwrap_or_default();
    match name {
        "argon2i" => Argon::parse(Algorithm::Argon2i, text).map(Form::Argon),
        "argon2id" => Argon::parse(Algorithm::Argon2id, text).map(Form::Argon),
        "2" | "2a" | "2b" | "2x" | "2y" => Bcrypt::parse(text).map(Form::Bcrypt),
        "scrypt" => Scrypt::parse_phc(text).map(Form::Scrypt),
        "firescrypt" => Scrypt::parse_firescrypt(text).map(Form::Scrypt),
        "md5" | "sha1" | "sha256" | "sha512" => {
            Templated::parse_template(text).map(Form::Templated)
        }
        // Kratos writes names where Unix writes numbers.
        "sha256-crypt" => ShaCrypt::parse_sha256(&text.replacen(name, "5", 1)).map(Form::ShaCrypt),
        "sha512-crypt" => ShaCrypt::parse_sha512(&text.replacen(name, "6", 1)).map(Form::ShaCrypt),
        _ if name.starts_with("pbkdf2-") => Pbkdf2::parse_phc(text).map(Form::Pbkdf2),
        _ if name.starts_with("hmac-") => Templated::parse_hmac(text).map(Form::Templated),
        _ => Err(InvalidDigest::new(
            "the digest must begin with $argon2id$, $argon2i$, $2b$, $pbkdf2-<hash>$, $scrypt$, \
             $firescrypt$, $sha256-crypt$, $sha512-crypt$, $md5$, $sha1$, $sha256$, $sha512$, \
             $hmac-<hash>$ or {SSHA}",
        )),
    }
}
