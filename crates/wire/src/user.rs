//! The user and what hangs on it, with every field of the newest specification.
//!
//! Texts may be borrowed: the server renders from a record without copying it;
//! what a client reads owns its texts and lives as long as it likes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A user, as every user operation answers with it.
///
/// Instants are integer milliseconds since 1970.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User<'a> {
    /// `user_…`
    pub id: Cow<'a, str>,
    /// Always `user`.
    pub object: Cow<'a, str>,
    /// The caller's own id of this user, unique in the instance.
    pub external_id: Option<Cow<'a, str>>,
    /// `idn_…` of the primary email address.
    pub primary_email_address_id: Option<Cow<'a, str>>,
    /// `idn_…` of the primary phone number.
    pub primary_phone_number_id: Option<Cow<'a, str>>,
    /// `idn_…` of the primary wallet.
    pub primary_web3_wallet_id: Option<Cow<'a, str>>,
    /// Unique in the instance, lower case.
    pub username: Option<Cow<'a, str>>,
    /// Given name.
    pub first_name: Option<Cow<'a, str>>,
    /// Family name.
    pub last_name: Option<Cow<'a, str>>,
    /// BCP-47 tag.
    pub locale: Option<Cow<'a, str>>,
    /// Deprecated by `image_url`.
    pub profile_image_url: Cow<'a, str>,
    /// The picture, or a generated avatar.
    pub image_url: Cow<'a, str>,
    /// Whether `image_url` is a real picture.
    pub has_image: bool,
    /// Read by everyone, written by the backend.
    pub public_metadata: Cow<'a, RawValue>,
    /// Read and written by the backend.
    pub private_metadata: Cow<'a, RawValue>,
    /// Read and written by everyone.
    pub unsafe_metadata: Cow<'a, RawValue>,
    /// In order of creation.
    pub email_addresses: Vec<EmailAddress<'a>>,
    /// In order of creation.
    pub phone_numbers: Vec<PhoneNumber<'a>>,
    /// In order of creation.
    pub web3_wallets: Vec<Web3Wallet<'a>>,
    /// In order of creation.
    pub passkeys: Vec<Passkey<'a>>,
    /// Whether the user has a password.
    pub password_enabled: bool,
    /// Whether any second factor is active.
    pub two_factor_enabled: bool,
    /// Whether the user has an authenticator app.
    pub totp_enabled: bool,
    /// Whether the user has backup codes.
    pub backup_code_enabled: bool,
    /// When a second factor was last switched on.
    pub mfa_enabled_at: Option<i64>,
    /// When the last second factor was last switched off.
    pub mfa_disabled_at: Option<i64>,
    /// When the password was last set.
    pub password_last_updated_at: Option<i64>,
    /// In order of creation.
    pub external_accounts: Vec<ExternalAccount<'a>>,
    /// Always empty so far.
    pub saml_accounts: Vec<SamlAccount>,
    /// Always empty so far.
    pub enterprise_accounts: Vec<EnterpriseAccount>,
    /// When the user last signed in.
    pub last_sign_in_at: Option<i64>,
    /// Whether signing in is refused for good.
    pub banned: bool,
    /// Whether signing in is refused for now.
    pub locked: bool,
    /// Seconds until the lock ends; null on a locked user means never.
    pub lockout_expires_in_seconds: Option<i64>,
    /// Null when the instance has lockout off.
    pub verification_attempts_remaining: Option<i64>,
    /// Last change.
    pub updated_at: i64,
    /// Creation, which the caller may set.
    pub created_at: i64,
    /// Whether the user may delete itself.
    pub delete_self_enabled: bool,
    /// Whether the user may create organizations.
    pub create_organization_enabled: bool,
    /// How many; 0 is unlimited, null the instance's default.
    pub create_organizations_limit: Option<i64>,
    /// Latest session activity.
    pub last_active_at: Option<i64>,
    /// When the user accepted the legal terms.
    pub legal_accepted_at: Option<i64>,
    /// Whether client trust checks are skipped for this user.
    pub bypass_client_trust: bool,
    /// Whether a directory has taken the account away.
    pub deprovisioned: bool,
    /// The directory that manages the user, if any.
    pub scim: Option<Scim<'a>>,
}

/// An email address that leads to a user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmailAddress<'a> {
    /// `idn_…`
    pub id: Cow<'a, str>,
    /// Always `email_address`.
    pub object: Cow<'a, str>,
    /// The address, folded.
    pub email_address: Cow<'a, str>,
    /// Held for the user but not verified.
    pub reserved: bool,
    /// Null or how it was proved.
    pub verification: Option<Verification<'a>>,
    /// The connected accounts that proved it.
    pub linked_to: Vec<IdentificationLink<'a>>,
    /// Whether its domain belongs to an active enterprise connection.
    pub matches_sso_connection: bool,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

/// A phone number that leads to a user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PhoneNumber<'a> {
    /// `idn_…`
    pub id: Cow<'a, str>,
    /// Always `phone_number`.
    pub object: Cow<'a, str>,
    /// E.164.
    pub phone_number: Cow<'a, str>,
    /// Whether it serves as a second factor.
    pub reserved_for_second_factor: bool,
    /// Whether it is the preferred second factor.
    pub default_second_factor: bool,
    /// Held for the user but not verified.
    pub reserved: bool,
    /// Null or how it was proved.
    pub verification: Option<Verification<'a>>,
    /// Always empty.
    pub linked_to: Vec<IdentificationLink<'a>>,
    /// Always null; codes are never shown again.
    pub backup_codes: Option<Vec<Cow<'a, str>>>,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

/// A wallet that leads to a user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Web3Wallet<'a> {
    /// `idn_…`
    pub id: Cow<'a, str>,
    /// Always `web3_wallet`.
    pub object: Cow<'a, str>,
    /// EIP-55 or Solana address.
    pub web3_wallet: Cow<'a, str>,
    /// Null or how it was proved.
    pub verification: Option<Verification<'a>>,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

/// A passkey of a user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Passkey<'a> {
    /// `idn_…`
    pub id: Cow<'a, str>,
    /// Always `passkey`.
    pub object: Cow<'a, str>,
    /// What the user calls it.
    pub name: Cow<'a, str>,
    /// Creation, when it was never used.
    pub last_used_at: i64,
    /// Null or how it was proved.
    pub verification: Option<Verification<'a>>,
}

/// A connected account at an OAuth provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExternalAccount<'a> {
    /// `external_account`, `google_account` or `facebook_account`.
    pub object: Cow<'a, str>,
    /// The `idn_…` for Google and Facebook, the `eac_…` for all others.
    pub id: Cow<'a, str>,
    /// `eac_…`
    pub external_account_id: Cow<'a, str>,
    /// Such as `oauth_google`.
    pub provider: Cow<'a, str>,
    /// `idn_…`
    pub identification_id: Cow<'a, str>,
    /// The provider's id of the user.
    pub provider_user_id: Cow<'a, str>,
    /// Separated by spaces.
    pub approved_scopes: Cow<'a, str>,
    /// Empty if the provider gave none.
    pub email_address: Cow<'a, str>,
    /// What the provider says of it.
    pub email_address_verified: Option<bool>,
    /// Empty if the provider gave none.
    pub first_name: Cow<'a, str>,
    /// Empty if the provider gave none.
    pub last_name: Cow<'a, str>,
    /// Deprecated by `image_url`.
    pub avatar_url: Cow<'a, str>,
    /// The provider's picture.
    pub image_url: Option<Cow<'a, str>>,
    /// The provider's user name.
    pub username: Option<Cow<'a, str>>,
    /// The provider's phone number.
    pub phone_number: Option<Cow<'a, str>>,
    /// A free label.
    pub label: Option<Cow<'a, str>>,
    /// Never null.
    pub public_metadata: Cow<'a, RawValue>,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
    /// Null or how it was proved.
    pub verification: Option<Verification<'a>>,
}

/// How an identification was proved; `object` tells the variants apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification<'a> {
    /// `verification_admin`, `verification_otp`, `verification_oauth`, …
    pub object: Cow<'a, str>,
    /// `verified`, `unverified`, …
    pub status: Cow<'a, str>,
    /// `admin`, `email_code`, `oauth_google`, …
    pub strategy: Cow<'a, str>,
    /// Attempts so far, where they are counted.
    pub attempts: Option<i64>,
    /// When the proof runs out.
    pub expire_at: Option<i64>,
}

/// A connected account that proved an email address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentificationLink<'a> {
    /// Such as `oauth_google`.
    pub r#type: Cow<'a, str>,
    /// `idn_…` of the account.
    pub id: Cow<'a, str>,
}

/// An account of a SAML connection; none exist so far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SamlAccount {}

/// An account of an enterprise connection; none exist so far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnterpriseAccount {}

/// The directory that manages a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scim<'a> {
    /// The directory.
    pub directory_id: Cow<'a, str>,
    /// The directory's id of the user.
    pub external_id: Option<Cow<'a, str>>,
    /// Whether the directory is active.
    pub directory_enabled: bool,
}
