//! RSA keys that verify, from PEM or JWK.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use spki::SubjectPublicKeyInfoRef;

use crate::{Jwk, JwkSet};

/// RSA, RFC 8017, appendix A.1.
const RSA: &str = "1.2.840.113549.1.1.1";

/// A key that session tokens are verified with.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(Form);

#[derive(Clone, PartialEq, Eq)]
enum Form {
    Pkcs1(Vec<u8>),
    Components { n: Vec<u8>, e: Vec<u8> },
}

impl PublicKey {
    /// `-----BEGIN PUBLIC KEY-----`; line breaks may be missing, or written `\n`, as in files of
    /// environment variables. None if it is no RSA key.
    pub fn from_pem(pem: &str) -> Option<Self> {
        let (_, rest) = pem.split_once("-----BEGIN PUBLIC KEY-----")?;
        let (body, _) = rest.split_once("-----END PUBLIC KEY-----")?;
        let body: String =
            body.replace("\\n", "").chars().filter(|letter| !letter.is_whitespace()).collect();
        let der = STANDARD.decode(body).ok()?;
        let info = SubjectPublicKeyInfoRef::try_from(der.as_slice()).ok()?;
        if info.algorithm.oid.to_string() != RSA {
            return None;
        }
        Some(Self(Form::Pkcs1(info.subject_public_key.as_bytes()?.to_vec())))
    }

    /// A key of a set; none if it is no RSA key.
    pub fn from_jwk(jwk: &Jwk) -> Option<Self> {
        if jwk.kty != "RSA" || jwk.n.is_empty() || jwk.e.is_empty() {
            return None;
        }
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        Some(Self(Form::Components { n: decode(&jwk.n)?, e: decode(&jwk.e)? }))
    }

    /// Whether this key has signed `message` with RSASSA-PKCS1-v1_5 and SHA-256.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithm = &RSA_PKCS1_2048_8192_SHA256;
        match &self.0 {
            Form::Pkcs1(der) => {
                UnparsedPublicKey::new(algorithm, der).verify(message, signature).is_ok()
            }
            Form::Components { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(algorithm, message, signature).is_ok()
            }
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(RSA)")
    }
}

/// The keys of an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicKeys(Vec<(Option<String>, PublicKey)>);

impl PublicKeys {
    /// One key, which verifies whatever key a token names; none if it is no RSA key.
    pub fn from_pem(pem: &str) -> Option<Self> {
        Some(Self(vec![(None, PublicKey::from_pem(pem)?)]))
    }

    /// The RSA keys of a set, each for the tokens that name it.
    pub fn from_jwks(set: &JwkSet) -> Self {
        let keys = set.keys.iter();
        Self(
            keys.filter_map(|jwk| Some((Some(jwk.kid.clone()), PublicKey::from_jwk(jwk)?)))
                .collect(),
        )
    }

    pub(super) fn find(&self, kid: Option<&str>) -> Option<&PublicKey> {
        let mut keys = self.0.iter();
        keys.find(|(name, _)| name.as_deref().is_none_or(|name| Some(name) == kid))
            .map(|(_, key)| key)
    }
}
