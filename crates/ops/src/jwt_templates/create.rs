//! Create a template of tokens.

use rollbook_domain::JwtTemplate;
use rollbook_store::jwt_templates::{self as store, StoredTemplate};
use rollbook_wire as wire;
use rollbook_wire::Prefix;

use super::GivenTemplate;
use super::checks::{CLOCK_SKEW_S, LIFETIME_S, checked, name_taken};
use crate::users::{Request, hold};
use crate::{Ctx, Error, Result, Tenant};

/// Creates a template.
pub async fn create(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<GivenTemplate>,
) -> Result<wire::JwtTemplate> {
    let given = checked(request)?;
    // Both are required, so the decoder has complained of what is missing.
    let (Some(name), Some(claims)) = (&given.name, &given.claims) else {
        return Err(Error::internal("create a template", "a required parameter is missing"));
    };
    let now = ctx.clock.now();
    let template = JwtTemplate {
        id: ctx.entropy.id(Prefix::JwtTemplate, now),
        name: name.clone(),
        claims: claims.clone(),
        lifetime: LIFETIME_S,
        allowed_clock_skew: CLOCK_SKEW_S,
        signing_algorithm: None,
        created_at: now,
        updated_at: now,
    };
    let mut stored = StoredTemplate { template, signing_key: None };
    given.apply(&ctx.vault, &mut stored)?;
    let instance = tenant.instance.id.clone();
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            if !store::insert(tx, &instance, &stored)? {
                return Err(name_taken(&stored.template.name));
            }
            Ok(stored.template.render())
        })
        .await
}
