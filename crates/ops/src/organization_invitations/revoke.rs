//! Take an invitation back.

use rollbook_domain::{InvitationStatus, Problem};
use rollbook_store::organization_invitations::{self as store, InvitationRow};
use rollbook_wire::{Code, Id};

use super::body::{Invitation, no_invitation, tell};
use super::write::{manager, still_pending};
use crate::organizations::lock;
use crate::users::{Request, hold};
use crate::{Ctx, Error, Result, Tenant, roles};

/// Revokes a pending invitation to the organization, on behalf of a member if one is named.
pub async fn revoke(
    ctx: &Ctx,
    tenant: &Tenant,
    (organization, id): (&Id, &Id),
    request: Request<Option<String>>,
) -> Result<Invitation> {
    let Request { params, problems } = request;
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let requester: Option<Id> = params.map(|text| text.parse()).transpose().map_err(|_| {
        Error::refused(Problem::param(
            Code::NotAnAdminInOrganization,
            "requesting_user_id",
            "requesting_user_id must be the id of a member who may manage members.",
        ))
    })?;
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    let (organization, id) = (organization.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            lock(tx, &instance, &organization)?;
            let all = roles::all(tx, &instance)?;
            let mut row: InvitationRow = store::row(tx, &instance, &id)?
                .filter(|row| row.invitation.organization_id == organization)
                .ok_or_else(|| no_invitation(&id))?;
            if let Some(user) = &requester {
                manager(tx, &instance, &all, (&organization, user, "requesting_user_id"))?;
            }
            let now = ctx_.clock.now();
            still_pending(row.invitation.status_at(now))?;
            row.invitation.status = InvitationStatus::Revoked;
            row.invitation.updated_at = now.max(row.invitation.updated_at + 1);
            store::set_status(tx, &instance, &row.invitation)?;
            let revoked = Invitation::of(row, &all);
            tell(&ctx_, tx, &instance, "organizationInvitation.revoked", (&revoked, None))?;
            Ok(revoked)
        })
        .await
}
