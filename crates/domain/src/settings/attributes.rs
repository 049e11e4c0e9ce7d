//! Which identifiers and credentials users may and must have.

use serde::{Deserialize, Serialize};

/// One switch per identifier and credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attributes {
    /// Email addresses.
    pub email_address: Attribute,
    /// Phone numbers.
    pub phone_number: Attribute,
    /// The username.
    pub username: Attribute,
    /// Wallets.
    pub web3_wallet: Attribute,
    /// The given name.
    pub first_name: Attribute,
    /// The family name.
    pub last_name: Attribute,
    /// The password.
    pub password: Attribute,
    /// TOTP.
    pub authenticator_app: Attribute,
    /// Backup codes.
    pub backup_code: Attribute,
    /// Passkeys.
    pub passkey: Attribute,
}

/// Whether something may and must be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attribute {
    /// May be given.
    pub enabled: bool,
    /// Must be given; needs `enabled`.
    pub required: bool,
}

impl Attribute {
    pub(super) const ON: Self = Self { enabled: true, required: false };
    pub(super) const OFF: Self = Self { enabled: false, required: false };
    pub(super) const REQUIRED: Self = Self { enabled: true, required: true };
}

impl Default for Attribute {
    fn default() -> Self {
        Self::ON
    }
}

impl Default for Attributes {
    fn default() -> Self {
        Self {
            email_address: Attribute::ON,
            phone_number: Attribute::ON,
            username: Attribute::ON,
            web3_wallet: Attribute::ON,
            first_name: Attribute::ON,
            last_name: Attribute::ON,
            password: Attribute::ON,
            authenticator_app: Attribute::ON,
            backup_code: Attribute::ON,
            passkey: Attribute::ON,
        }
    }
}

impl Attributes {
    /// What is wrong with them, each with the name of the attribute.
    pub(super) fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let mut problems = Vec::new();
        for (name, attribute) in [
            ("email_address", self.email_address),
            ("phone_number", self.phone_number),
            ("username", self.username),
            ("web3_wallet", self.web3_wallet),
            ("first_name", self.first_name),
            ("last_name", self.last_name),
            ("password", self.password),
        ] {
            if attribute.required && !attribute.enabled {
                problems.push((name, "cannot be required while it is not enabled"));
            }
        }
        for (name, attribute) in [
            ("authenticator_app", self.authenticator_app),
            ("backup_code", self.backup_code),
            ("passkey", self.passkey),
        ] {
            if attribute.required {
                problems.push((name, "cannot be required of a new user"));
            }
        }
        problems
    }
}
