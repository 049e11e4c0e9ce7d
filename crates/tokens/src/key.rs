//! RSA keys: made, kept as PKCS#8, shown as JWK (RFC 7517) and PEM (RFC 7468).
//!
//! `rsa` makes and reads keys, `ring` signs: the one can, the other does it in
//! constant time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use ring::signature::{KeyPair as _, RsaPublicKeyComponents};
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::{BoxedUint, RsaPrivateKey, RsaPublicKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Error, Result};

const BITS: usize = 2048;

/// An RSA key that signs.
pub struct PrivateKey(pub(crate) ring::rsa::KeyPair);

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

impl PrivateKey {
    /// A new key of 2048 bits as PKCS#8 DER; `seed` must be fit for keys.
    ///
    /// Takes some tenths of a second of computing, which is nothing for an async worker.
    pub fn generate(seed: [u8; 32]) -> Result<Zeroizing<Vec<u8>>> {
        let mut random = StdRng::from_seed(seed);
        let key = RsaPrivateKey::new(&mut random, BITS).map_err(|_| Error::Generate)?;
        let der = key.to_pkcs8_der().map_err(|_| Error::Generate)?;
        // What we could not sign with later must not be kept now.
        Self::from_pkcs8(der.as_bytes()).map_err(|_| Error::Generate)?;
        Ok(Zeroizing::new(der.as_bytes().to_vec()))
    }

    /// Reads what [`generate`](Self::generate) made.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self> {
        ring::rsa::KeyPair::from_pkcs8(der).map(Self).map_err(|_| Error::NotAKey)
    }

    /// Reads PEM, be it PKCS#1 or PKCS#8.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let pem = pem.trim();
        let key = RsaPrivateKey::from_pkcs8_pem(pem)
            .or_else(|_| RsaPrivateKey::from_pkcs1_pem(pem).map_err(|_| Error::NotAKey))?;
        Self::from_pkcs8(key.to_pkcs8_der().map_err(|_| Error::NotAKey)?.as_bytes())
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        let RsaPublicKeyComponents { n, e } =
            RsaPublicKeyComponents::<Vec<u8>>::from(self.0.public_key());
        PublicKey { n: URL_SAFE_NO_PAD.encode(n), e: URL_SAFE_NO_PAD.encode(e) }
    }
}

/// The public half of a key: modulus and exponent as a JWK spells them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Base64url of the modulus, big-endian.
    pub n: String,
    /// Base64url of the exponent.
    pub e: String,
}

impl PublicKey {
    /// As a member of a key set.
    pub fn jwk(&self, kid: &str) -> Jwk {
        Jwk {
            key_use: "sig",
            kty: "RSA",
            kid: kid.to_owned(),
            alg: "RS256",
            n: self.n.clone(),
            e: self.e.clone(),
        }
    }

    /// `-----BEGIN PUBLIC KEY-----`, which verifies without a network.
    pub fn pem(&self) -> Result<String> {
        let (n, e) = self.components().ok_or(Error::NotAKey)?;
        let (n, e) = (BoxedUint::from_be_slice_vartime(&n), BoxedUint::from_be_slice_vartime(&e));
        let key = RsaPublicKey::new(n, e).map_err(|_| Error::NotAKey)?;
        key.to_public_key_pem(LineEnding::LF).map_err(|_| Error::NotAKey)
    }

    pub(crate) fn components(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        Some((decode(&self.n)?, decode(&self.e)?))
    }
}

/// A public key as a key set shows it (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the members of RFC 7517 and 7518")]
pub struct Jwk {
    #[serde(rename = "use")]
    pub key_use: &'static str,
    pub kty: &'static str,
    pub kid: String,
    pub alg: &'static str,
    pub n: String,
    pub e: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_is_made_can_be_signed_with() {
        for n in 0..4 {
            let der = PrivateKey::generate([n; 32]).unwrap();
            let public = PrivateKey::from_pkcs8(&der).unwrap().public();
            assert_eq!(public.e, "AQAB");
            assert_eq!(public.components().unwrap().0.len() * 8, BITS);
            let pem = public.pem().unwrap();
            assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
        }
    }

    #[test]
    fn a_key_is_read_from_both_forms_of_pem() {
        use rsa::pkcs1::EncodeRsaPrivateKey as _;

        let der = PrivateKey::generate([9; 32]).unwrap();
        let key = RsaPrivateKey::from_pkcs8_der(&der).unwrap();
        let expected = PrivateKey::from_pkcs8(&der).unwrap().public();
        for pem in
            [key.to_pkcs8_pem(LineEnding::LF).unwrap(), key.to_pkcs1_pem(LineEnding::LF).unwrap()]
        {
            assert_eq!(PrivateKey::from_pem(&pem).unwrap().public(), expected);
        }
        assert_eq!(PrivateKey::from_pem("secret").unwrap_err(), Error::NotAKey);
    }

    #[test]
    fn a_key_shows_nothing_of_itself() {
        let key = PrivateKey::from_pkcs8(&PrivateKey::generate([1; 32]).unwrap()).unwrap();
        assert_eq!(format!("{key:?}"), "PrivateKey(…)");
    }
}
