//! List invitations.

use rollbook_domain::Slice;
use rollbook_store::invitations::{self, Filter, Order};
use rollbook_wire as wire;

use crate::{Ctx, Error, Result, Tenant};

/// A part of the invitations that `filter` admits.
pub async fn list(
    ctx: &Ctx,
    tenant: &Tenant,
    filter: Filter,
    slice: Slice<Order>,
) -> Result<Vec<wire::Invitation>> {
    let (instance, now) = (tenant.instance.id.clone(), ctx.clock.now());
    let found = ctx
        .db
        .read(move |conn| Ok::<_, Error>(invitations::page(conn, &instance, &filter, now, slice)?));
    Ok(found.await?.iter().map(|found| found.body(&ctx.public_url, now)).collect())
}

/// How many invitations `filter` admits.
pub async fn count(ctx: &Ctx, tenant: &Tenant, filter: Filter) -> Result<i64> {
    let (instance, now) = (tenant.instance.id.clone(), ctx.clock.now());
    ctx.db.read(move |conn| Ok(invitations::count(conn, &instance, &filter, now)?)).await
}
