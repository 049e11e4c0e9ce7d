//! The frame of every change: lock, change, save, tell.

use rollbook_domain::{Organization, Problem};
use rollbook_store::organizations::{self, StoredOrganization};
use rollbook_store::{Conn, instances};
use rollbook_wire::{Code, Id};

use super::body::{Found, full, hidden, render};
use crate::users::hold;
use crate::{Ctx, Error, Result, Tenant, events};

/// Runs `change` on the organization in a transaction of its own; an event goes out only if
/// it changed something.
pub(super) async fn change<F>(ctx: &Ctx, tenant: &Tenant, id: &Id, change: F) -> Result<Found>
where
    F: Fn(&mut Conn<'_>, &mut Organization) -> Result<()> + Send + 'static,
{
    change_slug(ctx, tenant, id, Slug::Stays, change).await
}

/// Whether a change may choose another slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slug {
    Stays,
    /// Nobody else in the instance chooses one at the same time.
    Changes,
}

/// The same for a change that may choose another slug.
pub(super) async fn change_slug<F>(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    slug: Slug,
    change: F,
) -> Result<Found>
where
    F: Fn(&mut Conn<'_>, &mut Organization) -> Result<()> + Send + 'static,
{
    let (ctx_, instance, id) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            match slug {
                Slug::Stays => hold(tx, &instance)?,
                Slug::Changes => {
                    instances::lock(tx, &instance)?;
                    hold(tx, &instance)?;
                }
            }
            let mut stored = lock(tx, &instance, &id)?;
            let before = stored.organization.clone();
            change(tx, &mut stored.organization)?;
            if stored.organization == before {
                return Ok(hidden(stored));
            }
            // Never backwards, nor the same twice: clients order versions by it.
            stored.organization.updated_at = ctx_.clock.now().max(before.updated_at + 1);
            if !organizations::save(tx, &instance, &stored.organization)? {
                return Err(slug_taken());
            }
            let told = full(&ctx_, tx, &instance, stored.clone())?;
            let data = render(&ctx_, &told);
            events::happened(&ctx_, tx, &instance, "organization.updated", &id, &id, &data)?;
            Ok(hidden(stored))
        })
        .await
}

/// The organization, held until the transaction ends.
pub(crate) fn lock(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<StoredOrganization> {
    organizations::lock(tx, instance, id)?.ok_or_else(|| not_found(id))
}

/// No organization has this id.
pub(crate) fn not_found(id: &Id) -> Error {
    Error::not_found("organization", id.as_str())
}

pub(super) fn slug_taken() -> Error {
    Error::refused(Problem::param(
        Code::FormIdentifierExists,
        "slug",
        "That slug is taken. Please try another.",
    ))
}
