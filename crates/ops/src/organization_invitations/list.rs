//! List invitations: to an organization, of a user, of the instance.

use rollbook_domain::{InvitationFilter, InvitationOrder, Slice};
use rollbook_store::{Conn, organization_invitations as store, organizations, users};
use rollbook_wire::{Id, Paginated};

use super::body::Invitation;
use crate::organizations::not_found;
use crate::{Ctx, Error, Result, Tenant, roles};

/// A page of the invitations that `filter` admits, and how many there are.
pub async fn list(
    ctx: &Ctx,
    tenant: &Tenant,
    filter: InvitationFilter,
    slice: Slice<InvitationOrder>,
) -> Result<Paginated<Invitation>> {
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    ctx.db
        .read(move |conn| {
            if let Some(id) = &filter.organization_id
                && !organizations::exists(conn, &instance, id)?
            {
                return Err(not_found(id));
            }
            page(&ctx_, conn, &instance, &filter, slice)
        })
        .await
}

/// The same of those to any verified email address of a user.
pub async fn list_of_user(
    ctx: &Ctx,
    tenant: &Tenant,
    user: &Id,
    filter: InvitationFilter,
    slice: Slice<InvitationOrder>,
) -> Result<Paginated<Invitation>> {
    let (ctx_, instance, user) = (ctx.clone(), tenant.instance.id.clone(), user.clone());
    ctx.db
        .read(move |conn| {
            let user = users::find(conn, &instance, &user)?
                .ok_or_else(|| Error::not_found("user", user.as_str()))?
                .user;
            let verified = user.email_addresses.iter().filter(|email| email.is_verified());
            let addresses = verified.map(|email| email.value.to_string()).collect();
            let filter = InvitationFilter { email_address: Some(addresses), ..filter.clone() };
            page(&ctx_, conn, &instance, &filter, slice)
        })
        .await
}

fn page(
    ctx: &Ctx,
    conn: &mut Conn<'_>,
    instance: &Id,
    filter: &InvitationFilter,
    slice: Slice<InvitationOrder>,
) -> Result<Paginated<Invitation>> {
    let now = ctx.clock.now();
    let roles = roles::all(conn, instance)?;
    let total_count = store::count(conn, instance, filter, now)?;
    let rows = store::page(conn, instance, filter, now, slice)?;
    let data = rows.into_iter().map(|row| Invitation::of(row, &roles)).collect();
    Ok(Paginated { data, total_count })
}
