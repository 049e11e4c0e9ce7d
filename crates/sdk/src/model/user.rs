//! The user.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Metadata;
use crate::{
    EmailAddress, EmailAddressId, ExternalAccount, Passkey, PhoneNumber, PhoneNumberId, UserId,
    Web3Wallet, Web3WalletId,
};

/// A user, as every user operation answers with it.
///
/// Instants are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// `user_…`
    pub id: UserId,
    /// The caller's own id of this user.
    #[serde(default)]
    pub external_id: Option<String>,
    /// One of `email_addresses`.
    #[serde(default)]
    pub primary_email_address_id: Option<EmailAddressId>,
    /// One of `phone_numbers`.
    #[serde(default)]
    pub primary_phone_number_id: Option<PhoneNumberId>,
    /// One of `web3_wallets`.
    #[serde(default)]
    pub primary_web3_wallet_id: Option<Web3WalletId>,
    /// Unique in the instance.
    #[serde(default)]
    pub username: Option<String>,
    /// Given name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// BCP-47 tag.
    #[serde(default)]
    pub locale: Option<String>,
    /// The picture, or a generated avatar.
    #[serde(default)]
    pub image_url: String,
    /// Whether `image_url` is a real picture.
    #[serde(default)]
    pub has_image: bool,
    /// Read by everyone, written by the backend.
    #[serde(default)]
    pub public_metadata: Metadata,
    /// Read and written by the backend; none where it is not shown.
    #[serde(default)]
    pub private_metadata: Option<Metadata>,
    /// Read and written by everyone.
    #[serde(default)]
    pub unsafe_metadata: Metadata,
    /// In order of creation.
    #[serde(default)]
    pub email_addresses: Vec<EmailAddress>,
    /// In order of creation.
    #[serde(default)]
    pub phone_numbers: Vec<PhoneNumber>,
    /// In order of creation.
    #[serde(default)]
    pub web3_wallets: Vec<Web3Wallet>,
    /// In order of creation.
    #[serde(default)]
    pub passkeys: Vec<Passkey>,
    /// In order of creation.
    #[serde(default)]
    pub external_accounts: Vec<ExternalAccount>,
    /// Whether the user has a password.
    #[serde(default)]
    pub password_enabled: bool,
    /// When the password was last set.
    #[serde(default)]
    pub password_last_updated_at: Option<i64>,
    /// Whether any second factor is active.
    #[serde(default)]
    pub two_factor_enabled: bool,
    /// Whether the user has an authenticator app.
    #[serde(default)]
    pub totp_enabled: bool,
    /// Whether the user has backup codes.
    #[serde(default)]
    pub backup_code_enabled: bool,
    /// When a second factor was last switched on.
    #[serde(default)]
    pub mfa_enabled_at: Option<i64>,
    /// When the last second factor was last switched off.
    #[serde(default)]
    pub mfa_disabled_at: Option<i64>,
    /// When the user last signed in.
    #[serde(default)]
    pub last_sign_in_at: Option<i64>,
    /// Latest session activity.
    #[serde(default)]
    pub last_active_at: Option<i64>,
    /// Whether signing in is refused for good.
    #[serde(default)]
    pub banned: bool,
    /// Whether signing in is refused for now.
    #[serde(default)]
    pub locked: bool,
    /// Seconds until the lock ends; none on a locked user means never.
    #[serde(default)]
    pub lockout_expires_in_seconds: Option<i64>,
    /// None where lockout is off.
    #[serde(default)]
    pub verification_attempts_remaining: Option<i64>,
    /// Whether the user may delete itself.
    #[serde(default)]
    pub delete_self_enabled: bool,
    /// Whether the user may create organizations.
    #[serde(default)]
    pub create_organization_enabled: bool,
    /// How many; 0 is unlimited, none the instance's default.
    #[serde(default)]
    pub create_organizations_limit: Option<i64>,
    /// When the user accepted the legal terms.
    #[serde(default)]
    pub legal_accepted_at: Option<i64>,
    /// Creation.
    #[serde(default)]
    pub created_at: i64,
    /// Last change.
    #[serde(default)]
    pub updated_at: i64,
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
