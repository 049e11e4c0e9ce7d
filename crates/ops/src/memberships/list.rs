//! List memberships: of a user, of an organization, of the instance.

use rollbook_domain::{MembershipFilter, OrderKey, Slice};
use rollbook_store::{memberships as store, organizations, users};
use rollbook_wire::Paginated;

use super::body::Member;
use crate::organizations::not_found;
use crate::{Ctx, Error, Result, Tenant, roles};

/// A page of the memberships of the instance, and how many there are.
pub async fn list(
    ctx: &Ctx,
    tenant: &Tenant,
    filter: MembershipFilter,
    slice: Slice<OrderKey>,
) -> Result<Paginated<Member>> {
    let instance = tenant.instance.id.clone();
    ctx.db
        .read(move |conn| {
            // A list of one of them says so if there is no such one.
            if let Some(id) = &filter.organization_id
                && !organizations::exists(conn, &instance, id)?
            {
                return Err(not_found(id));
            }
            if let Some(id) = &filter.user_id
                && users::find(conn, &instance, id)?.is_none()
            {
                return Err(Error::not_found("user", id.as_str()));
            }
            let roles = roles::all(conn, &instance)?;
            let total_count = store::count(conn, &instance, &filter)?;
            let rows = store::page(conn, &instance, &filter, slice)?;
            let data = rows.into_iter().map(|row| Member::of(row, &roles)).collect();
            Ok(Paginated { data, total_count })
        })
        .await
}
