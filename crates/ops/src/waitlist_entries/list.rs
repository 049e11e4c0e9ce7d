//! List the waitlist.

use rollbook_domain::Slice;
use rollbook_store::waitlist_entries::{self, Filter, Order};
use rollbook_wire as wire;

use super::change::body;
use crate::{Ctx, Error, Result, Tenant};

/// A part of the entries that `filter` admits, and how many there are.
pub async fn list(
    ctx: &Ctx,
    tenant: &Tenant,
    filter: Filter,
    slice: Slice<Order>,
) -> Result<wire::Paginated<wire::WaitlistEntry>> {
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    ctx.db
        .read(move |conn| {
            let entries = waitlist_entries::page(conn, &instance, &filter, slice)?;
            let data = entries.iter().map(|entry| body(&ctx_, conn, &instance, entry));
            let data = data.collect::<Result<_>>()?;
            let total_count = waitlist_entries::count(conn, &instance, &filter)?;
            Ok::<_, Error>(wire::Paginated { data, total_count })
        })
        .await
}
