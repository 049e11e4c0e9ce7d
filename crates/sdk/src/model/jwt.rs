//! The keys that session tokens are verified with.

use super::model;

model! {
    /// A set of keys (RFC 7517, section 5).
    JwkSet {
        /// The keys, in no order.
        keys: Vec<Jwk>,
    }
}

model! {
    /// An RSA key (RFC 7517; RFC 7518, section 6.3).
    Jwk {
        /// `RSA`; others are of no use here.
        kty: String,
    } optional {
        /// What tokens name it by.
        kid: String,
        /// `sig`
        r#use: Option<String>,
        /// `RS256`
        alg: Option<String>,
        /// The modulus, base64url.
        n: String,
        /// The exponent, base64url.
        e: String,
    }
}
