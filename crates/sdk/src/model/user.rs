//! The user.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Metadata, model};
use crate::{
    EmailAddress, EmailAddressId, ExternalAccount, Passkey, PhoneNumber, PhoneNumberId, UserId,
    Web3Wallet, Web3WalletId,
};

model! {
    /// A user, as every user operation answers with it.
    ///
    /// Instants are milliseconds since 1970.
    User {
        /// `user_…`
        id: UserId,
    } optional {
        /// The caller's own id of this user.
        external_id: Option<String>,
        /// One of `email_addresses`.
        primary_email_address_id: Option<EmailAddressId>,
        /// One of `phone_numbers`.
        primary_phone_number_id: Option<PhoneNumberId>,
        /// One of `web3_wallets`.
        primary_web3_wallet_id: Option<Web3WalletId>,
        /// Unique in the instance.
        username: Option<String>,
        /// Given name.
        first_name: Option<String>,
        /// Family name.
        last_name: Option<String>,
        /// BCP-47 tag.
        locale: Option<String>,
        /// The picture, or a generated avatar.
        image_url: String,
        /// Whether `image_url` is a real picture.
        has_image: bool,
        /// Read by everyone, written by the backend.
        public_metadata: Metadata,
        /// Read and written by the backend; none where it is not shown.
        private_metadata: Option<Metadata>,
        /// Read and written by everyone.
        unsafe_metadata: Metadata,
        /// In order of creation.
        email_addresses: Vec<EmailAddress>,
        /// In order of creation.
        phone_numbers: Vec<PhoneNumber>,
        /// In order of creation.
        web3_wallets: Vec<Web3Wallet>,
        /// In order of creation.
        passkeys: Vec<Passkey>,
        /// In order of creation.
        external_accounts: Vec<ExternalAccount>,
        /// Accounts at SAML providers, as they are told.
        saml_accounts: Vec<Metadata>,
        /// Accounts at an employer's provider, as they are told.
        enterprise_accounts: Vec<Metadata>,
        /// Whether the user has a password.
        password_enabled: bool,
        /// When the password was last set.
        password_last_updated_at: Option<i64>,
        /// Whether any second factor is active.
        two_factor_enabled: bool,
        /// Whether the user has an authenticator app.
        totp_enabled: bool,
        /// Whether the user has backup codes.
        backup_code_enabled: bool,
        /// When a second factor was last switched on.
        mfa_enabled_at: Option<i64>,
        /// When the last second factor was last switched off.
        mfa_disabled_at: Option<i64>,
        /// When the user last signed in.
        last_sign_in_at: Option<i64>,
        /// Latest session activity.
        last_active_at: Option<i64>,
        /// Whether signing in is refused for good.
        banned: bool,
        /// Whether signing in is refused for now.
        locked: bool,
        /// Seconds until the lock ends; none on a locked user means never.
        lockout_expires_in_seconds: Option<i64>,
        /// None where lockout is off.
        verification_attempts_remaining: Option<i64>,
        /// Whether the user may delete itself.
        delete_self_enabled: bool,
        /// Whether the user may create organizations.
        create_organization_enabled: bool,
        /// How many; 0 is unlimited, none the instance's default.
        create_organizations_limit: Option<i64>,
        /// Whether the directory that the user came from has taken it away.
        deprovisioned: bool,
        /// Whether the user's devices are not checked.
        bypass_client_trust: bool,
        /// When the user accepted the legal terms.
        legal_accepted_at: Option<i64>,
        /// Creation.
        created_at: i64,
        /// Last change.
        updated_at: i64,
    }
}

impl User {
    /// The primary email address, if there is one.
    pub fn primary_email_address(&self) -> Option<&EmailAddress> {
        let id = self.primary_email_address_id.as_ref()?;
        self.email_addresses.iter().find(|email| email.id == *id)
    }

    /// The primary phone number, if there is one.
    pub fn primary_phone_number(&self) -> Option<&PhoneNumber> {
        let id = self.primary_phone_number_id.as_ref()?;
        self.phone_numbers.iter().find(|phone| phone.id == *id)
    }

    /// The public metadata as a type of the caller's own.
    pub fn public_metadata_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(Value::Object(self.public_metadata.clone()))
    }

    /// The private metadata as a type of the caller's own.
    pub fn private_metadata_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(Value::Object(self.private_metadata.clone().unwrap_or_default()))
    }

    /// The unsafe metadata as a type of the caller's own.
    pub fn unsafe_metadata_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(Value::Object(self.unsafe_metadata.clone()))
    }
}
