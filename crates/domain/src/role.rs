//! Roles in organizations and the permissions they are made of.

use rollbook_wire::{self as wire, Code, Id, Prefix};
use serde::{Deserialize, Serialize};

use crate::Problem;

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

    /// As the API shows it.
    pub fn body(&self) -> wire::Permission {
        wire::Permission {
            object: "permission".to_owned(),
            id: self.id.to_string(),
            name: self.name.clone(),
            key: self.key.clone(),
            description: self.description.clone(),
            kind: if self.is_system() { "system" } else { "user" }.to_owned(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
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

    /// Whether the role has the permissions that someone in every organization needs;
    /// only such a role is for creators.
    pub fn is_elevated(&self) -> bool {
        ELEVATED_PERMISSIONS.iter().all(|key| self.permissions.iter().any(|own| own == key))
    }

    /// As the API shows it; `permissions` are all of the instance.
    pub fn body(&self, permissions: &[Permission]) -> wire::Role {
        let own = self.permissions.iter();
        let own = own.filter_map(|key| permissions.iter().find(|other| other.key == *key));
        wire::Role {
            object: "role".to_owned(),
            id: self.id.to_string(),
            name: self.name.clone(),
            key: self.key.clone(),
            description: self.description.clone(),
            is_creator_eligible: self.is_elevated(),
            permissions: own.map(Permission::body).collect(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// The key of a role: `org:` and lower-case ASCII letters, digits and underscores.
pub fn parse_role_key(key: &str) -> Result<String, Problem> {
    match key.strip_prefix("org:") {
        Some(rest) if is_segment(rest) => Ok(key.to_owned()),
        _ => Err(malformed(
            "key must begin with org: and go on with lower-case letters, digits and underscores, \
             256 characters at most.",
        )),
    }
}

/// The key of a permission that is not the system's: `org:feature:action`.
pub fn parse_permission_key(key: &str) -> Result<String, Problem> {
    let segments = key.strip_prefix("org:").and_then(|rest| rest.split_once(':'));
    match segments {
        Some(_) if key.starts_with(SYSTEM_PREFIX) => {
            Err(malformed("key must not begin with org:sys_, which is the system's."))
        }
        Some((feature, action)) if is_segment(feature) && is_segment(action) => Ok(key.to_owned()),
        _ => Err(malformed(
            "key must have the form org:feature:action, of lower-case letters, digits and \
             underscores, each 256 characters at most.",
        )),
    }
}

fn is_segment(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=256).contains(&text.len()) && text.bytes().all(allowed)
}

fn malformed(text: &str) -> Problem {
    Problem::param(Code::FormParamFormatInvalid, "key", text)
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
    fn keys_have_a_form() {
        for key in ["org:a", "org:billing_2", "org:sys_x"] {
            assert_eq!(parse_role_key(key).as_deref(), Ok(key));
        }
        for key in ["", "org:", "a", "org:A", "org:a b", "org:a:b", "ORG:a", " org:a", "org:é"] {
            assert_eq!(parse_role_key(key).expect_err(key).code, Code::FormParamFormatInvalid);
        }
        assert!(parse_role_key(&format!("org:{}", "a".repeat(257))).is_err());
        for key in ["org:team:read", "org:a_1:b_2"] {
            assert_eq!(parse_permission_key(key).as_deref(), Ok(key));
        }
        for key in ["", "org:a", "org:a:", "org::b", "org:a:b:c", "org:sys_a:b", "a:b", "org:A:b"] {
            assert!(parse_permission_key(key).is_err(), "{key}");
        }
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
