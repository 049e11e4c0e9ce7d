//! Verifying session tokens: a pure function of token, keys, options and time.
//!
//! [`verify_session_token`] does no I/O: the keys come from [`PublicKeys::from_pem`] (the instance's
//! JWKS public key, so no network is needed) or from an answer of `jwks().get_jwks()`.
//! [`SessionVerifier`] is the shell around it that fetches and keeps the keys.

mod claims;
mod error;
mod keys;
mod verifier;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

pub use claims::{ActiveOrganization, SessionClaims};
pub use error::TokenError;
pub use keys::{PublicKey, PublicKeys};
pub use verifier::{AuthenticateError, SessionVerifier};

use crate::Metadata;

/// What a session token must be besides well signed.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// The origins that the token may have been made for (`azp`). Empty: any, which lets every
    /// application of the instance's domain show tokens of every other; name yours in production.
    pub authorized_parties: Vec<String>,
    /// Audiences of which the token must have one (`aud`). Empty: any.
    pub audience: Vec<String>,
    /// How far clocks may be apart. Default: 5 s.
    pub clock_skew: Duration,
    /// Whether a session that waits for its user to do something (`sts: pending`) will do.
    pub accept_pending: bool,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            authorized_parties: Vec::new(),
            audience: Vec::new(),
            clock_skew: Duration::from_secs(5),
            accept_pending: false,
        }
    }
}

/// What the token claims, if one of `keys` signed it with RS256, its time has come and not gone,
/// and it is what `options` ask for (RFC 7515, 7519).
///
/// Of `alg` nothing but RS256 counts, so that neither "none" nor a public key taken for an HMAC
/// secret gets through (RFC 8725, 3.1). A token without `exp` or `sub` is none of a session.
///
/// # Errors
///
/// [`TokenError`] says which of it is wrong; the signature is looked at before the claims.
pub fn verify_session_token(
    token: &str,
    keys: &PublicKeys,
    options: &VerifyOptions,
    now: SystemTime,
) -> Result<SessionClaims, TokenError> {
    let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(TokenError::Malformed)?;
    let header = read_header(header)?;
    let key = keys.find(header.kid.as_deref()).ok_or(TokenError::UnknownKey)?;
    if !key.verifies(message.as_bytes(), &decode(signature)?) {
        return Err(TokenError::Signature);
    }
    let claims: Metadata =
        serde_json::from_slice(&decode(payload)?).map_err(|_| TokenError::Malformed)?;
    check_times(&claims, seconds(now), options.clock_skew)?;
    check_parties(&claims, options)?;
    let claims = SessionClaims::read(claims).ok_or(TokenError::Malformed)?;
    if claims.session_status.as_deref() == Some("pending") && !options.accept_pending {
        return Err(TokenError::Pending);
    }
    Ok(claims)
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

fn read_header(part: &str) -> Result<Header, TokenError> {
    let header: Header =
        serde_json::from_slice(&decode(part)?).map_err(|_| TokenError::Malformed)?;
    if header.alg == "RS256" { Ok(header) } else { Err(TokenError::Algorithm) }
}

/// The key that a token says it was signed with; it proves nothing.
fn key_id(token: &str) -> Result<Option<String>, TokenError> {
    let (header, _) = token.split_once('.').ok_or(TokenError::Malformed)?;
    Ok(read_header(header)?.kid)
}

fn check_times(claims: &Metadata, now: i64, skew: Duration) -> Result<(), TokenError> {
    let skew = i64::try_from(skew.as_secs()).unwrap_or(i64::MAX);
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        // Fractions of seconds are allowed (RFC 7519, 2).
        Some(Value::Number(time)) => Ok(time.as_i64().or_else(|| whole(time.as_f64()?))),
        Some(_) => Err(TokenError::Malformed),
    };
    let expires = time("exp")?.ok_or(TokenError::Malformed)?;
    if now >= expires.saturating_add(skew) {
        return Err(TokenError::Expired);
    }
    let late = now.saturating_add(skew);
    if time("nbf")?.is_some_and(|begins| begins > late) {
        return Err(TokenError::NotYetValid);
    }
    if time("iat")?.is_some_and(|issued| issued > late) {
        return Err(TokenError::IssuedInTheFuture);
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
fn whole(seconds: f64) -> Option<i64> {
    seconds.is_finite().then_some(seconds as i64)
}

fn check_parties(claims: &Metadata, options: &VerifyOptions) -> Result<(), TokenError> {
    let is_one_of = |value: &Value, of: &[String]| {
        value.as_str().is_some_and(|text| of.iter().any(|one| one == text))
    };
    let parties = &options.authorized_parties;
    if !parties.is_empty() && !claims.get("azp").is_some_and(|azp| is_one_of(azp, parties)) {
        return Err(TokenError::AuthorizedParty);
    }
    let audience = &options.audience;
    let heard = || match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().any(|one| is_one_of(one, audience)),
        Some(one) => is_one_of(one, audience),
        None => false,
    };
    if audience.is_empty() || heard() { Ok(()) } else { Err(TokenError::Audience) }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)
}

fn seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
