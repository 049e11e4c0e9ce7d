//! Which organizations, memberships and invitations a list is about, and in what order.

use rollbook_wire::Id;

use crate::{InvitationStatus, Signed, UserFilter};

/// A choice of organizations; all conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationFilter {
    /// An id, or folded text somewhere in name or slug.
    pub query: Option<OrganizationQuery>,
    /// With, or without, any of these members.
    pub user_id: Signed,
    /// Exact.
    pub organization_id: Signed,
}

/// A text in both of its readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationQuery {
    /// As given.
    pub id: String,
    /// Folded.
    pub text: String,
}

/// What organizations are sorted by; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganizationOrder {
    /// `created_at`
    CreatedAt,
    /// `name`, folded
    Name,
    /// `members_count`
    MembersCount,
}

/// A choice of memberships; all conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MembershipFilter {
    /// Of this organization.
    pub organization_id: Option<Id>,
    /// Of this user.
    pub user_id: Option<Id>,
    /// Any of these roles; `None` does not filter, an empty list admits nobody.
    pub role: Option<Vec<String>>,
    /// Of users chosen by this.
    pub users: UserFilter,
}

/// A choice of invitations; all conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvitationFilter {
    /// To this organization.
    pub organization_id: Option<Id>,
    /// To one of these addresses; `None` does not filter, an empty list admits none.
    pub email_address: Option<Vec<String>>,
    /// Folded text somewhere in the address.
    pub query: Option<String>,
    /// Any of these; an empty list does not filter.
    pub status: Vec<InvitationStatus>,
}

/// What invitations are sorted by; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationOrder {
    /// `created_at`
    CreatedAt,
    /// `email_address`
    EmailAddress,
}

/// Which part of a sorted list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice<K> {
    /// What it is sorted by.
    pub key: K,
    /// Greatest first.
    pub descending: bool,
    /// At most this many, 1 to 500.
    pub limit: i64,
    /// Leave out this many.
    pub offset: i64,
}
