//! Whether users and organizations pay, and through whom.

use serde::{Deserialize, Serialize};

use crate::billing::Gateway;

/// Billing of an instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BillingSettings {
    /// Whether it is on.
    pub enabled: bool,
    /// Who collects payments that become due from now on.
    pub gateway: Gateway,
}
