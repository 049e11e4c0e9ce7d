//! Organizations.

use crate::operations::operations;
use crate::params::{Encoded, Params, params};
use crate::{
    AdjustCredits, CreditBalance, CreditLedgerEntry, DeletedObject, Organization, OrganizationId,
    Paginated, Request, Result, Subscription, UserId,
};

operations! {
    /// The operations on organizations.
    Organizations as organizations;

    /// Lists organizations, newest first unless `order_by` says otherwise.
    list(): GET / "organizations" (ListOrganizations) => Paginated<Organization>;

    /// Creates an organization; `name` must be set. `created_by` becomes its first member.
    create(): POST / "organizations" (CreateOrganization) => Organization;

    /// Reads one organization, by its id or its slug.
    get(organization_id: OrganizationId):
        GET / "organizations" / organization_id (GetOrganization) => Organization;

    /// Changes an organization. What is not set stays as it is.
    update(organization_id: OrganizationId):
        PATCH / "organizations" / organization_id (UpdateOrganization) => Organization;

    /// Deletes an organization with its memberships and invitations.
    delete(organization_id: OrganizationId):
        DELETE / "organizations" / organization_id => DeletedObject;

    /// Merges metadata, deeply; a member set to null goes.
    merge_metadata(organization_id: OrganizationId):
        PATCH / "organizations" / organization_id / "metadata" (GivenMetadata) => Organization;

    /// Replaces metadata; what is not set stays as it is.
    replace_metadata(organization_id: OrganizationId):
        PUT / "organizations" / organization_id / "metadata" (GivenMetadata) => Organization;

    /// Sets the logo: the bytes of a PNG, JPEG, GIF or WebP file of at most 10 MB.
    upload_logo(organization_id: OrganizationId, file: Vec<u8>):
        PUT / "organizations" / organization_id / "logo" (OrganizationLogo { file })
        => Organization;

    /// Goes back to the generated logo.
    delete_logo(organization_id: OrganizationId):
        DELETE / "organizations" / organization_id / "logo" => Organization;

    /// What an organization subscribes to.
    get_billing_subscription(organization_id: OrganizationId):
        GET / "organizations" / organization_id / "billing" / "subscription" => Subscription;

    /// What an organization has to its credit.
    get_billing_credit_balance(organization_id: OrganizationId):
        GET / "organizations" / organization_id / "billing" / "credits" => CreditBalance;

    /// Gives credit to an organization, or takes it.
    adjust_billing_credit_balance(organization_id: OrganizationId):
        POST / "organizations" / organization_id / "billing" / "credits" (AdjustCredits)
        => CreditLedgerEntry;
}

params! {
    /// What [`list`](Organizations::list) takes.
    ListOrganizations in query paged;
    /// Whether to count the members of each.
    include_members_count: flag,
    /// A part of the name or the slug, or an id.
    query: text,
    /// With these users as members, or with `-` in front without them.
    user_id: texts,
    /// These organizations, or with `-` in front others.
    organization_id: texts,
    /// `name`, `created_at` or `members_count`, with `-` in front for the other direction.
    order_by: text,
}

params! {
    /// What [`get`](Organizations::get) takes.
    GetOrganization in query;
    /// Whether to count the members.
    include_members_count: flag,
}

params! {
    /// What [`create`](Organizations::create) takes.
    CreateOrganization in json;
    /// For people.
    name: text,
    /// Who becomes its first member, with the role of creators.
    created_by: UserId,
    /// Unique in the instance; made from the name unless set.
    slug: text,
    /// How many members there may be; 0 is unlimited.
    max_allowed_memberships: number,
    /// Read by everyone, written by the backend: an object.
    public_metadata: object,
    /// Read and written by the backend: an object.
    private_metadata: object,
    /// When it was created elsewhere, RFC 3339.
    created_at: text,
}

params! {
    /// What [`update`](Organizations::update) takes; what is not set stays as it is.
    UpdateOrganization in json;
    /// For people.
    name: text,
    /// Unique in the instance.
    slug: text,
    /// How many members there may be; 0 is unlimited.
    max_allowed_memberships: patch_number,
    /// Whether administrators may delete it.
    admin_delete_enabled: flag,
    /// Replaces the public metadata: an object.
    public_metadata: object,
    /// Replaces the private metadata: an object.
    private_metadata: object,
    /// When it was created elsewhere, RFC 3339.
    created_at: text,
}

params! {
    /// Metadata of an organization or a membership.
    GivenMetadata in json;
    /// Read by everyone, written by the backend: an object.
    public_metadata: object,
    /// Read and written by the backend: an object.
    private_metadata: object,
}

/// What [`upload_logo`](Organizations::upload_logo) takes.
#[derive(Clone)]
pub struct OrganizationLogo {
    file: Vec<u8>,
    uploader_user_id: Option<UserId>,
}

impl OrganizationLogo {
    /// The bytes of a picture.
    pub fn new(file: Vec<u8>) -> Self {
        Self { file, uploader_user_id: None }
    }
}

impl std::fmt::Debug for OrganizationLogo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OrganizationLogo({} bytes)", self.file.len())
    }
}

impl Params for OrganizationLogo {
    fn encode(&self) -> Result<Encoded> {
        let uploader = self.uploader_user_id.iter().map(|id| ("uploader_user_id", id.to_string()));
        Ok(Encoded::Upload { file: self.file.clone(), fields: uploader.collect() })
    }
}

impl<A> Request<OrganizationLogo, A> {
    /// Who uploads it.
    pub fn uploader_user_id(mut self, user_id: impl Into<UserId>) -> Self {
        self.params.uploader_user_id = Some(user_id.into());
        self
    }
}
