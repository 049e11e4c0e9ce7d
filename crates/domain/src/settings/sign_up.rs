//! What holds for new users.

use serde::{Deserialize, Serialize};

/// What new users may do unless their creation says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Actions {
    /// Delete themselves.
    pub delete_self: bool,
    /// Create organizations.
    pub create_organization: bool,
}

impl Default for Actions {
    fn default() -> Self {
        Self { delete_self: true, create_organization: true }
    }
}

/// Sign-up rules that also hold for creation through the API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignUp {
    /// Whether a new user must have accepted the legal terms.
    pub legal_consent_enabled: bool,
}
