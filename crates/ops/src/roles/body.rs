//! Roles as the API shows them, with their permissions.

use rollbook_domain::{Permission, Role};
use rollbook_store::{Conn, roles};
use rollbook_wire::{self as wire, Id};

use super::all;
use crate::listing::{self, Listing};
use crate::{Ctx, Error, Result, Tenant};

/// A part of the roles that the listing chooses, and how many there are.
pub async fn list(
    ctx: &Ctx,
    tenant: &Tenant,
    listing: Listing,
) -> Result<wire::Paginated<wire::Role>> {
    let instance = tenant.instance.id.clone();
    let (roles, permissions) = ctx
        .db
        .read(move |conn| Ok::<_, Error>((all(conn, &instance)?, permissions(conn, &instance)?)))
        .await?;
    let (page, total_count) = listing::page(roles, &listing);
    let data = page.iter().map(|role| role.body(&permissions)).collect();
    Ok(wire::Paginated { data, total_count })
}

/// The role with this id.
pub async fn get(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<wire::Role> {
    let (instance, id) = (tenant.instance.id.clone(), id.clone());
    ctx.db
        .read(move |conn| {
            let role = by_id(conn, &instance, &id)?.ok_or_else(|| not_found(&id))?;
            Ok(role.body(&permissions(conn, &instance)?))
        })
        .await
}

/// The role with this id.
pub fn by_id(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<Role>> {
    Ok(all(conn, instance)?.into_iter().find(|role| role.id == *id))
}

/// Every permission of the instance, the system's first.
pub(crate) fn permissions(conn: &mut Conn<'_>, instance: &Id) -> Result<Vec<Permission>> {
    let mut all = Permission::system(roles::built_in_at(conn, instance)?);
    all.extend(roles::permissions(conn, instance)?);
    Ok(all)
}

pub(crate) fn not_found(id: &Id) -> Error {
    Error::not_found("organization role", id.as_str())
}
