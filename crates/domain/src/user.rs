//! The user as it is kept: one aggregate, stored as one record.
//!
//! The JSON form of [`User`] is what the store holds, so every field needs a
//! default and none may change its meaning. Secrets are never in it, nor is
//! what changes often (`last_active_at`, `last_sign_in_at`).

use rollbook_wire::Id;
use serde::{Deserialize, Serialize};

use crate::{EmailAddress, Identified, Metadata, PhoneNumber, Username, Web3Wallet};

/// A user with everything that leads to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// `user_…`
    pub id: Id,
    /// The caller's own id, unique in the instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Unique in the instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Username>,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// BCP-47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The uploaded picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_id: Option<Id>,
    /// In order of creation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub email_addresses: Vec<Identified<EmailAddress>>,
    /// In order of creation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phone_numbers: Vec<Identified<PhoneNumber>>,
    /// In order of creation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub web3_wallets: Vec<Identified<Web3Wallet>>,
    /// In order of creation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external_accounts: Vec<ExternalAccount>,
    /// In order of creation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passkeys: Vec<Passkey>,
    /// One of `email_addresses`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_email_address_id: Option<Id>,
    /// One of `phone_numbers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_phone_number_id: Option<Id>,
    /// One of `web3_wallets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_web3_wallet_id: Option<Id>,
    /// Read by everyone, written by the backend.
    #[serde(default)]
    pub public_metadata: Metadata,
    /// Read and written by the backend.
    #[serde(default)]
    pub private_metadata: Metadata,
    /// Read and written by everyone.
    #[serde(default)]
    pub unsafe_metadata: Metadata,
    /// Whether there is a password digest.
    #[serde(default)]
    pub password_enabled: bool,
    /// When the password was last set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_last_updated_at: Option<i64>,
    /// Whether there is a TOTP seed.
    #[serde(default)]
    pub totp_enabled: bool,
    /// Whether there are backup codes.
    #[serde(default)]
    pub backup_code_enabled: bool,
    /// When a second factor was last switched on; kept when switched off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_enabled_at: Option<i64>,
    /// When the last second factor was last switched off; kept when on again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_disabled_at: Option<i64>,
    /// Signing in is refused for good.
    #[serde(default)]
    pub banned: bool,
    /// Signing in is refused until the lock runs out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
    /// Whether the user may delete itself.
    pub delete_self_enabled: bool,
    /// Whether the user may create organizations.
    pub create_organization_enabled: bool,
    /// How many; 0 is unlimited, none the instance's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_organizations_limit: Option<i64>,
    /// When the user accepted the legal terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_accepted_at: Option<i64>,
    /// Whether client trust checks are skipped for this user.
    #[serde(default)]
    pub bypass_client_trust: bool,
    /// Creation, which the caller may set.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

/// A passkey as its owner sees it; the credential is kept beside the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// `idn_…`
    pub id: Id,
    /// Never empty.
    pub name: String,
    /// The latest proof by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<i64>,
    /// Creation.
    pub created_at: i64,
}

/// A connected account at an OAuth provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExternalAccount {
    /// `eac_…`
    pub id: Id,
    /// `idn_…`
    pub identification_id: Id,
    /// Such as `oauth_google`.
    pub provider: String,
    /// The provider's id of the user.
    pub provider_user_id: String,
    /// Separated by spaces.
    #[serde(default)]
    pub approved_scopes: String,
    /// Empty if the provider gave none.
    #[serde(default)]
    pub email_address: String,
    /// What the provider says of that address, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_address_verified: Option<bool>,
    /// Empty if the provider gave none.
    #[serde(default)]
    pub first_name: String,
    /// Empty if the provider gave none.
    #[serde(default)]
    pub last_name: String,
    /// The provider's user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The provider's picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// A free label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Never null on the wire.
    #[serde(default)]
    pub public_metadata: Metadata,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

/// A lock that runs out by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// None locks until someone unlocks.
    pub until: Option<i64>,
}

impl User {
    /// The lock in force at `now`, if any: a lock that has run out is none.
    pub fn lock_at(&self, now: i64) -> Option<Lock> {
        self.lock.filter(|lock| lock.until.is_none_or(|until| until > now))
    }

    /// Whether any second factor is active.
    pub fn two_factor_enabled(&self) -> bool {
        self.totp_enabled
            || self.phone_numbers.iter().any(|p| p.reserved_for_second_factor && p.is_verified())
    }

    /// Notes in `mfa_enabled_at` and `mfa_disabled_at` whether the second
    /// factors went on or off since `before`.
    pub fn note_mfa(&mut self, before: bool, now: i64) {
        match (before, self.two_factor_enabled()) {
            (false, true) => self.mfa_enabled_at = Some(now),
            (true, false) => self.mfa_disabled_at = Some(now),
            _ => {}
        }
    }

    /// The primary email address, if any.
    pub fn primary_email_address(&self) -> Option<&EmailAddress> {
        primary(&self.email_addresses, self.primary_email_address_id.as_ref())
    }

    /// The primary phone number, if any.
    pub fn primary_phone_number(&self) -> Option<&PhoneNumber> {
        primary(&self.phone_numbers, self.primary_phone_number_id.as_ref())
    }

    /// The primary wallet, if any.
    pub fn primary_web3_wallet(&self) -> Option<&Web3Wallet> {
        primary(&self.web3_wallets, self.primary_web3_wallet_id.as_ref())
    }

    /// The connected accounts that vouch for an email address of the user.
    ///
    /// An account does that for as long as it is connected, unless the provider
    /// says that the address is not verified.
    pub fn accounts_linked_to(
        &self,
        email: &EmailAddress,
    ) -> impl Iterator<Item = &ExternalAccount> {
        self.external_accounts.iter().filter(|account| {
            account.email_address == email.as_str() && account.email_address_verified != Some(false)
        })
    }
}

fn primary<'a, T>(all: &'a [Identified<T>], id: Option<&Id>) -> Option<&'a T> {
    let id = id?;
    all.iter().find(|one| one.id == *id).map(|one| &one.value)
}
