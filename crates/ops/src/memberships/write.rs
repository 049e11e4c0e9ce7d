//! The frame of every change of a membership: lock, change, save, tell.

use rollbook_domain::{Membership, Problem, Role};
use rollbook_store::memberships::{self, MembershipRow};
use rollbook_store::{Conn, users};
use rollbook_wire::{Code, Id};

use super::body::{Member, Told, tell};
use crate::organizations::{full, lock};
use crate::users::hold;
use crate::{Ctx, Error, Result, Tenant, roles};

/// Whose membership in what.
#[derive(Debug, Clone)]
pub(super) struct Of {
    pub(super) organization: Id,
    pub(super) user: Id,
}

/// Runs `change` on the membership in a transaction of its own; an event goes out only if it
/// changed something.
pub(super) async fn change<F>(ctx: &Ctx, tenant: &Tenant, of: Of, change: F) -> Result<Member>
where
    F: Fn(&mut Conn<'_>, &[Role], &mut Membership) -> Result<()> + Send + 'static,
{
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let mut row = lock_row(tx, &instance, &of)?;
            let roles = roles::all(tx, &instance)?;
            let before = row.membership.clone();
            change(tx, &roles, &mut row.membership)?;
            if row.membership != before {
                row.membership.updated_at = ctx_.clock.now().max(before.updated_at + 1);
                memberships::save(tx, &instance, &row.membership)?;
                tell_row(&ctx_, tx, &instance, "organizationMembership.updated", &row, &roles)?;
            }
            Ok(Member::of(row, &roles))
        })
        .await
}

/// The membership with both whom it connects, held until the transaction ends.
pub(super) fn lock_row(tx: &mut Conn<'_>, instance: &Id, of: &Of) -> Result<MembershipRow> {
    let user = users::lock(tx, instance, &of.user)?;
    let organization = lock(tx, instance, &of.organization)?;
    let membership = memberships::of(tx, instance, &of.organization, &of.user)?;
    match (membership, user) {
        (Some(membership), Some(user)) => {
            Ok(MembershipRow { membership, organization, user: user.user })
        }
        _ => Err(not_a_member(of)),
    }
}

/// Tells of a row that the transaction holds.
pub(super) fn tell_row(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    kind: &'static str,
    row: &MembershipRow,
    roles: &[Role],
) -> Result<()> {
    let organization = full(ctx, tx, instance, row.organization.clone())?;
    let told = Told {
        membership: &row.membership,
        organization: &organization,
        user: &row.user,
        role: roles::named(roles, &row.membership.role),
    };
    tell(ctx, tx, instance, kind, &told)
}

/// Refuses to take the role from the last member who can run the organization.
pub(super) fn keep_someone_elevated(
    tx: &mut Conn<'_>,
    instance: &Id,
    roles: &[Role],
    membership: &Membership,
) -> Result<()> {
    let elevated = roles::elevated(roles);
    let (organization, user) = (&membership.organization_id, &membership.user_id);
    if !elevated.contains(&membership.role)
        || memberships::has_another(tx, instance, organization, elevated, Some(user))?
    {
        return Ok(());
    }
    Err(Error::refused(Problem::new(
        Code::OrganizationMinimumPermissionsNeeded,
        "The user is the last member with the permissions that somebody in the organization needs.",
    )))
}

fn not_a_member(of: &Of) -> Error {
    Error::refused(Problem::new(
        Code::ResourceNotFound,
        format!("The user {} is not a member of organization {}.", of.user, of.organization),
    ))
}
