//! Delete an instance, or only all that it holds.

use std::sync::Arc;

use rollbook_store::{images, instances};
use rollbook_wire::Id;

use super::{get, not_found};
use crate::transfer::abandon;
use crate::{Ctx, Result, Tenant, billing};

/// Deletes an instance with its users, keys and pictures; or what is there of one whose import
/// was cut short.
pub async fn delete(ctx: &Ctx, id: &Id) -> Result<()> {
    let id_ = id.clone();
    let deleted = ctx.db.write(move |tx| {
        if instances::lock(tx, &id_)?.is_none() {
            return Ok(None);
        }
        let pictures = images::of_instance(tx, &id_)?;
        instances::delete(tx, &id_)?;
        Ok::<_, crate::Error>(Some(pictures))
    });
    let Some(pictures) = deleted.await? else {
        return if abandon(ctx, id).await? { Ok(()) } else { Err(not_found(id)) };
    };
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
