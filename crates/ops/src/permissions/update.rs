//! Change a permission, in the roles that have it as well.

use rollbook_domain::parse_permission_key;
use rollbook_store::roles as store;
use rollbook_wire::{self as wire, Id, Patch};

use super::own;
use crate::label::{description, name};
use crate::roles::{Held, change, key_taken};
use crate::users::Request;
use crate::{Ctx, Error, Result, Tenant, events};

/// What a caller changes of a permission; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct UpdatePermission {
    pub name: Option<String>,
    pub key: Option<String>,
    pub description: Patch<String>,
}

/// Changes a permission that is not the system's.
pub async fn update(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<UpdatePermission>,
) -> Result<wire::Permission> {
    let Request { params, mut problems } = request;
    let name = params.name.as_deref().and_then(|text| name(Some(text), &mut problems));
    let key = params.key.as_deref().map(parse_permission_key).transpose();
    let key = key.unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let text = match params.description {
        Patch::Keep => None,
        Patch::Clear => Some(String::new()),
        Patch::Set(text) => Some(description(Some(&text), &mut problems).unwrap_or_default()),
    };
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let id = id.clone();
    change(ctx, tenant, move |held| {
        let before = held.permission(id.as_str())?;
        own(&before)?;
        let mut permission = before.clone();
        if let Some(name) = &name {
            permission.name.clone_from(name);
        }
        if let Some(key) = &key {
            permission.key.clone_from(key);
        }
        if let Some(text) = &text {
            permission.description.clone_from(text);
        }
        if permission == before {
            return Ok(before.body());
        }
        if permission.key != before.key {
            if held.permissions.iter().any(|other| other.key == permission.key) {
                return Err(Error::refused(key_taken("a permission", &permission.key)));
            }
            rename(held, &before.key, &permission.key)?;
        }
        permission.updated_at = held.ctx.clock.now().max(before.updated_at + 1);
        let instance = held.instance.id.clone();
        store::save_permission(held.tx, &instance, &permission)?;
        let body = permission.body();
        events::happened(held.ctx, held.tx, &instance, "permission.updated", &id, &id, &body)?;
        Ok(body)
    })
    .await
}

/// The same permission by another name is no change of the roles that have it.
fn rename(held: &mut Held<'_, '_>, from: &str, to: &str) -> Result<()> {
    for role in &mut held.roles {
        let mut had = false;
        for key in role.permissions.iter_mut().filter(|key| *key == from) {
            to.clone_into(key);
            had = true;
        }
        if had {
            store::save(held.tx, &held.instance.id, role)?;
        }
    }
    Ok(())
}
