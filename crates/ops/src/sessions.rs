//! Operations on sessions.

mod create;
mod end;
mod start;
mod template_context;
mod token;
mod verify;

pub use self::create::{CreateSession, create};
pub(crate) use self::end::end_all;
pub use self::end::{Ending, end};
pub(crate) use self::start::{NewSession, check_member, may_sign_in, start};
pub use self::token::{CreateToken, create_token};
pub use self::verify::verify;

use rollbook_domain::{Session, SessionStatus};
use rollbook_store::sessions;
use rollbook_wire::Id;

use crate::{Ctx, Error, Result, Tenant};

/// The session with this id.
pub async fn get(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<Session> {
    sessions::by_id(&ctx.db, &tenant.instance.id, id).await?.ok_or_else(|| not_found(id))
}

/// The session with this id if it signs its user in now.
async fn get_active(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<Session> {
    let session = get(ctx, tenant, id).await?;
    match session.status_at(ctx.clock.now()) {
        SessionStatus::Active => Ok(session),
        _ => Err(Error::not_found("active session", id.as_str())),
    }
}

fn not_found(id: &Id) -> Error {
    Error::not_found("session", id.as_str())
}
