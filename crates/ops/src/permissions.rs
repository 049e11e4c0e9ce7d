//! Permissions that roles are made of: the system's, and those of the instance.

mod create;
mod delete;
mod update;

pub use self::create::{CreatePermission, create};
pub use self::delete::delete;
pub use self::update::{UpdatePermission, update};

use rollbook_domain::{Permission, Problem};
use rollbook_wire::{self as wire, Code, Id};

use crate::listing::{self, Listing};
use crate::{Ctx, Error, Result, Tenant, roles};

/// A part of the permissions that the listing chooses, and how many there are.
pub async fn list(
    ctx: &Ctx,
    tenant: &Tenant,
    listing: Listing,
) -> Result<wire::Paginated<wire::Permission>> {
    let (page, total_count) = listing::page(all(ctx, tenant).await?, &listing);
    Ok(wire::Paginated { data: page.iter().map(Permission::body).collect(), total_count })
}

/// The permission with this id.
pub async fn get(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<wire::Permission> {
    let all = all(ctx, tenant).await?;
    let found = all.iter().find(|permission| permission.id == *id).map(Permission::body);
    found.ok_or_else(|| Error::not_found("organization permission", id.as_str()))
}

async fn all(ctx: &Ctx, tenant: &Tenant) -> Result<Vec<Permission>> {
    let instance = tenant.instance.id.clone();
    ctx.db.read(move |conn| roles::permissions(conn, &instance)).await
}

/// Refuses to change what is the system's.
fn own(permission: &Permission) -> Result<()> {
    if permission.is_system() {
        return Err(Error::refused(Problem::new(
            Code::OrganizationSystemPermissionNotModifiable,
            format!("The permission {} is the system's.", permission.key),
        )));
    }
    Ok(())
}
