//! What our tokens claim: version 2 of Clerk's session tokens, and what a template adds to.

use serde::Serialize;
use serde_json::Value;

use crate::{Claims, Error, OrganizationClaim, Result};

/// What every token claims, and a template cannot change.
#[derive(Debug, Clone, Serialize)]
pub struct StandardClaims<'a> {
    /// The origin that asked for it; absent if unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azp: Option<&'a str>,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was issued, in seconds.
    pub iat: i64,
    /// Who issued it.
    pub iss: &'a str,
    /// Unique to the token.
    pub jti: String,
    /// When it begins, in seconds.
    pub nbf: i64,
    /// `user_…`
    pub sub: &'a str,
}

/// What only session tokens claim.
///
/// `pla`, and the features that plans bring, are absent, since there is no billing.
#[derive(Debug, Clone, Serialize)]
pub struct SessionClaims<'a> {
    /// Who acts as the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<&'a Value>,
    /// The features that the organization's permissions are about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fea: Option<String>,
    /// Minutes since the first and the second factor were verified, -1 for never.
    pub fva: [i64; 2],
    /// The active organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub o: Option<OrganizationClaim>,
    /// `sess_…`
    pub sid: &'a str,
    /// The session's status.
    pub sts: &'a str,
    /// The version of this set of claims.
    pub v: u8,
}

/// One set of claims of several, each as JSON; where two speak of the same, the later one counts.
pub fn merged(parts: &[&dyn Part]) -> Result<Claims> {
    let mut claims = Claims::new();
    for part in parts {
        claims.extend(part.claims()?);
    }
    // In the order of their names, as Clerk has them.
    claims.sort_keys();
    Ok(claims)
}

/// Something that has claims.
pub trait Part {
    /// Its claims.
    fn claims(&self) -> Result<Claims>;
}

impl<T: Serialize> Part for T {
    fn claims(&self) -> Result<Claims> {
        match serde_json::to_value(self) {
            Ok(Value::Object(claims)) => Ok(claims),
            Ok(_) | Err(_) => Err(Error::Encode),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_claims_are_those_of_version_2_and_nothing_overrides_them() {
        let custom = json!({ "sub": "user_2", "role": "boss" });
        let session = SessionClaims {
            act: None,
            fea: None,
            fva: [3, -1],
            o: None,
            sid: "sess_1",
            sts: "active",
            v: 2,
        };
        let standard = StandardClaims {
            azp: Some("https://app.example.com"),
            exp: 160,
            iat: 100,
            iss: "https://clerk.example.com",
            jti: "1".to_owned(),
            nbf: 90,
            sub: "user_1",
        };
        let claims = merged(&[&custom, &session, &standard]).unwrap();
        let expected = json!({
            "azp": "https://app.example.com", "exp": 160, "fva": [3, -1], "iat": 100,
            "iss": "https://clerk.example.com", "jti": "1", "nbf": 90, "role": "boss",
            "sid": "sess_1", "sts": "active", "sub": "user_1", "v": 2,
        });
        assert_eq!(Value::Object(claims), expected);
    }
}
