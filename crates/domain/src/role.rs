//! Roles in organizations and the permissions they are made of.

use rollbook_wire::{Id, Prefix};
use serde::{Deserialize, Serialize};

/// The permissions without which nobody could run an organization any more.
pub const ELEVATED_PERMISSIONS: [&str; 3] =
    ["org:sys_memberships:manage", "org:sys_memberships:read", "org:sys_profile:delete"];

/// Keys that begin like this belong to the system.
const SYSTEM_PREFIX: &str = "org:sys_";

/// Every permission of the system: key, name, description.
const SYSTEM: [(&str, &str, &str); 9] = [
    ("org:sys_profile:manage", "Manage organization", "Change the name, slug and logo."),
    ("org:sys_profile:delete", "Delete organization", "Delete the organization."),
    ("org:sys_memberships:read", "Read members", "See members and invitations."),
    ("org:sys_memberships:manage", "Manage members", "Invite, change and remove members."),
    ("org:sys_domains:read", "Read domains", "See domains."),
    ("org:sys_domains:manage", "Manage domains", "Add, change and remove domains."),
    ("org:sys_billing:read", "Read billing", "See plans and invoices."),
    ("org:sys_billing:manage", "Manage billing", "Change plans and ways to pay."),
    ("org:sys_entconns:manage", "Manage enterprise connections", "Change how members sign in."),
];

/// What a role may permit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// `perm_…`
    pub id: Id,
    /// `org:feature:action`
    pub key: String,
    /// For people.
    pub name: String,
    /// For people; may be empty.
    pub description: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

impl Permission {
    /// The permissions that every instance has; their ids are the same everywhere.
    pub fn system(created_at: i64) -> Vec<Self> {
        let number = SYSTEM.iter().zip(1_u128..);
        let permission = number.map(|((key, name, description), n)| Self {
            id: Id::new(Prefix::Permission, 0, n.to_be_bytes()),
            key: (*key).to_owned(),
            name: (*name).to_owned(),
            description: (*description).to_owned(),
            created_at,
            updated_at: created_at,
        });
        permission.collect()
    }

    /// Whether it is one of the system's.
    pub fn is_system(&self) -> bool {
        self.key.starts_with(SYSTEM_PREFIX)
    }
}

/// A role that members of organizations can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// `role_…`
    pub id: Id,
    /// `org:…`
    pub key: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// The keys of its permissions, in the order in which they were given.
    pub permissions: Vec<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

impl Role {
    /// The roles that an instance has until it makes its own: `org:admin` with every
    /// permission of the system, and `org:member` that reads members and billing.
    pub fn built_in(created_at: i64) -> [Self; 2] {
        let role = |n: u128, key: &str, name: &str, permissions: Vec<String>| Self {
            id: Id::new(Prefix::Role, 0, n.to_be_bytes()),
            key: key.to_owned(),
            name: name.to_owned(),
            description: None,
            permissions,
            created_at,
            updated_at: created_at,
        };
        let all = SYSTEM.iter().map(|(key, ..)| (*key).to_owned()).collect();
        let reading = ["org:sys_memberships:read", "org:sys_billing:read"];
        [
            role(1, "org:admin", "Admin", all),
            role(2, "org:member", "Member", reading.map(str::to_owned).to_vec()),
        ]
    }

    /// Whether the role may invite, change and remove members.
    pub fn manages_members(&self) -> bool {
        self.permissions.iter().any(|key| key == "org:sys_memberships:manage")
    }

    /// Whether the role has the permissions that someone in every organization needs;
    /// only such a role is for creators.
    pub fn is_elevated(&self) -> bool {
        ELEVATED_PERMISSIONS.iter().all(|key| self.permissions.iter().any(|own| own == key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn administrators_can_run_an_organization_and_members_cannot() {
        let [admin, member] = Role::built_in(5);
        assert!(admin.is_elevated() && !member.is_elevated());
        assert_eq!((admin.permissions.len(), member.permissions.len()), (9, 2));
        assert_eq!((admin.created_at, member.updated_at), (5, 5));
        assert_ne!(admin.id, member.id);
    }

    #[test]
    fn permissions_of_the_system_have_ids_of_their_own_and_every_role_knows_only_such() {
        let system = Permission::system(0);
        let mut ids: Vec<_> = system.iter().map(|p| p.id.as_str()).collect();
        ids.dedup();
        assert_eq!(ids.len(), SYSTEM.len());
        assert!(system.iter().all(Permission::is_system));
        for key in Role::built_in(0).iter().flat_map(|role| &role.permissions) {
            assert!(system.iter().any(|permission| permission.key == *key), "{key}");
        }
    }
}
