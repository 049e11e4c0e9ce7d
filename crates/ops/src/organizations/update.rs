//! Change what an organization says of itself.

use rollbook_domain::parse_organization_name;
use rollbook_wire::Id;
use serde_json::{Map, Value};

use super::body::Found;
use super::create::{chosen_slug, created_at, memberships_limit, no_role_set};
use super::write::{Slug, change_slug};
use crate::metadata::{self, Writing};
use crate::users::Request;
use crate::{Ctx, Error, Result, Tenant};

/// What an update changes; what is absent or `null` stays as it is.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct UpdateOrganization {
    pub name: Option<String>,
    pub slug: Option<String>,
    pub max_allowed_memberships: Option<i64>,
    pub admin_delete_enabled: Option<bool>,
    pub public_metadata: Option<Map<String, Value>>,
    pub private_metadata: Option<Map<String, Value>>,
    pub created_at: Option<String>,
    pub role_set_key: Option<String>,
}

/// Updates an organization, or says everything that is wrong with the update.
pub async fn update(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<UpdateOrganization>,
) -> Result<Found> {
    let Request { params, mut problems } = request;
    let name = params.name.as_deref().map(parse_organization_name).transpose();
    let name = name.unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let slug = chosen_slug(tenant, params.slug.as_deref(), &mut problems);
    let limit =
        params.max_allowed_memberships.and_then(|limit| memberships_limit(limit, &mut problems));
    let now = ctx.clock.now();
    let created_at =
        params.created_at.as_deref().and_then(|text| created_at(text, now, &mut problems));
    no_role_set(params.role_set_key.as_deref(), &mut problems);

    let slugs = if slug.is_some() { Slug::Changes } else { Slug::Stays };
    change_slug(ctx, tenant, id, slugs, move |_, organization| {
        let mut fields = [
            (&mut organization.public_metadata, &params.public_metadata, "public_metadata"),
            (&mut organization.private_metadata, &params.private_metadata, "private_metadata"),
        ];
        metadata::write(Writing::Replace, &mut fields, problems.clone())?;
        if let Some(name) = &name {
            organization.name.clone_from(name);
        }
        if let Some(slug) = &slug {
            organization.slug.clone_from(slug);
        }
        if let Some(limit) = limit {
            organization.max_allowed_memberships = limit;
        }
        if let Some(enabled) = params.admin_delete_enabled {
            organization.admin_delete_enabled = enabled;
        }
        if let Some(at) = created_at {
            organization.created_at = at;
        }
        Ok::<_, Error>(())
    })
    .await
}
