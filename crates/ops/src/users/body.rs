//! Read a user.

use bytes::Bytes;
use rollbook_domain::{Rendering, render_user};
use rollbook_store::users::{self, StoredUser};
use rollbook_wire as wire;
use rollbook_wire::Id;

use crate::{Ctx, Error, Result, Tenant};

/// Most bodies fit, so that they are written without moving.
const USUAL_BODY: usize = 4 << 10;

/// The user with this id.
pub async fn get(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<StoredUser> {
    users::by_id(&ctx.db, &tenant.instance.id, id).await?.ok_or_else(|| not_found(id))
}

/// The user as the API shows it now.
pub fn render<'a>(ctx: &Ctx, tenant: &Tenant, stored: &'a StoredUser) -> wire::User<'a> {
    let with = Rendering {
        instance: &tenant.instance,
        public_url: &ctx.public_url,
        now: ctx.clock.now(),
        last_active_at: stored.last_active_at,
        last_sign_in_at: stored.last_sign_in_at,
    };
    render_user(&stored.user, &with)
}

/// The rendered body of the user with this id, from memory where it can be.
///
/// The hot read: one row by its key and no lock when the body is not there.
pub async fn body(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<Bytes> {
    if let Some(body) = ctx.bodies.get(tenant.epoch, id) {
        return Ok(body);
    }
    let ticket = ctx.bodies.ticket(id);
    let stored = get(ctx, tenant, id).await?;
    let mut body = Vec::with_capacity(USUAL_BODY);
    serde_json::to_writer(&mut body, &render(ctx, tenant, &stored))
        .map_err(|source| Error::internal("render a user", source))?;
    // Boxed, so that a kept body takes no more than its length.
    let body = Bytes::from(body.into_boxed_slice());
    // The body of a locked user changes by the second.
    if stored.user.lock_at(ctx.clock.now()).is_none() {
        ctx.bodies.put(ticket, tenant.epoch, id, body.clone());
    }
    Ok(body)
}

pub(crate) fn not_found(id: &Id) -> Error {
    Error::not_found("user", id.as_str())
}
