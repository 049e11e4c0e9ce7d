//! Fork an instance: a new one with the same settings and users, and a key of its own.

use rollbook_domain::billing::Gateway;
use rollbook_store::instances;
use rollbook_wire::Id;

use super::create::{Created, check_name, new};
use super::keys::insert;
use super::{get, not_found};
use crate::{Ctx, Result};

/// Copies an instance with all that it holds; user ids stay the same.
///
/// Milliseconds for the few users of a test, and linear in their number.
pub async fn fork(ctx: &Ctx, id: &Id, name: Option<&str>) -> Result<Created> {
    let from = get(ctx, id)?;
    let name = check_name(name.unwrap_or(&from.instance.name))?;
    let settings = from.instance.settings.clone();
    let mut created = new(ctx, name, from.instance.environment, settings, None)?;
    let (instance, key, id) = (created.instance.clone(), created.key.key.clone(), id.clone());
    let instance = ctx
        .db
        .write(move |tx| {
            // The settings as they are under the lock, not as memory had them.
            let from = instances::lock(tx, &id)?.ok_or_else(|| not_found(&id))?;
            let mut instance = instance.clone();
            instance.settings = from.settings;
            // It has no account at another gateway, and takes nobody's money.
            instance.settings.billing.gateway = Gateway::default();
            instances::insert(tx, &instance)?;
            insert(tx, &key)?;
            instances::copy(tx, &id, &instance.id)?;
            Ok::<_, crate::Error>(instance)
        })
        .await?;
    created.instance = instance;
    ctx.reload_catalog().await?;
    Ok(created)
}
