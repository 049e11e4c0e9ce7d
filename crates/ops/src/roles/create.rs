//! Create a role.

use rollbook_domain::{Problem, Role, parse_role_key};
use rollbook_wire::{self as wire, Code, Prefix};

use super::write::{change, key_taken};
use crate::label::{description, name};
use crate::users::Request;
use crate::{Ctx, Error, Result, Tenant};

/// What a caller says of a new role; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct CreateRole {
    pub name: Option<String>,
    pub key: Option<String>,
    pub description: Option<String>,
    /// Ids.
    pub permissions: Vec<String>,
}

/// Creates a role, or says everything that is wrong with it.
pub async fn create(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<CreateRole>,
) -> Result<wire::Role> {
    let Request { params, mut problems } = request;
    let name = name(params.name.as_deref(), &mut problems);
    let key = params.key.as_deref().map(parse_role_key).transpose();
    let key = key.unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let description = description(params.description.as_deref(), &mut problems);
    let (Some(name), Some(key), true) = (name, key, problems.is_empty()) else {
        return Err(Error::Refused(problems));
    };
    let now = ctx.clock.now();
    let id = ctx.entropy.id(Prefix::Role, now);
    change(ctx, tenant, move |held| {
        let limit = held.instance.settings.organizations.max_allowed_roles;
        if held.roles.iter().any(|role| role.key == key) {
            return Err(Error::refused(key_taken("a role", &key)));
        }
        if u32::try_from(held.roles.len()).unwrap_or(u32::MAX) >= limit {
            return Err(Error::refused(Problem::new(
                Code::OrganizationInstanceRolesQuotaExceeded,
                format!("The instance has reached its limit of {limit} roles."),
            )));
        }
        let mut role = Role {
            id: id.clone(),
            key: key.clone(),
            name: name.clone(),
            description: description.clone(),
            permissions: held.keys(&params.permissions)?,
            created_at: now,
            updated_at: now,
        };
        held.save("role.created", &mut role)
    })
    .await
}
