//! Invitations to organizations.

use crate::operations::operations;
use crate::params::{Bulk, params};
use crate::{OrganizationId, OrganizationInvitation, OrganizationInvitationId, Paginated, Paging};

operations! {
    /// The operations on invitations to organizations.
    OrganizationInvitations as organization_invitations;

    /// Lists the invitations of all organizations, newest first.
    get_all(): GET / "organization_invitations" (GetAllOrganizationInvitations)
        => Paginated<OrganizationInvitation>;

    /// Invites somebody; `email_address` and `role` must be set.
    create(organization_id: OrganizationId):
        POST / "organizations" / organization_id / "invitations" (CreateOrganizationInvitation)
        => OrganizationInvitation;

    /// Lists the invitations of an organization, newest first.
    list(organization_id: OrganizationId):
        GET / "organizations" / organization_id / "invitations" (ListOrganizationInvitations)
        => Paginated<OrganizationInvitation>;

    /// Invites up to ten people, all or none.
    bulk_create(organization_id: OrganizationId, entries: Vec<CreateOrganizationInvitation>):
        POST / "organizations" / organization_id / "invitations" / "bulk"
        (BulkOrganizationInvitations { entries }) => Paginated<OrganizationInvitation>;

    /// Lists the invitations of an organization that wait to be accepted; deprecated by
    /// [`list`](Self::list) with a status.
    list_pending(organization_id: OrganizationId):
        GET / "organizations" / organization_id / "invitations" / "pending" (Paging)
        => Paginated<OrganizationInvitation>;

    /// Reads one invitation.
    get(organization_id: OrganizationId, invitation_id: OrganizationInvitationId):
        GET / "organizations" / organization_id / "invitations" / invitation_id
        => OrganizationInvitation;

    /// Takes an invitation back.
    revoke(organization_id: OrganizationId, invitation_id: OrganizationInvitationId):
        POST / "organizations" / organization_id / "invitations" / invitation_id / "revoke"
        (RevokeOrganizationInvitation) => OrganizationInvitation;
}

/// What [`bulk_create`](OrganizationInvitations::bulk_create) takes.
pub type BulkOrganizationInvitations = Bulk<CreateOrganizationInvitation>;

params! {
    /// What [`get_all`](OrganizationInvitations::get_all) takes.
    GetAllOrganizationInvitations in query paged;
    /// `created_at` or `email_address`, with `-` in front for the other direction.
    order_by: text,
    /// `pending`, `accepted`, `revoked` or `expired`.
    status: texts,
    /// A part of the address.
    query: text,
}

params! {
    /// What [`list`](OrganizationInvitations::list) takes.
    ListOrganizationInvitations in query paged;
    /// `pending`, `accepted`, `revoked` or `expired`.
    status: texts,
    /// To this address.
    email_address: text,
    /// `created_at` or `email_address`, with `-` in front for the other direction.
    order_by: text,
}

params! {
    /// What [`create`](OrganizationInvitations::create) takes.
    CreateOrganizationInvitation in json;
    /// Who is invited.
    email_address: text,
    /// Such as `org:member`.
    role: text,
    /// Who invites.
    inviter_user_id: UserId,
    /// Of the membership: an object.
    public_metadata: object,
    /// Of the membership: an object.
    private_metadata: object,
    /// Where whoever accepts is sent.
    redirect_url: text,
    /// 1 to 365; 30 unless set.
    expires_in_days: number,
    /// Whether mail is sent.
    notify: flag,
}

params! {
    /// What [`revoke`](OrganizationInvitations::revoke) takes.
    RevokeOrganizationInvitation in json;
    /// Who takes it back; an administrator of the organization.
    requesting_user_id: UserId,
}
