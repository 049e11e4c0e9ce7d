//! Revoke a ticket that nobody has used.

use rollbook_domain::Problem;
use rollbook_store::tickets::{self, Ticket, TicketKind, TicketStatus};
use rollbook_wire::{Code, Id};

use super::name;
use crate::users::hold;
use crate::{Ctx, Error, Result, Tenant};

/// Revokes a pending ticket; any other is refused.
pub async fn revoke(ctx: &Ctx, tenant: &Tenant, kind: TicketKind, id: &Id) -> Result<Ticket> {
    let (instance, id, now) = (tenant.instance.id.clone(), id.clone(), ctx.clock.now());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let ticket = tickets::lock(tx, &instance, kind, &id)?;
            let mut ticket = ticket
                .ok_or_else(|| Error::not_found(&name(kind).replace('_', " "), id.as_str()))?;
            if ticket.status != TicketStatus::Pending {
                return Err(cannot_be_revoked(&ticket));
            }
            tickets::settle(tx, &instance, &mut ticket, TicketStatus::Revoked, now)?;
            Ok(ticket)
        })
        .await
}

fn cannot_be_revoked(ticket: &Ticket) -> Error {
    let code = match ticket.kind {
        TicketKind::SignIn => Code::SignInTokenCannotBeRevokedCode,
        TicketKind::Actor => Code::ActorTokenCannotBeRevokedCode,
    };
    let status = ticket.status.as_str();
    let text = format!("The token {} is {status}; only a pending one can be revoked.", ticket.id);
    Error::refused(Problem::new(code, text))
}
