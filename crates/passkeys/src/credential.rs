//! A passkey's credential: its public key and what is known of its use.

use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{Credential as Inner, Passkey};
use webauthn_rs_core::proto::AuthenticatorTransport;

use crate::Error;

/// A credential of one user; it holds no secret.
///
/// [`to_record`](Self::to_record) is how it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Credential {
    pub(crate) passkey: Passkey,
    /// What the authenticator knows the user by, in base64url; none if nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user_handle: Option<String>,
}

impl Credential {
    /// The credential id, unique per authenticator and relying party.
    pub fn id(&self) -> &[u8] {
        self.passkey.cred_id()
    }

    /// Reads what [`to_record`](Self::to_record) wrote.
    pub fn from_record(record: &str) -> Result<Self, Error> {
        serde_json::from_str(record).map_err(Error::Kept)
    }

    /// JSON that later releases read, too.
    pub fn to_record(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(Error::Kept)
    }

    pub(crate) fn transports(&self) -> Option<Vec<AuthenticatorTransport>> {
        let mut transports = Inner::from(self.passkey.clone()).transports?;
        transports.retain(|transport| *transport != AuthenticatorTransport::Unknown);
        Some(transports)
    }

    /// The same, once its owner has made it one that may be on several devices.
    pub(crate) fn backup_eligible(&self) -> Passkey {
        let mut inner = Inner::from(self.passkey.clone());
        inner.backup_eligible = true;
        inner.into()
    }
}
