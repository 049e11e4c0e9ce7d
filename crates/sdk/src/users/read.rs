//! What hangs on users.

use crate::page::Paged;
use crate::params::params;
use crate::{OAuthAccessToken, OrganizationInvitation, OrganizationMembership, Paginated};

params! {
    /// What [`get_oauth_access_token`](crate::Users::get_oauth_access_token) takes.
    GetOAuthAccessToken in query -> Vec<OAuthAccessToken>;
    /// How many at the most, 1 to 500; 10 unless set.
    limit: number,
    /// How many to pass over.
    offset: number,
}

params! {
    /// What [`get_organization_memberships`](crate::Users::get_organization_memberships) takes.
    GetOrganizationMemberships in query -> Paginated<OrganizationMembership>;
    /// How many at the most, 1 to 500; 10 unless set.
    limit: number,
    /// How many to pass over.
    offset: number,
}

params! {
    /// What [`get_organization_invitations`](crate::Users::get_organization_invitations) takes.
    GetOrganizationInvitations in query -> Paginated<OrganizationInvitation>;
    /// How many at the most, 1 to 500; 10 unless set.
    limit: number,
    /// How many to pass over.
    offset: number,
    /// `pending`, `accepted`, `revoked` or `expired`.
    status: texts,
}

params! {
    /// What [`get_instance_organization_memberships`](crate::Users::get_instance_organization_memberships) takes.
    GetInstanceOrganizationMemberships in query -> Paginated<OrganizationMembership>;
    /// How many at the most, 1 to 500; 10 unless set.
    limit: number,
    /// How many to pass over.
    offset: number,
    /// A field of the user or `created_at`, with `-` in front for the other direction.
    order_by: text,
}

macro_rules! paged {
    ($($name:ident),+) => {
        $(impl Paged for $name {
            fn page(&mut self) -> (&mut Option<i64>, &mut Option<i64>) {
                (&mut self.limit, &mut self.offset)
            }
        })+
    };
}

paged!(
    GetOAuthAccessToken,
    GetOrganizationMemberships,
    GetOrganizationInvitations,
    GetInstanceOrganizationMemberships
);
