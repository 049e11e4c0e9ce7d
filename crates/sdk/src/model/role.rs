//! What members of organizations may do.

use super::model;
use crate::{PermissionId, RoleId};

model! {
    /// A role that members may have.
    Role {
        /// `role_…`
        id: RoleId,
        /// Such as `org:admin`.
        key: String,
    } optional {
        /// For people.
        name: String,
        /// For people.
        description: Option<String>,
        /// Whether whoever creates an organization may get it.
        is_creator_eligible: bool,
        /// What it allows.
        permissions: Vec<Permission>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// Something that a role may allow.
    Permission {
        /// `perm_…`
        id: PermissionId,
        /// Such as `org:invoices:create`.
        key: String,
    } optional {
        /// For people.
        name: String,
        /// For people.
        description: Option<String>,
        /// `system` or `user`, who has made it.
        r#type: String,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}
