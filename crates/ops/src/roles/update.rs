//! Change a role, or one permission of it.

use rollbook_domain::{Problem, Role, parse_role_key};
use rollbook_store::roles;
use rollbook_wire::{self as wire, Code, Id, Patch};

use super::write::{Held, change, key_taken};
use crate::label::{description, name};
use crate::users::Request;
use crate::{Ctx, Error, Result, Tenant};

/// What a caller changes of a role; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct UpdateRole {
    pub name: Option<String>,
    pub key: Option<String>,
    pub description: Patch<String>,
    /// Ids; they replace those of the role.
    pub permissions: Option<Vec<String>>,
}

/// Changes a role. A new key goes to members, invitations and settings as well.
pub async fn update(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<UpdateRole>,
) -> Result<wire::Role> {
    let Request { params, mut problems } = request;
    let name = params.name.as_deref().and_then(|text| name(Some(text), &mut problems));
    let key = params.key.as_deref().map(parse_role_key).transpose();
    let key = key.unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let (change_description, text) = match params.description {
        Patch::Keep => (false, None),
        Patch::Clear => (true, None),
        Patch::Set(text) => (true, description(Some(&text), &mut problems)),
    };
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let id = id.clone();
    change(ctx, tenant, move |held| {
        let mut role = held.role(&id)?;
        if let Some(name) = &name {
            role.name.clone_from(name);
        }
        if change_description {
            role.description.clone_from(&text);
        }
        if let Some(ids) = &params.permissions {
            role.permissions = held.keys(ids)?;
        }
        if let Some(key) = &key {
            rename(held, &mut role, key)?;
        }
        held.save("role.updated", &mut role)
    })
    .await
}

fn rename(held: &mut Held<'_, '_>, role: &mut Role, key: &str) -> Result<()> {
    if role.key == key {
        return Ok(());
    }
    if held.roles.iter().any(|other| other.key == key) {
        return Err(Error::refused(key_taken("a role", key)));
    }
    let settings = &mut held.instance.settings.organizations;
    for setting in [&mut settings.creator_role, &mut settings.domains_default_role] {
        if *setting == role.key {
            key.clone_into(setting);
        }
    }
    roles::rename(held.tx, &held.instance.id, &role.key, key)?;
    key.clone_into(&mut role.key);
    Ok(())
}

/// Adds a permission to a role; one that it has is 409.
pub async fn assign_permission(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    permission: &Id,
) -> Result<wire::Role> {
    let (id, permission) = (id.clone(), permission.clone());
    change(ctx, tenant, move |held| {
        let mut role = held.role(&id)?;
        let key = held.permission(permission.as_str())?.key;
        if role.permissions.contains(&key) {
            return Err(Error::refused(Problem::new(
                Code::OrganizationRolePermissionAssociationExists,
                format!("The role {} has the permission {key} already.", role.key),
            )));
        }
        role.permissions.push(key);
        held.save("role.updated", &mut role)
    })
    .await
}

/// Takes a permission from a role; one that it does not have is 404.
pub async fn remove_permission(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    permission: &Id,
) -> Result<wire::Role> {
    let (id, permission) = (id.clone(), permission.clone());
    change(ctx, tenant, move |held| {
        let mut role = held.role(&id)?;
        let key = held.permission(permission.as_str())?.key;
        let before = role.permissions.len();
        role.permissions.retain(|own| *own != key);
        if role.permissions.len() == before {
            return Err(Error::not_found("permission of the role", permission.as_str()));
        }
        held.save("role.updated", &mut role)
    })
    .await
}
