//! Remove members from organizations.

use std::collections::HashMap;

use rollbook_domain::User;
use rollbook_store::memberships::{self, MembershipRow};
use rollbook_store::{Conn, organization_invitations, organizations, sessions};
use rollbook_wire::Id;

use super::body::Member;
use super::write::{Of, keep_someone_elevated, lock_row, tell_row};
use crate::users::hold;
use crate::{Ctx, Result, Tenant, roles};

/// Removes a member, unless nobody would be left to run the organization; answers the
/// membership as it was.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, organization: &Id, user: &Id) -> Result<Member> {
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    let of = Of { organization: organization.clone(), user: user.clone() };
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let mut row = lock_row(tx, &instance, &of)?;
            let roles = roles::all(tx, &instance)?;
            keep_someone_elevated(tx, &instance, &roles, &row.membership)?;
            memberships::delete(tx, &instance, &of.organization, &of.user)?;
            sessions::leave_organization(tx, &instance, &of.user, &of.organization)?;
            organizations::count_members(tx, &instance, &of.organization, -1)?;
            row.organization.members_count -= 1;
            tell_row(&ctx_, tx, &instance, "organizationMembership.deleted", &row, &roles)?;
            Ok(Member::of(row, &roles))
        })
        .await
}

/// Ends all that a user, who is held and about to be deleted, has to do with organizations.
///
/// No rule stands in the way: an organization may be left without anyone to run it, and
/// says so. What the user made or invited others to stays.
pub(crate) fn leave_all(ctx: &Ctx, tx: &mut Conn<'_>, instance: &Id, user: &User) -> Result<()> {
    let held = organizations::lock_of_user(tx, instance, &user.id)?;
    let mut held: HashMap<Id, _> =
        held.into_iter().map(|stored| (stored.organization.id.clone(), stored)).collect();
    organizations::forget_creator(tx, instance, &user.id)?;
    organization_invitations::forget_inviter(tx, instance, &user.id)?;
    let left = memberships::all_of_user(tx, instance, &user.id)?;
    if left.is_empty() {
        return Ok(());
    }
    memberships::delete_of_user(tx, instance, &user.id)?;
    let roles = roles::all(tx, instance)?;
    for membership in left {
        let Some(mut organization) = held.remove(&membership.organization_id) else { continue };
        organizations::count_members(tx, instance, &membership.organization_id, -1)?;
        organization.members_count -= 1;
        organization.created_by = organization.created_by.filter(|creator| *creator != user.id);
        let row = MembershipRow { membership, organization, user: user.clone() };
        tell_row(ctx, tx, instance, "organizationMembership.deleted", &row, &roles)?;
    }
    Ok(())
}
