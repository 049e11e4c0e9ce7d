//! Read an organization.

use rollbook_domain::{OrganizationView, render_organization};
use rollbook_store::organizations::{self, StoredOrganization};
use rollbook_store::{Conn, memberships, organization_invitations as invitations};
use rollbook_wire as wire;
use rollbook_wire::Id;

use super::not_found;
use crate::{Ctx, Result, Tenant, roles};

/// What a body shows only if it is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Include {
    /// How many members and pending invitations there are.
    pub members_count: bool,
    /// Whether nobody in it can run it.
    pub missing_member: bool,
}

impl Include {
    const ALL: Self = Self { members_count: true, missing_member: true };
}

/// An organization with what was asked for.
#[derive(Debug, Clone)]
pub struct Found {
    /// The row.
    pub stored: StoredOrganization,
    /// As the row says it, if it was asked for.
    members_count: Option<i64>,
    pending_invitations_count: Option<i64>,
    missing_member: Option<bool>,
}

impl Found {
    /// Counts what was asked for.
    pub(super) fn read(
        conn: &mut Conn<'_>,
        instance: &Id,
        stored: StoredOrganization,
        include: Include,
        now: i64,
    ) -> Result<Self> {
        let id = &stored.organization.id;
        let pending = include
            .members_count
            .then(|| invitations::count_pending(conn, instance, id, now))
            .transpose()?;
        let missing_member = if include.missing_member {
            let elevated = roles::elevated(&roles::all(conn, instance)?);
            Some(!memberships::has_another(conn, instance, id, elevated, None)?)
        } else {
            None
        };
        Ok(Self {
            members_count: include.members_count.then_some(stored.members_count),
            pending_invitations_count: pending,
            missing_member,
            stored,
        })
    }
}

/// The organization with this id.
pub async fn get(ctx: &Ctx, tenant: &Tenant, id: &Id, include: Include) -> Result<Found> {
    let stored = organizations::by_id(&ctx.db, &tenant.instance.id, id).await?;
    complete(ctx, tenant, stored.ok_or_else(|| not_found(id))?, include).await
}

/// The organization with this id or, if there is none, this slug.
pub async fn find(ctx: &Ctx, tenant: &Tenant, id_or_slug: &Id, include: Include) -> Result<Found> {
    let instance = &tenant.instance.id;
    let mut stored = organizations::by_id(&ctx.db, instance, id_or_slug).await?;
    if stored.is_none() {
        stored = organizations::by_slug(&ctx.db, instance, id_or_slug.as_str()).await?;
    }
    complete(ctx, tenant, stored.ok_or_else(|| not_found(id_or_slug))?, include).await
}

async fn complete(
    ctx: &Ctx,
    tenant: &Tenant,
    stored: StoredOrganization,
    include: Include,
) -> Result<Found> {
    let (instance, now) = (tenant.instance.id.clone(), ctx.clock.now());
    if include == Include::default() {
        return Ok(hidden(stored));
    }
    ctx.db.read(move |conn| Found::read(conn, &instance, stored.clone(), include, now)).await
}

/// An organization of which nothing more was asked for.
pub(crate) fn hidden(stored: StoredOrganization) -> Found {
    Found { stored, members_count: None, pending_invitations_count: None, missing_member: None }
}

/// An organization with all there is to tell of it, as events do.
pub(crate) fn full(
    ctx: &Ctx,
    conn: &mut Conn<'_>,
    instance: &Id,
    stored: StoredOrganization,
) -> Result<Found> {
    Found::read(conn, instance, stored, Include::ALL, ctx.clock.now())
}

pub(crate) fn view(found: &Found) -> OrganizationView<'_> {
    OrganizationView {
        organization: &found.stored.organization,
        created_by: found.stored.created_by.as_ref(),
        last_active_at: found.stored.last_active_at,
        members_count: found.members_count,
        pending_invitations_count: found.pending_invitations_count,
        missing_member_with_elevated_permissions: found.missing_member,
    }
}

/// The organization as the API shows it.
pub fn render<'a>(ctx: &Ctx, found: &'a Found) -> wire::Organization<'a> {
    render_organization(&view(found), &ctx.public_url)
}
