//! Changes of a user.

use crate::Result;
use crate::params::{Encoded, Params, params};

params! {
    /// What [`update`](crate::Users::update) takes; what is not set stays as it is.
    ///
    /// A nullable field takes a value, [`Patch::Clear`](crate::Patch::Clear), or an `Option` whose `None` clears.
    UpdateUser in json;
    /// The caller's own id, unique in the instance.
    external_id: patch_text,
    /// Given name.
    first_name: patch_text,
    /// Family name.
    last_name: patch_text,
    /// BCP-47 tag.
    locale: patch_text,
    /// One of the user's verified addresses.
    primary_email_address_id: text,
    /// Whether the user is told at the old primary address.
    notify_primary_email_address_changed: flag,
    /// One of the user's verified numbers.
    primary_phone_number_id: text,
    /// One of the user's verified wallets.
    primary_web3_wallet_id: text,
    /// Unique in the instance.
    username: patch_text,
    /// An uploaded image.
    profile_image_id: patch_text,
    /// The new password as it is typed.
    password: secret,
    /// The new password as another system has hashed it; needs `password_hasher`.
    password_digest: secret,
    /// What made `password_digest`, such as `bcrypt` or `argon2id`.
    password_hasher: text,
    /// Takes a password that the instance's rules would refuse.
    skip_password_checks: flag,
    /// Ends the user's sessions once the password is new.
    sign_out_of_other_sessions: flag,
    /// The secret of an authenticator app, in base32 (SHA-1, 6 digits, 30 s).
    totp_secret: secret,
    /// Backup codes, plain or as bcrypt digests; they replace all there are.
    backup_codes: secrets,
    /// Replaces the public metadata: an object.
    public_metadata: object,
    /// Replaces the private metadata: an object.
    private_metadata: object,
    /// Replaces the unsafe metadata: an object.
    unsafe_metadata: object,
    /// Whether the user may delete itself.
    delete_self_enabled: flag,
    /// Whether the user may create organizations.
    create_organization_enabled: flag,
    /// When the user accepted the legal terms, RFC 3339.
    legal_accepted_at: text,
    /// Takes an update that would leave the legal terms unaccepted.
    skip_legal_checks: flag,
    /// How many organizations the user may create; 0 is unlimited, null the instance's default.
    create_organizations_limit: patch_number,
    /// When the user was created elsewhere, RFC 3339.
    created_at: text,
    /// Skips checks of the user's devices.
    bypass_client_trust: flag,
}

params! {
    /// What [`update_metadata`](crate::Users::update_metadata) takes: objects that are merged into what is there.
    UserMetadata in json;
    /// Merged into the public metadata.
    public_metadata: object,
    /// Merged into the private metadata.
    private_metadata: object,
    /// Merged into the unsafe metadata.
    unsafe_metadata: object,
}

params! {
    /// What [`replace_metadata`](crate::Users::replace_metadata) takes: objects that take the place of what is there.
    ReplaceUserMetadata in json;
    /// Replaces the public metadata.
    public_metadata: object,
    /// Replaces the private metadata.
    private_metadata: object,
    /// Replaces the unsafe metadata.
    unsafe_metadata: object,
}

/// What [`set_profile_image`](crate::Users::set_profile_image) takes.
#[derive(Clone)]
pub struct UserImage(Vec<u8>);

impl UserImage {
    /// The bytes of a picture.
    pub fn new(file: Vec<u8>) -> Self {
        Self(file)
    }
}

impl std::fmt::Debug for UserImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UserImage({} bytes)", self.0.len())
    }
}

impl Params for UserImage {
    fn encode(&self) -> Result<Encoded> {
        Ok(Encoded::Upload { file: self.0.clone(), fields: Vec::new() })
    }
}
