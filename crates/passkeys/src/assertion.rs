//! What a browser answers when it is asked to authenticate.

use serde_json::{Map, Value};
use webauthn_rs::prelude::PublicKeyCredential;

use crate::Error;

/// Where the flags lie in the authenticator's data (WebAuthn Level 3, 6.1).
const FLAGS: usize = 32;

/// The flag of a credential that may be on several devices.
const BACKUP_ELIGIBLE: u8 = 0b0000_1000;

/// A browser's answer; nothing in it is proved yet.
#[derive(Debug)]
pub struct Assertion(pub(crate) PublicKeyCredential);

impl Assertion {
    /// Reads what `PublicKeyCredential.toJSON()` gives after `navigator.credentials.get()`.
    pub fn parse(json: Map<String, Value>) -> Result<Self, Error> {
        let mut answer: PublicKeyCredential = crate::relying_party::browser_json(json)?;
        // Browsers leave it out or send nothing when there is none.
        answer.response.user_handle = answer.response.user_handle.filter(|h| !h.is_empty());
        Ok(Self(answer))
    }

    /// The credential that it claims to be of.
    pub fn credential_id(&self) -> &[u8] {
        self.0.get_credential_id()
    }

    pub(crate) fn user_handle(&self) -> Option<&[u8]> {
        self.0.get_user_unique_id()
    }

    pub(crate) fn is_backup_eligible(&self) -> bool {
        let flags = self.0.response.authenticator_data.get(FLAGS);
        flags.is_some_and(|flags| flags & BACKUP_ELIGIBLE != 0)
    }
}
