//! Change a template of tokens.

use rollbook_store::jwt_templates as store;
use rollbook_wire::{Id, JwtTemplate};

use super::checks::{checked, name_taken, not_of_sessions};
use super::{GivenTemplate, not_found};
use crate::users::{Request, hold};
use crate::{Ctx, Result, Tenant};

/// Changes what is given; what is not stays, the key of its own too.
pub async fn update(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<GivenTemplate>,
) -> Result<JwtTemplate> {
    let given = checked(request)?;
    let (ctx_, tenant, id) = (ctx.clone(), tenant.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            let instance = &tenant.instance.id;
            hold(tx, instance)?;
            let before = store::lock(tx, instance, &id)?.ok_or_else(|| not_found(&id))?;
            let mut stored = before.clone();
            given.apply(&ctx_.vault, &mut stored)?;
            if stored == before {
                return Ok(stored.template.render());
            }
            if stored.template.name != before.template.name {
                not_of_sessions(&tenant, &before.template)?;
            }
            stored.template.updated_at = ctx_.clock.now().max(before.template.updated_at + 1);
            if !store::save(tx, instance, &stored)? {
                return Err(name_taken(&stored.template.name));
            }
            Ok(stored.template.render())
        })
        .await
}
