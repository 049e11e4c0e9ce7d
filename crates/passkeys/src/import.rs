//! A credential that another service has registered.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use webauthn_rs::prelude::{AttestationFormat, Credential as Inner, ParsedAttestation};
use webauthn_rs_core::proto::{RegisteredExtensions, UserVerificationPolicy};

use crate::{Credential, MAX_CREDENTIAL_ID, key};

/// The longest user handle there is, in bytes (WebAuthn Level 3, 5.4.3).
const MAX_USER_HANDLE: usize = 64;

/// What another service knows of a credential.
#[derive(Debug, Clone, Default)]
pub struct Import<'a> {
    /// base64url.
    pub credential_id: &'a str,
    /// base64url or base64 of a COSE key (RFC 9052) or of a `SubjectPublicKeyInfo` (RFC 5280).
    pub public_key: &'a str,
    /// The signature counter; 0 of authenticators that have none.
    pub counter: u32,
    /// Such as `internal` and `hybrid`; a hint for browsers.
    pub transports: &'a [String],
    /// base64url of what the authenticator knows the user by.
    pub user_handle: Option<&'a str>,
}

/// A parameter that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{param} {why}")]
pub struct ImportError {
    /// The name of the field of [`Import`].
    pub param: &'static str,
    /// Completes "`param` …".
    pub why: &'static str,
}

impl Credential {
    /// A credential as another service knows it; all that is wrong with it at once.
    pub fn import(import: &Import<'_>) -> Result<Self, Vec<ImportError>> {
        let mut wrong = Vec::new();
        let credential_id = id(import.credential_id).map_err(|e| wrong.push(e)).ok();
        let key = key::parse(import.public_key)
            .map_err(|why| wrong.push(ImportError { param: "public_key", why }))
            .ok();
        let transports = transports(import.transports).map_err(|e| wrong.push(e)).ok();
        let handle = import.user_handle.map(handle).transpose().map_err(|e| wrong.push(e)).ok();
        let (Some(cred_id), Some(cred), Some(transports), Some(user_handle)) =
            (credential_id, key, transports, handle)
        else {
            return Err(wrong);
        };
        let inner = Inner {
            cred_id,
            cred,
            counter: import.counter,
            transports,
            user_verified: true,
            // Learnt at the first use.
            backup_eligible: false,
            backup_state: false,
            registration_policy: UserVerificationPolicy::Required,
            extensions: RegisteredExtensions::none(),
            attestation: ParsedAttestation::default(),
            attestation_format: AttestationFormat::None,
        };
        Ok(Self { passkey: inner.into(), user_handle })
    }
}

fn id(text: &str) -> Result<Vec<u8>, ImportError> {
    let wrong = |why| ImportError { param: "credential_id", why };
    let bytes = key::decode(text).ok_or_else(|| wrong("must be base64url"))?;
    // Below 16 bytes no id can be as random as it must be (5.1).
    if !(16..=MAX_CREDENTIAL_ID).contains(&bytes.len()) {
        return Err(wrong("must have 16 to 1023 bytes"));
    }
    Ok(bytes)
}

fn handle(text: &str) -> Result<String, ImportError> {
    let wrong = |why| ImportError { param: "user_handle", why };
    let bytes = key::decode(text).ok_or_else(|| wrong("must be base64url"))?;
    if !(1..=MAX_USER_HANDLE).contains(&bytes.len()) {
        return Err(wrong("must have 1 to 64 bytes"));
    }
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

type Transports = Option<Vec<webauthn_rs_core::proto::AuthenticatorTransport>>;

fn transports(names: &[String]) -> Result<Transports, ImportError> {
    if names.is_empty() {
        return Ok(None);
    }
    let known = names.iter().map(|name| name.parse().ok()).collect::<Option<Vec<_>>>();
    // `smart-card` is of Level 3, which the library does not know.
    let why = "must be of usb, nfc, ble, internal and hybrid";
    known.map(Some).ok_or(ImportError { param: "transports", why })
}
