//! Roles in organizations and their permissions.

use serde::{Deserialize, Serialize};

/// A role that members of organizations can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Always `role`.
    pub object: String,
    /// `role_…`
    pub id: String,
    /// For people.
    pub name: String,
    /// `org:…`
    pub key: String,
    /// For people.
    pub description: Option<String>,
    /// Whether who creates an organization may get it.
    pub is_creator_eligible: bool,
    /// What it permits.
    pub permissions: Vec<Permission>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// What a role may permit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// Always `permission`.
    pub object: String,
    /// `perm_…`
    pub id: String,
    /// For people.
    pub name: String,
    /// `org:feature:action`
    pub key: String,
    /// For people; may be empty.
    pub description: String,
    /// `system` or `user`, who made it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}
