//! How many requests of an instance are answered.

use serde::{Deserialize, Serialize};

use super::Environment;

/// How many requests are answered before 429.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RateLimits {
    /// No limit.
    #[default]
    Off,
    /// Clerk's: 1000 per 10 s (production) or 100 (development), and 10 per 10 s and user.
    Clerk,
    /// Own numbers.
    #[serde(untagged)]
    Custom(CustomLimits),
}

/// Requests per 10 s; null is unlimited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomLimits {
    /// Of the whole instance.
    pub instance_per_10_s: Option<u32>,
    /// Updates and metadata writes of one user.
    pub user_update_per_10_s: Option<u32>,
}

impl RateLimits {
    /// The numbers in force for an instance of this kind.
    pub fn numbers(self, environment: Environment) -> CustomLimits {
        match (self, environment) {
            (Self::Off, _) => CustomLimits::default(),
            (Self::Clerk, Environment::Development) => {
                CustomLimits { instance_per_10_s: Some(100), user_update_per_10_s: Some(10) }
            }
            (Self::Clerk, Environment::Production) => {
                CustomLimits { instance_per_10_s: Some(1000), user_update_per_10_s: Some(10) }
            }
            (Self::Custom(numbers), _) => numbers,
        }
    }
}
