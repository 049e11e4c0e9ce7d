//! What an instance is for, and where its settings start.

use serde::{Deserialize, Serialize};

/// Whether an instance serves trials or real people; the key's second word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// `sk_test_…`
    #[default]
    Development,
    /// `sk_live_…`
    Production,
}

impl Environment {
    /// How secret keys of such an instance begin.
    pub const fn key_prefix(self) -> &'static str {
        match self {
            Self::Development => "sk_test_",
            Self::Production => "sk_live_",
        }
    }

    /// How publishable keys of such an instance begin.
    pub const fn publishable_key_prefix(self) -> &'static str {
        match self {
            Self::Development => "pk_test_",
            Self::Production => "pk_live_",
        }
    }

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
        }
    }
}

/// A named starting point for the settings of a new instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Everything on, nothing required: every documented parameter works.
    #[default]
    Permissive,
    /// What a new application at Clerk starts with.
    Clerk,
}
