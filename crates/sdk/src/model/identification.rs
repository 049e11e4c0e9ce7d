//! What leads to a user.

use serde::{Deserialize, Serialize};

use super::{Metadata, open_enum};
use crate::{EmailAddressId, ExternalAccountId, PasskeyId, PhoneNumberId, Web3WalletId};

open_enum! {
    /// How far a verification has come.
    VerificationStatus {
        /// Not proved.
        Unverified = "unverified",
        /// Proved.
        Verified = "verified",
        /// Not proved, and cannot be any more.
        Failed = "failed",
        /// Not proved in time.
        Expired = "expired",
        /// Proved, and belongs to another user.
        Transferable = "transferable",
    }
}

/// How an identification was proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verification {
    /// How far it has come.
    pub status: VerificationStatus,
    /// Such as `admin`, `email_code` or `from_oauth_google`.
    pub strategy: String,
    /// Which kind it is, such as `verification_admin`.
    #[serde(default)]
    pub object: String,
    /// How often it was tried.
    #[serde(default)]
    pub attempts: Option<i64>,
    /// Milliseconds.
    #[serde(default)]
    pub expire_at: Option<i64>,
}

/// What proved an identification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IdentificationLink {
    /// `idn_…`
    pub id: String,
    /// Such as `oauth_google`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// An email address of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailAddress {
    /// `idn_…`
    pub id: EmailAddressId,
    /// The address.
    pub email_address: String,
    /// Held for the user but not proved.
    #[serde(default)]
    pub reserved: bool,
    /// How it was proved.
    #[serde(default)]
    pub verification: Option<Verification>,
    /// What proved it.
    #[serde(default)]
    pub linked_to: Vec<IdentificationLink>,
    /// Milliseconds.
    #[serde(default)]
    pub created_at: i64,
    /// Milliseconds.
    #[serde(default)]
    pub updated_at: i64,
}

/// A phone number of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PhoneNumber {
    /// `idn_…`
    pub id: PhoneNumberId,
    /// E.164.
    pub phone_number: String,
    /// Whether it serves as a second factor.
    #[serde(default)]
    pub reserved_for_second_factor: bool,
    /// Whether it is the second factor asked for first.
    #[serde(default)]
    pub default_second_factor: bool,
    /// Held for the user but not proved.
    #[serde(default)]
    pub reserved: bool,
    /// How it was proved.
    #[serde(default)]
    pub verification: Option<Verification>,
    /// What proved it.
    #[serde(default)]
    pub linked_to: Vec<IdentificationLink>,
    /// Milliseconds.
    #[serde(default)]
    pub created_at: i64,
    /// Milliseconds.
    #[serde(default)]
    pub updated_at: i64,
}

/// A wallet of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Web3Wallet {
    /// `idn_…`
    pub id: Web3WalletId,
    /// The address of the wallet.
    pub web3_wallet: String,
    /// How it was proved.
    #[serde(default)]
    pub verification: Option<Verification>,
    /// Milliseconds.
    #[serde(default)]
    pub created_at: i64,
    /// Milliseconds.
    #[serde(default)]
    pub updated_at: i64,
}

/// A passkey of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Passkey {
    /// `idn_…`
    pub id: PasskeyId,
    /// What the user calls it.
    #[serde(default)]
    pub name: String,
    /// Milliseconds; the latest proof by it.
    #[serde(default)]
    pub last_used_at: Option<i64>,
    /// How it was proved.
    #[serde(default)]
    pub verification: Option<Verification>,
}

/// A connected account at an OAuth provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExternalAccount {
    /// `eac_…`, except for Google and Facebook, where it is `idn_…`; see [`ExternalAccount::account_id`].
    pub id: ExternalAccountId,
    /// Which kind it is: `external_account`, `google_account` or `facebook_account`.
    #[serde(default)]
    pub object: String,
    /// `eac_…` where `id` is not.
    #[serde(default)]
    pub external_account_id: Option<ExternalAccountId>,
    /// Such as `oauth_google`.
    #[serde(default)]
    pub provider: String,
    /// `idn_…`
    #[serde(default)]
    pub identification_id: String,
    /// The provider's id of the user.
    #[serde(default)]
    pub provider_user_id: String,
    /// Separated by spaces.
    #[serde(default)]
    pub approved_scopes: String,
    /// Empty if the provider gave none.
    #[serde(default)]
    pub email_address: String,
    /// Empty if the provider gave none.
    #[serde(default)]
    pub first_name: String,
    /// Empty if the provider gave none.
    #[serde(default)]
    pub last_name: String,
    /// The provider's picture.
    #[serde(default)]
    pub image_url: Option<String>,
    /// The provider's user name.
    #[serde(default)]
    pub username: Option<String>,
    /// A free label.
    #[serde(default)]
    pub label: Option<String>,
    /// Read by everyone.
    #[serde(default)]
    pub public_metadata: Metadata,
    /// How it was proved.
    #[serde(default)]
    pub verification: Option<Verification>,
    /// Milliseconds.
    #[serde(default)]
    pub created_at: i64,
    /// Milliseconds.
    #[serde(default)]
    pub updated_at: i64,
}

impl ExternalAccount {
    /// What `delete_external_account` takes.
    pub fn account_id(&self) -> &ExternalAccountId {
        self.external_account_id.as_ref().unwrap_or(&self.id)
    }
}
