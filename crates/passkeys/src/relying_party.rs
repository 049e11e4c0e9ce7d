//! Both ceremonies, as the relying party conducts them (WebAuthn Level 3, 7.1 and 7.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, PasskeyRegistration, RegisterPublicKeyCredential,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};
use webauthn_rs_core::proto::{AllowCredentials, ResidentKeyRequirement};

use crate::{Assertion, Credential, Error};

/// For whom passkeys are made, and from where browsers may answer.
#[derive(Debug, Clone)]
pub struct RelyingParty(Webauthn);

/// The user of a registration.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// Ids that never change, such as of instance and user; the authenticator
    /// gets a hash of them.
    pub ids: [&'a str; 2],
    /// What tells the user's accounts apart, such as an email address.
    pub name: &'a str,
    /// How people call the user.
    pub display_name: &'a str,
}

/// A ceremony that has begun.
#[derive(Debug)]
pub struct Start {
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`.
    pub options: Value,
    /// To be kept, out of the caller's reach, until the browser has answered, and used once.
    pub state: String,
}

/// Whether a user was named when an authentication began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Someone's whose credentials were offered to the browser.
    Known,
    /// Anyone's who has a credential on the authenticator.
    Discovered,
}

impl RelyingParty {
    /// A relying party with this domain as its id, called `name`.
    ///
    /// # Errors
    ///
    /// [`Error::RelyingParty`] if an origin is not on `id` or below it, or if there is none.
    pub fn new(id: &str, name: &str, origins: &[Url]) -> Result<Self, Error> {
        let mut builder: Option<WebauthnBuilder<'_>> = None;
        for origin in origins {
            let refused = |_| Error::RelyingParty(origin.to_string());
            let checked = WebauthnBuilder::new(id, origin).map_err(refused)?;
            builder = Some(match builder {
                None => checked,
                Some(builder) => builder.append_allowed_origin(origin),
            });
        }
        let builder = builder.ok_or_else(|| Error::RelyingParty(String::new()))?;
        builder.rp_name(name).build().map(Self).map_err(Error::Begin)
    }

    /// Asks for a new passkey; the browser refuses those that are `present`.
    pub fn start_registration(
        &self,
        person: &Person<'_>,
        present: &[Credential],
    ) -> Result<Start, Error> {
        let present = present.iter().map(|credential| credential.id().to_vec()).collect();
        let (mut asked, state) = self
            .0
            .start_passkey_registration(
                person.handle(),
                person.name,
                person.display_name,
                Some(present),
            )
            .map_err(Error::Begin)?;
        if let Some(selection) = &mut asked.public_key.authenticator_selection {
            // Without it nobody can sign in before having said who they are.
            selection.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        start(&asked.public_key, &state)
    }

    /// The new credential, once the browser has made it.
    pub fn finish_registration(
        &self,
        state: &str,
        person: &Person<'_>,
        answer: Map<String, Value>,
    ) -> Result<Credential, Error> {
        let state: PasskeyRegistration = serde_json::from_str(state).map_err(Error::Kept)?;
        let answer: RegisterPublicKeyCredential = browser_json(answer)?;
        let passkey =
            self.0.finish_passkey_registration(&answer, &state).map_err(Error::Refused)?;
        Ok(Credential { passkey, user_handle: Some(URL_SAFE_NO_PAD.encode(person.handle())) })
    }

    /// Asks for a proof by one of `allowed`, or by any passkey if it is empty.
    pub fn start_authentication(&self, allowed: &[Credential]) -> Result<Start, Error> {
        let (mut asked, state) =
            self.0.start_discoverable_authentication().map_err(Error::Begin)?;
        asked.public_key.allow_credentials = allowed
            .iter()
            .map(|credential| AllowCredentials {
                type_: "public-key".to_owned(),
                id: credential.id().to_vec(),
                transports: credential.transports(),
            })
            .collect();
        start(&asked.public_key, &state)
    }

    /// Whether the browser has proved that it holds `credential`; answers what
    /// that credential is from now on.
    ///
    /// The credential must be the one of [`Assertion::credential_id`], as it is
    /// kept now rather than when the ceremony began, so that its counter is.
    /// A counter that does not go up is refused, since the key may have been copied.
    pub fn finish_authentication(
        &self,
        state: &str,
        answer: &Assertion,
        credential: &Credential,
        whose: Whose,
    ) -> Result<Credential, Error> {
        let state: DiscoverableAuthentication = serde_json::from_str(state).map_err(Error::Kept)?;
        check_handle(answer, credential, whose)?;
        // One that was imported, or has been moved to the cloud, says so the
        // first time it is used; the signature covers that.
        let mut passkey = if answer.is_backup_eligible() {
            credential.backup_eligible()
        } else {
            credential.passkey.clone()
        };
        let proved = self
            .0
            .finish_discoverable_authentication_v2(&answer.0, state, &passkey)
            .map_err(Error::Refused)?;
        passkey.update_credential(&proved);
        Ok(Credential { passkey, user_handle: credential.user_handle.clone() })
    }
}

impl Person<'_> {
    /// Random to whoever does not know the ids, as WebAuthn wants it (14.6.1).
    fn handle(&self) -> Uuid {
        let mut hash = Sha256::new_with_prefix(b"passkey user handle");
        for id in self.ids {
            hash.update([0]);
            hash.update(id);
        }
        let hash: [u8; 32] = hash.finalize().into();
        Uuid::from_bytes(hash.first_chunk().copied().unwrap_or_default())
    }
}

fn check_handle(answer: &Assertion, credential: &Credential, whose: Whose) -> Result<(), Error> {
    let sent = answer.user_handle().map(|handle| URL_SAFE_NO_PAD.encode(handle));
    match (&credential.user_handle, sent) {
        // Whoever imported it did not know; the credential id alone leads to the user.
        (None, _) => Ok(()),
        (Some(known), Some(sent)) if *known == sent => Ok(()),
        (Some(_), None) if whose == Whose::Known => Ok(()),
        (Some(_), _) => Err(Error::OtherUser),
    }
}

fn start(options: &impl serde::Serialize, state: &impl serde::Serialize) -> Result<Start, Error> {
    Ok(Start {
        options: serde_json::to_value(options).map_err(Error::Kept)?,
        state: serde_json::to_string(state).map_err(Error::Kept)?,
    })
}

/// By way of text, since a tree of values knows numbers in a form of its own.
pub(crate) fn browser_json<T: DeserializeOwned>(json: Map<String, Value>) -> Result<T, Error> {
    serde_json::from_str(&Value::Object(json).to_string()).map_err(Error::Malformed)
}
