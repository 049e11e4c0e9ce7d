//! Take an invitation back: its link leads nowhere any more.

use rollbook_domain::{InvitationStatus, Problem};
use rollbook_store::invitations;
use rollbook_wire::{self as wire, Code, Id};

use crate::users::hold;
use crate::{Ctx, Error, Result, Tenant};

/// Revokes an invitation, be it expired; one that was accepted or revoked is refused.
pub async fn revoke(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<wire::Invitation> {
    let (ctx_, instance, id) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let found = invitations::by_id(tx, &instance, &id)?;
            let mut invitation =
                found.ok_or_else(|| Error::not_found("invitation", id.as_str()))?;
            let refused = match invitation.status {
                InvitationStatus::Pending | InvitationStatus::Expired => None,
                InvitationStatus::Accepted => Some((Code::InvitationAlreadyAccepted, "accepted")),
                InvitationStatus::Revoked => Some((Code::InvitationAlreadyRevoked, "revoked")),
            };
            if let Some((code, what)) = refused {
                let text = format!("The invitation was {what} already.");
                return Err(Error::refused(Problem::new(code, text)));
            }
            let now = ctx_.clock.now();
            invitation.status = InvitationStatus::Revoked;
            invitation.updated_at = now.max(invitation.updated_at + 1);
            if !invitations::set_status(tx, &instance, &invitation)? {
                return Err(tx.conflict().into());
            }
            Ok(invitation.body(&ctx_.public_url, now))
        })
        .await
}
