//! What a token is signed with: our own key, or one that a template brings.

use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{self, RsaEncoding};

use crate::{Error, PrivateKey, Result};

/// The algorithms we sign with (RFC 7518, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of RFC 7518")]
pub enum Algorithm {
    RS256,
    RS384,
    RS512,
    HS256,
    HS384,
    HS512,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::RS256, Self::RS384, Self::RS512, Self::HS256, Self::HS384, Self::HS512];

    /// As a header spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
        }
    }

    /// The one that is spelled so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text)
    }

    const fn with(self) -> With {
        match self {
            Self::RS256 => With::Rsa(&signature::RSA_PKCS1_SHA256),
            Self::RS384 => With::Rsa(&signature::RSA_PKCS1_SHA384),
            Self::RS512 => With::Rsa(&signature::RSA_PKCS1_SHA512),
            Self::HS256 => With::Hmac(hmac::HMAC_SHA256),
            Self::HS384 => With::Hmac(hmac::HMAC_SHA384),
            Self::HS512 => With::Hmac(hmac::HMAC_SHA512),
        }
    }
}

enum With {
    Rsa(&'static dyn RsaEncoding),
    Hmac(hmac::Algorithm),
}

/// A key with the algorithm it is used for.
pub struct Signer<'a> {
    algorithm: Algorithm,
    key: Key<'a>,
}

enum Key<'a> {
    Own(&'a PrivateKey),
    Rsa(Box<PrivateKey>),
    Hmac(hmac::Key),
}

impl<'a> Signer<'a> {
    /// RS256 with a key of the instance.
    pub const fn own(key: &'a PrivateKey) -> Self {
        Self { algorithm: Algorithm::RS256, key: Key::Own(key) }
    }

    /// A template's own key: PEM for RSA, the secret's bytes for HMAC.
    pub fn custom(algorithm: Algorithm, key: &str) -> Result<Self> {
        let key = match algorithm.with() {
            With::Rsa(_) => Key::Rsa(Box::new(PrivateKey::from_pem(key)?)),
            With::Hmac(_) if key.is_empty() => return Err(Error::NotAKey),
            With::Hmac(hash) => Key::Hmac(hmac::Key::new(hash, key.as_bytes())),
        };
        Ok(Self { algorithm, key })
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let key = match &self.key {
            Key::Hmac(key) => return Ok(hmac::sign(key, message).as_ref().to_vec()),
            Key::Own(key) => key,
            Key::Rsa(key) => &**key,
        };
        let With::Rsa(encoding) = self.algorithm.with() else { return Err(Error::Sign) };
        let mut signature = vec![0; key.0.public().modulus_len()];
        key.0
            .sign(encoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::Sign)?;
        Ok(signature)
    }
}
