//! Who belongs to which organization.

use crate::operations::operations;
use crate::params::params;
use crate::{GivenMetadata, OrganizationId, OrganizationMembership, Paginated, UserId};

operations! {
    /// The operations on memberships of organizations.
    OrganizationMemberships as organization_memberships;

    /// Makes a user a member; `user_id` and `role` must be set.
    create(organization_id: OrganizationId):
        POST / "organizations" / organization_id / "memberships" (CreateMembership)
        => OrganizationMembership;

    /// Lists the members of an organization, newest first unless `order_by` says otherwise.
    list(organization_id: OrganizationId):
        GET / "organizations" / organization_id / "memberships" (ListMemberships)
        => Paginated<OrganizationMembership>;

    /// Gives a member another role; `role` must be set.
    update(organization_id: OrganizationId, user_id: UserId):
        PATCH / "organizations" / organization_id / "memberships" / user_id (UpdateMembership)
        => OrganizationMembership;

    /// Ends a membership.
    delete(organization_id: OrganizationId, user_id: UserId):
        DELETE / "organizations" / organization_id / "memberships" / user_id
        => OrganizationMembership;

    /// Merges metadata, deeply; a member set to null goes.
    update_metadata(organization_id: OrganizationId, user_id: UserId):
        PATCH / "organizations" / organization_id / "memberships" / user_id / "metadata"
        (GivenMetadata) => OrganizationMembership;
}

params! {
    /// What [`create`](OrganizationMemberships::create) takes.
    CreateMembership in json;
    /// Who becomes a member.
    user_id: UserId,
    /// Such as `org:member`.
    role: text,
    /// Read by everyone, written by the backend: an object.
    public_metadata: object,
    /// Read and written by the backend: an object.
    private_metadata: object,
}

params! {
    /// What [`update`](OrganizationMemberships::update) takes.
    UpdateMembership in json;
    /// Such as `org:admin`.
    role: text,
}

params! {
    /// What [`list`](OrganizationMemberships::list) takes. Filters are joined by "and", the values of one by "or".
    ListMemberships in query paged;
    /// A field of the user or `created_at`, with `-` in front for the other direction.
    order_by: text,
    /// These users, or with `-` in front others.
    user_id: texts,
    /// Any of these addresses.
    email_address: texts,
    /// Any of these numbers.
    phone_number: texts,
    /// Any of these names.
    username: texts,
    /// Any of these wallets.
    web3_wallet: texts,
    /// Any of these roles.
    role: texts,
    /// A part of any identifier or name.
    query: text,
    /// A part of an email address.
    email_address_query: text,
    /// A part of a phone number.
    phone_number_query: text,
    /// A part of the username.
    username_query: text,
    /// A part of a name.
    name_query: text,
    /// Latest activity before this instant, in milliseconds.
    last_active_at_before: number,
    /// Latest activity after this instant, in milliseconds.
    last_active_at_after: number,
    /// The user was created before this instant, in milliseconds.
    created_at_before: number,
    /// The user was created after this instant, in milliseconds.
    created_at_after: number,
}
