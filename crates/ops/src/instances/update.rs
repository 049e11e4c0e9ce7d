//! Change an instance's name or settings.

use std::sync::Arc;

use rollbook_store::instances;
use rollbook_wire::Id;
use serde_json::{Map, Value};

use super::create::check_name;
use super::{get, not_found};
use crate::{Ctx, Error, Result, Tenant, billing};

/// What an operator changes; absent means unchanged.
#[derive(Debug, Clone, Default)]
pub struct UpdateInstance {
    /// For people.
    pub name: Option<String>,
    /// A JSON merge patch of the settings.
    pub settings: Option<Map<String, Value>>,
}

/// Changes an instance; requests that begin afterwards see the new settings.
pub async fn update(ctx: &Ctx, id: &Id, params: UpdateInstance) -> Result<Arc<Tenant>> {
    let name = params.name.as_deref().map(check_name).transpose()?;
    let (ctx_, id_, now) = (ctx.clone(), id.clone(), ctx.clock.now());
    ctx.db
        .write(move |tx| {
            let mut instance = instances::lock(tx, &id_)?.ok_or_else(|| not_found(&id_))?;
            if let Some(name) = &name {
                instance.name.clone_from(name);
            }
            if let Some(patch) = &params.settings {
                instance.settings = instance.settings.patched(patch).map_err(Error::Refused)?;
            }
            billing::check_gateway(tx, &id_, instance.settings.billing.gateway)?;
            if instance.settings.billing.enabled {
                billing::ensure_defaults(&ctx_, tx, &id_)?;
            }
            instance.updated_at = now.max(instance.updated_at + 1);
            instances::save(tx, &instance)?;
            Ok::<_, Error>(())
        })
        .await?;
    ctx.reload_catalog().await?;
    get(ctx, id)
}
