//! Digests of other systems in a form that ours are kept in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::value::Source;

/// What a bcrypt or Argon2 digest says of itself.
pub(crate) fn self_describing(digest: String) -> Option<(String, &'static str)> {
    let hasher = match digest.split('$').nth(1)? {
        "2a" | "2b" | "2y" | "2x" | "2" => "bcrypt",
        "argon2i" => "argon2i",
        "argon2id" => "argon2id",
        _ => return None,
    };
    Some((digest, hasher))
}

/// Auth0's `custom_password_hash`: an algorithm, a hash, and perhaps a salt beside it.
///
/// Not taken: `md4`, keyed hashes, and whatever has no form here.
pub(crate) fn custom(custom: &Source) -> Option<(String, &'static str)> {
    let algorithm = custom.text(&["algorithm"])?;
    let hash = custom.object("hash")?;
    let value = hash.text(&["value"])?;
    let bytes = || decode(&value, hash.text(&["encoding"]).as_deref());
    match algorithm.as_str() {
        "bcrypt" | "argon2" => self_describing(value),
        "pbkdf2" | "ldap" => Some((value, "phc")),
        "md5" | "sha1" | "sha256" | "sha512" => {
            let (template, salt) = salted(custom.object("salt"))?;
            let hash = STANDARD.encode(bytes()?);
            let (template, salt) = (STANDARD.encode(template), STANDARD.encode(salt));
            Some((format!("${algorithm}$pf={template}${salt}${hash}"), "phc"))
        }
        "scrypt" => {
            let number = |name: &str, default: u64| {
                hash.text(&[name]).map_or(Some(default), |text| text.parse().ok())
            };
            let cost = number("cost", 16_384)?;
            let (r, p) = (number("blockSize", 8)?, number("parallelization", 1)?);
            if !cost.is_power_of_two() {
                return None;
            }
            let salt = custom.object("salt")?;
            let salt = decode(&salt.text(&["value"])?, salt.text(&["encoding"]).as_deref())?;
            let (salt, hash) = (STANDARD.encode(salt), STANDARD.encode(bytes()?));
            Some((format!("$scrypt$ln={},r={r},p={p}${salt}${hash}", cost.ilog2()), "phc"))
        }
        _ => None,
    }
}

/// Where the salt stands, and what it is.
fn salted(salt: Option<Source>) -> Option<(&'static str, Vec<u8>)> {
    let Some(salt) = salt else { return Some(("{PASSWORD}", Vec::new())) };
    let bytes = decode(&salt.text(&["value"])?, salt.text(&["encoding"]).as_deref())?;
    match salt.text(&["position"]).as_deref() {
        None | Some("prefix") => Some(("{SALT}{PASSWORD}", bytes)),
        Some("suffix") => Some(("{PASSWORD}{SALT}", bytes)),
        Some(_) => None,
    }
}

fn decode(text: &str, encoding: Option<&str>) -> Option<Vec<u8>> {
    match encoding {
        None | Some("utf8") => Some(text.as_bytes().to_vec()),
        Some("base64") => {
            let text = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
            base64::engine::general_purpose::STANDARD_NO_PAD.decode(text).ok()
        }
        Some("hex") => (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
            .collect(),
        Some(_) => None,
    }
}
