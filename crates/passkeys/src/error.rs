//! Why a ceremony did not succeed, told apart by who must act.

use webauthn_rs_core::error::WebauthnError;

/// Why a ceremony did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operator's to mend: no browser would make a passkey for this relying party.
    #[error("{0} is not an origin of the relying party")]
    RelyingParty(String),
    /// The caller's to mend: this is not what a browser's credential looks like.
    #[error("it is not the JSON form of a browser's credential")]
    Malformed(#[source] serde_json::Error),
    /// The answer does not prove what it should.
    #[error("{0}")]
    Refused(#[source] WebauthnError),
    /// The credential belongs to someone else than the answer says.
    #[error("the user handle is not that of the credential")]
    OtherUser,
    /// Ours to mend: what was kept cannot be read or written.
    #[error("what is kept of a passkey is not readable")]
    Kept(#[source] serde_json::Error),
    /// Ours to mend: the ceremony could not be begun.
    #[error("the ceremony could not be begun")]
    Begin(#[source] WebauthnError),
}
