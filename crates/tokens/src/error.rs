//! Why a key or a token is of no use.

/// What is done with keys can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a key cannot be made or used; says nothing of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No key came of it.
    #[error("no RSA key could be made")]
    Generate,
    /// The text or the bytes are no key that we sign with.
    #[error("it is not an RSA private key of 2048 to 4096 bits in PEM (PKCS#1 or PKCS#8)")]
    NotAKey,
    /// The signature failed.
    #[error("the token could not be signed")]
    Sign,
    /// The claims cannot be written.
    #[error("the claims could not be written as JSON")]
    Encode,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Not three parts of base64url, or no JSON in them.
    #[error("the token is malformed")]
    Malformed,
    /// Another algorithm or category, an unknown key, or a signature of something else.
    #[error("the token was not signed by a key of the instance")]
    Signature,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
}
