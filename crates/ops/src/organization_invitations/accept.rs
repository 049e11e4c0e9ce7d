//! Accept an invitation for a user, as Clerk's browser API does.

use rollbook_domain::{InvitationStatus, Problem};
use rollbook_store::{
    Conn, memberships as membership_rows, organization_invitations as store, users,
};
use rollbook_wire::{Code, Id};

use super::body::{Invitation, no_invitation, tell};
use super::write::still_pending;
use crate::memberships::{NewMember, add, already_a_member};
use crate::organizations::lock;
use crate::users::hold;
use crate::{Ctx, Error, Result, Tenant, roles};

/// Makes the user a member with what the invitation says; its place was kept while it
/// was pending.
pub async fn accept(ctx: &Ctx, tenant: &Tenant, id: &Id, user: &Id) -> Result<Invitation> {
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    let (id, user) = (id.clone(), user.clone());
    ctx.db.write(move |tx| accept_in(&ctx_, tx, &instance, &id, &user)).await
}

fn accept_in(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    id: &Id,
    user: &Id,
) -> Result<Invitation> {
    hold(tx, instance)?;
    let user = users::lock(tx, instance, user)?
        .ok_or_else(|| Error::not_found("user", user.as_str()))?
        .user;
    let seen = store::by_id(tx, instance, id)?.ok_or_else(|| no_invitation(id))?;
    let organization = lock(tx, instance, &seen.organization_id)?;
    // Read again: it may have been revoked before its organization was held.
    let mut row = store::row(tx, instance, id)?.ok_or_else(|| no_invitation(id))?;
    let now = ctx.clock.now();
    still_pending(row.invitation.status_at(now))?;
    let invited = |email: &rollbook_domain::Identified<rollbook_domain::EmailAddress>| {
        email.is_verified() && email.value.as_str() == row.invitation.email_address
    };
    if !user.email_addresses.iter().any(invited) {
        return Err(Error::refused(Problem::param(
            Code::FormVerificationNeeded,
            "user_id",
            "The user has not verified the email address that was invited.",
        )));
    }
    if membership_rows::of(tx, instance, &row.invitation.organization_id, &user.id)?.is_some() {
        return Err(already_a_member());
    }
    let all = roles::all(tx, instance)?;
    let role = roles::required(tx, instance, &row.invitation.role)?;
    row.invitation.status = InvitationStatus::Accepted;
    row.invitation.updated_at = now.max(row.invitation.updated_at + 1);
    store::set_status(tx, instance, &row.invitation)?;
    let accepted = Invitation::of(row, &all);
    let accepted_by = user.id.clone();
    tell(ctx, tx, instance, "organizationInvitation.accepted", (&accepted, Some(&accepted_by)))?;
    let metadata =
        (accepted.invitation.public_metadata.clone(), accepted.invitation.private_metadata.clone());
    add(ctx, tx, instance, organization, NewMember { user, role, metadata })?;
    Ok(accepted)
}
