//! Delete an instance, or only all that it holds.

use std::sync::Arc;

use rollbook_store::{images, instances};
use rollbook_wire::Id;

use super::{get, not_found};
use crate::{Ctx, Result, Tenant, billing};

/// Deletes an instance with its users, keys and pictures.
pub async fn delete(ctx: &Ctx, id: &Id) -> Result<()> {
    let id = id.clone();
    let pictures = ctx
        .db
        .write(move |tx| {
            instances::lock(tx, &id)?.ok_or_else(|| not_found(&id))?;
            let pictures = images::of_instance(tx, &id)?;
            instances::delete(tx, &id)?;
            Ok::<_, crate::Error>(pictures)
        })
        .await?;
    ctx.reload_catalog().await?;
    crate::images::discard(ctx, pictures).await;
    Ok(())
}

/// Empties an instance: no users, the same keys and settings.
pub async fn reset(ctx: &Ctx, id: &Id) -> Result<Arc<Tenant>> {
    let (ctx_, id_, now) = (ctx.clone(), id.clone(), ctx.clock.now());
    let pictures = ctx
        .db
        .write(move |tx| {
            let mut instance = instances::lock(tx, &id_)?.ok_or_else(|| not_found(&id_))?;
            let pictures = images::of_instance(tx, &id_)?;
            instances::clear(tx, &id_)?;
            if instance.settings.billing.enabled {
                billing::ensure_defaults(&ctx_, tx, &id_)?;
            }
            // A new version of the instance, so that cached bodies are void.
            instance.updated_at = now.max(instance.updated_at + 1);
            instances::save(tx, &instance)?;
            Ok::<_, crate::Error>(pictures)
        })
        .await?;
    ctx.reload_catalog().await?;
    crate::images::discard(ctx, pictures).await;
    get(ctx, id)
}
