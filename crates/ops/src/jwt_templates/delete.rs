//! Delete a template of tokens.

use rollbook_store::jwt_templates as store;
use rollbook_wire::{DeletedObject, Id};

use super::checks::not_of_sessions;
use super::not_found;
use crate::users::hold;
use crate::{Ctx, Result, Tenant};

/// Deletes a template, unless session tokens are made with it.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<DeletedObject> {
    let (tenant, id) = (tenant.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            let instance = &tenant.instance.id;
            hold(tx, instance)?;
            let stored = store::lock(tx, instance, &id)?.ok_or_else(|| not_found(&id))?;
            not_of_sessions(&tenant, &stored.template)?;
            store::delete(tx, instance, &id)?;
            Ok(DeletedObject {
                object: "jwt_template".to_owned(),
                id: id.to_string(),
                deleted: true,
                external_id: None,
            })
        })
        .await
}
