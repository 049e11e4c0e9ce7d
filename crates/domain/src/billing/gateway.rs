//! Who collects payments.

use serde::{Deserialize, Serialize};

/// Who collects payments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gateway {
    /// The operator, who sends invoices and marks them paid.
    #[default]
    Manual,
    /// Stripe, from the payer's default means of payment there.
    Stripe,
}

impl Gateway {
    /// As it is spelled.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Stripe => "stripe",
        }
    }
}
