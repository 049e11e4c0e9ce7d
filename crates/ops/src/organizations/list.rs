//! List organizations.

use rollbook_domain::{OrganizationFilter, OrganizationOrder, Slice};
use rollbook_store::organizations as store;
use rollbook_wire::Paginated;

use super::body::{Found, Include};
use crate::{Ctx, Error, Result, Tenant};

/// A page of the organizations that `filter` admits, and how many there are.
pub async fn list(
    ctx: &Ctx,
    tenant: &Tenant,
    filter: OrganizationFilter,
    slice: Slice<OrganizationOrder>,
    include: Include,
) -> Result<Paginated<Found>> {
    let (instance, now) = (tenant.instance.id.clone(), ctx.clock.now());
    ctx.db
        .read(move |conn| {
            let total_count = store::count(conn, &instance, &filter)?;
            let data = store::page(conn, &instance, &filter, slice)?
                .into_iter()
                .map(|stored| Found::read(conn, &instance, stored, include, now))
                .collect::<Result<_>>()?;
            Ok::<_, Error>(Paginated { data, total_count })
        })
        .await
}
