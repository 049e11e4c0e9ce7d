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

/// Requests per 10 s or per hour; null is unlimited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomLimits {
    /// Of the whole instance.
    pub instance_per_10_s: Option<u32>,
    /// Updates and metadata writes of one user.
    pub user_update_per_10_s: Option<u32>,
    /// The same of one organization, and metadata writes of one membership.
    pub organization_update_per_10_s: Option<u32>,
    /// Requests that invite one to the application, per hour.
    pub invitations_per_hour: Option<u32>,
    /// Requests that invite several to the application, per hour.
    pub invitations_bulk_per_hour: Option<u32>,
    /// Requests that invite one to an organization, per hour.
    pub organization_invitations_per_hour: Option<u32>,
    /// Requests that invite several to an organization, per hour.
    pub organization_invitations_bulk_per_hour: Option<u32>,
}

impl CustomLimits {
    /// Clerk's, of which only the first differs by environment.
    const fn clerk(instance_per_10_s: u32) -> Self {
        Self {
            instance_per_10_s: Some(instance_per_10_s),
            user_update_per_10_s: Some(10),
            organization_update_per_10_s: Some(10),
            invitations_per_hour: Some(100),
            invitations_bulk_per_hour: Some(25),
            organization_invitations_per_hour: Some(250),
            organization_invitations_bulk_per_hour: Some(50),
        }
    }
}

impl RateLimits {
    /// The numbers in force for an instance of this kind.
    pub fn numbers(self, environment: Environment) -> CustomLimits {
        match (self, environment) {
            (Self::Off, _) => CustomLimits::default(),
            (Self::Clerk, Environment::Development) => CustomLimits::clerk(100),
            (Self::Clerk, Environment::Production) => CustomLimits::clerk(1000),
            (Self::Custom(numbers), _) => numbers,
        }
    }
}
