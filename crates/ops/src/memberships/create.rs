//! Make a user a member of an organization.

use rollbook_domain::{Membership, Problem, Role, User};
use rollbook_store::memberships::{self, MembershipRow};
use rollbook_store::organizations::{self, StoredOrganization};
use rollbook_store::{Conn, organization_invitations, users};
use rollbook_wire::{Code, Id, Prefix};

use super::body::Member;
use super::write::tell_row;
use crate::metadata::GivenMetadata;
use crate::organizations::lock;
use crate::users::{Request, hold};
use crate::{Ctx, Error, Result, Tenant, roles};

/// What a caller says of a new member; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct CreateMembership {
    pub user_id: Option<Id>,
    pub role: Option<String>,
    pub metadata: GivenMetadata,
}

/// Who becomes a member, and as what.
pub(crate) struct NewMember {
    /// Held by the transaction.
    pub(crate) user: User,
    pub(crate) role: Role,
    /// Public and private.
    pub(crate) metadata: (rollbook_domain::Metadata, rollbook_domain::Metadata),
}

/// Makes a user a member, where there is room for one more.
pub async fn create(
    ctx: &Ctx,
    tenant: &Tenant,
    organization: &Id,
    request: Request<CreateMembership>,
) -> Result<Member> {
    let Request { params, mut problems } = request;
    let metadata = params.metadata.read(&mut problems);
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    // Both are required, so the decoder has complained of what is missing.
    let (Some(user), Some(role)) = (params.user_id, params.role) else {
        return Err(Error::internal("add a member", "a required parameter is missing"));
    };
    let (ctx_, instance, organization) =
        (ctx.clone(), tenant.instance.id.clone(), organization.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let user = users::lock(tx, &instance, &user)?
                .ok_or_else(|| Error::not_found("user", user.as_str()))?
                .user;
            let organization = lock(tx, &instance, &organization)?;
            let role = roles::required(tx, &instance, &role)?;
            let id = &organization.organization.id;
            if memberships::of(tx, &instance, id, &user.id)?.is_some() {
                return Err(already_a_member());
            }
            check_room(&ctx_, tx, &instance, &organization)?;
            let member = NewMember { user, role, metadata: metadata.clone() };
            let roles = [member.role.clone()];
            Ok(Member::of(add(&ctx_, tx, &instance, organization, member)?, &roles))
        })
        .await
}

/// Adds a member to an organization; both are held by the transaction.
///
/// Whether there is room is the caller's to check: with [`check_room`].
pub(crate) fn add(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    mut organization: StoredOrganization,
    member: NewMember,
) -> Result<MembershipRow> {
    let NewMember { user, role, metadata: (public_metadata, private_metadata) } = member;
    let now = ctx.clock.now();
    let membership = Membership {
        id: ctx.entropy.id(Prefix::OrganizationMembership, now),
        organization_id: organization.organization.id.clone(),
        user_id: user.id.clone(),
        role: role.key.clone(),
        public_metadata,
        private_metadata,
        created_at: now,
        updated_at: now,
    };
    if !memberships::insert(tx, instance, &membership)? {
        return Err(already_a_member());
    }
    organizations::count_members(tx, instance, &membership.organization_id, 1)?;
    organization.members_count += 1;
    let row = MembershipRow { membership, organization, user };
    tell_row(ctx, tx, instance, "organizationMembership.created", &row, &[role])?;
    Ok(row)
}

/// Refuses when members and pending invitations together have reached the limit.
pub(crate) fn check_room(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    organization: &StoredOrganization,
) -> Result<()> {
    let limit = i64::from(organization.organization.max_allowed_memberships);
    if limit == 0 {
        return Ok(());
    }
    let (id, now) = (&organization.organization.id, ctx.clock.now());
    let pending = organization_invitations::count_pending(tx, instance, id, now)?;
    if organization.members_count + pending < limit {
        return Ok(());
    }
    Err(Error::refused(Problem::new(
        Code::OrganizationMembershipQuotaExceeded,
        format!(
            "The organization may have {limit} members, pending invitations included, and not more."
        ),
    )))
}

pub(crate) fn already_a_member() -> Error {
    Error::refused(Problem::new(
        Code::AlreadyAMemberInOrganization,
        "The user is a member of the organization already.",
    ))
}
