//! What an instance says of organizations (`OrganizationSettings` of the specification).

use rollbook_wire::Code;
use serde::{Deserialize, Serialize};

use crate::Problem;

/// How organizations of an instance behave; the names are those of the specification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrganizationSettings {
    /// Whether there are organizations.
    pub enabled: bool,
    /// Members, pending invitations included, that a new organization may have; 0 is unlimited.
    pub max_allowed_memberships: u32,
    /// Roles that an instance may have.
    pub max_allowed_roles: u32,
    /// Domains that an organization may have.
    pub max_allowed_domains: u32,
    /// The key of the role that a creator gets.
    pub creator_role: String,
    /// Whether administrators of a new organization may delete it.
    pub admin_delete_enabled: bool,
    /// Whether organizations have domains.
    pub domains_enabled: bool,
    /// Whether a slug may not be chosen; one is made all the same.
    pub slug_disabled: bool,
    /// How people with an address of a domain may join.
    pub domains_enrollment_modes: Vec<EnrollmentMode>,
    /// The key of the role that they get.
    pub domains_default_role: String,
    /// Days that an invitation is good for unless it says otherwise, 1 to 365.
    pub invitation_expires_in_days: u32,
}

/// How people with an address of a domain may join an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrollmentMode {
    /// Somebody invites them.
    ManualInvitation,
    /// They are invited by themselves.
    AutomaticInvitation,
    /// The organization is suggested to them.
    AutomaticSuggestion,
}

impl Default for OrganizationSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            max_allowed_memberships: 0,
            max_allowed_roles: 10,
            max_allowed_domains: 10,
            creator_role: "org:admin".to_owned(),
            admin_delete_enabled: true,
            domains_enabled: false,
            slug_disabled: false,
            domains_enrollment_modes: Vec::new(),
            domains_default_role: "org:member".to_owned(),
            invitation_expires_in_days: 30,
        }
    }
}

impl OrganizationSettings {
    /// What a new application at Clerk starts with: off, five members, no slugs.
    pub fn of_a_new_application() -> Self {
        Self { enabled: false, max_allowed_memberships: 5, slug_disabled: true, ..Self::default() }
    }

    /// What cannot be.
    pub fn problems(&self) -> Option<Problem> {
        let days = self.invitation_expires_in_days;
        (!(1..=365).contains(&days)).then(|| {
            Problem::param(
                Code::FormParamValueInvalid,
                "invitation_expires_in_days",
                "invitation_expires_in_days must lie between 1 and 365.",
            )
        })
    }
}
