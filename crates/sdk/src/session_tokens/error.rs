//! Why a token is not believed.

/// Why a session token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Not three parts of base64url, no JSON in them, or without what every token claims.
    #[error("the token is malformed")]
    Malformed,
    /// Signed by other means than RS256.
    #[error("the token is not signed with RS256")]
    Algorithm,
    /// Signed by a key that is not among those given.
    #[error("the token is signed by an unknown key")]
    UnknownKey,
    /// The signature is not one of the key's over this token.
    #[error("the signature is wrong")]
    Signature,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `iat` has not come.
    #[error("the token was issued in the future")]
    IssuedInTheFuture,
    /// `azp` is none of the authorized parties.
    #[error("the token was made for another party")]
    AuthorizedParty,
    /// `aud` is none of the audiences.
    #[error("the token was made for another audience")]
    Audience,
    /// The session waits for its user to do something.
    #[error("the session is pending")]
    Pending,
}

impl TokenError {
    /// The word that the other SDKs have for it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Malformed | Self::Algorithm => "token-invalid",
            Self::UnknownKey => "jwk-kid-mismatch",
            Self::Signature => "token-invalid-signature",
            Self::Expired => "token-expired",
            Self::NotYetValid => "token-not-active-yet",
            Self::IssuedInTheFuture => "token-iat-in-the-future",
            Self::AuthorizedParty => "token-invalid-authorized-parties",
            Self::Audience => "token-invalid-audience",
            Self::Pending => "session-pending",
        }
    }
}
