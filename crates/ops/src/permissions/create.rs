//! Create a permission.

use rollbook_domain::{Permission, Problem, parse_permission_key};
use rollbook_store::roles as store;
use rollbook_wire::{self as wire, Code, Prefix};

use crate::label::{description, name};
use crate::roles::{change, key_taken};
use crate::users::Request;
use crate::{Ctx, Error, Result, Tenant, events};

/// The most permissions of an instance, so that a list can be sorted in memory.
const MAX_PERMISSIONS: usize = 1000;

/// What a caller says of a new permission; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct CreatePermission {
    pub name: Option<String>,
    pub key: Option<String>,
    pub description: Option<String>,
}

/// Creates a permission that no role has yet.
pub async fn create(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<CreatePermission>,
) -> Result<wire::Permission> {
    let Request { params, mut problems } = request;
    let name = name(params.name.as_deref(), &mut problems);
    let key = params.key.as_deref().map(parse_permission_key).transpose();
    let key = key.unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let description = description(params.description.as_deref(), &mut problems);
    let (Some(name), Some(key), true) = (name, key, problems.is_empty()) else {
        return Err(Error::Refused(problems));
    };
    let now = ctx.clock.now();
    let permission = Permission {
        id: ctx.entropy.id(Prefix::Permission, now),
        key,
        name,
        description: description.unwrap_or_default(),
        created_at: now,
        updated_at: now,
    };
    change(ctx, tenant, move |held| {
        if held.permissions.iter().any(|other| other.key == permission.key) {
            return Err(Error::refused(key_taken("a permission", &permission.key)));
        }
        if held.permissions.len() >= MAX_PERMISSIONS {
            let text = format!("An instance has at most {MAX_PERMISSIONS} permissions.");
            return Err(Error::refused(Problem::new(Code::QuotaExceeded, text)));
        }
        let (instance, id) = (held.instance.id.clone(), &permission.id);
        store::save_permission(held.tx, &instance, &permission)?;
        let body = permission.body();
        events::happened(held.ctx, held.tx, &instance, "permission.created", id, id, &body)?;
        Ok(body)
    })
    .await
}
