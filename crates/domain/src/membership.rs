//! A user's membership in an organization, as it is kept.

use rollbook_wire::Id;

use crate::{Metadata, OrderKey};

/// A membership; a user has at most one in an organization.
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    /// `orgmem_…`
    pub id: Id,
    /// `org_…`
    pub organization_id: Id,
    /// `user_…`
    pub user_id: Id,
    /// The key of a role.
    pub role: String,
    /// Read by everyone, written by the backend.
    pub public_metadata: Metadata,
    /// Read and written by the backend.
    pub private_metadata: Metadata,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

impl Membership {
    /// What memberships can be ordered by; all but the first are columns of the user.
    pub fn order_key(name: &str) -> Option<OrderKey> {
        let key = OrderKey::from_name(name)?;
        match key {
            OrderKey::CreatedAt
            | OrderKey::EmailAddress
            | OrderKey::PhoneNumber
            | OrderKey::FirstName
            | OrderKey::LastName
            | OrderKey::Username => Some(key),
            OrderKey::UpdatedAt
            | OrderKey::Web3Wallet
            | OrderKey::LastActiveAt
            | OrderKey::LastSignInAt => None,
        }
    }
}
