//! Delete a permission; the roles that had it permit it no longer.

use rollbook_store::roles as store;
use rollbook_wire::{DeletedObject, Id};

use super::own;
use crate::roles::change;
use crate::{Ctx, Result, Tenant, events};

/// Deletes a permission that is not the system's.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<DeletedObject> {
    let id = id.clone();
    change(ctx, tenant, move |held| {
        let permission = held.permission(id.as_str())?;
        own(&permission)?;
        let having = held.roles.iter().filter(|role| role.permissions.contains(&permission.key));
        for mut role in having.cloned().collect::<Vec<_>>() {
            role.permissions.retain(|key| *key != permission.key);
            held.save("role.updated", &mut role)?;
        }
        let instance = held.instance.id.clone();
        store::delete_permission(held.tx, &instance, &id)?;
        let body = DeletedObject {
            object: "permission".to_owned(),
            id: id.to_string(),
            deleted: true,
            external_id: None,
        };
        events::happened(held.ctx, held.tx, &instance, "permission.deleted", &id, &id, &body)?;
        Ok(body)
    })
    .await
}
