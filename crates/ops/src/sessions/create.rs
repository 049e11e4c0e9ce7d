//! Create a session from nothing but a user's id, for tests.

use rollbook_domain::{Environment, Problem, Session};
use rollbook_store::users;
use rollbook_wire::{Code, Id};

use super::{NewSession, check_member, start};
use crate::users::{Request, hold, not_found};
use crate::{Ctx, Error, Result, Tenant};

/// What a caller says of a new session; the names are those of the API.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct CreateSession {
    pub user_id: Option<Id>,
    pub active_organization_id: Option<Id>,
    /// The page it is to have begun on.
    pub origin: Option<String>,
}

/// Creates a session; instances in production refuse to.
pub async fn create(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<CreateSession>,
) -> Result<Session> {
    if tenant.instance.environment == Environment::Production {
        return Err(Error::refused(Problem::new(
            Code::RequestInvalidForEnvironment,
            "Sessions can be created on development instances only; use sign-in tokens.",
        )));
    }
    let Request { params, problems } = request;
    let (Some(user), true) = (params.user_id, problems.is_empty()) else {
        return Err(Error::Refused(problems));
    };
    let new = NewSession {
        organization_id: params.active_organization_id,
        origin: params.origin,
        ..NewSession::default()
    };
    let (ctx_, tenant) = (ctx.clone(), tenant.clone());
    ctx.db
        .write(move |tx| {
            let instance = &tenant.instance.id;
            hold(tx, instance)?;
            let stored = users::lock(tx, instance, &user)?.ok_or_else(|| not_found(&user))?;
            let wanted = new.organization_id.as_ref();
            check_member(tx, instance, &user, wanted, "active_organization_id")?;
            start(&ctx_, tx, &tenant, &stored, new.clone())
        })
        .await
}
