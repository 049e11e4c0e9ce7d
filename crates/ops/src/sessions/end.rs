//! End sessions: one at somebody's wish, or all of a user.

use rollbook_domain::{Session, SessionStatus, User};
use rollbook_store::{Conn, sessions, users};
use rollbook_wire::Id;

use super::not_found;
use crate::users::hold;
use crate::{Ctx, Result, Tenant, events};

/// Who ends a session, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The backend revokes it.
    Revoke,
    /// Its user ends it.
    End,
    /// Its user signs out, which takes it out of its client.
    Remove,
}

impl Ending {
    const fn status(self) -> SessionStatus {
        match self {
            Self::Revoke => SessionStatus::Revoked,
            Self::End => SessionStatus::Ended,
            Self::Remove => SessionStatus::Removed,
        }
    }

    const fn event(self) -> &'static str {
        match self {
            Self::Revoke => "session.revoked",
            Self::End => "session.ended",
            Self::Remove => "session.removed",
        }
    }
}

/// Ends a session; one that is over already stays as it is, with no event.
pub async fn end(ctx: &Ctx, tenant: &Tenant, id: &Id, ending: Ending) -> Result<Session> {
    let user = super::get(ctx, tenant, id).await?.user_id;
    let (ctx_, instance, id) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            // The user first, as everywhere; a session whose user is gone is gone, too.
            let stored = users::lock(tx, &instance, &user)?.ok_or_else(|| not_found(&id))?;
            let session = sessions::lock(tx, &instance, &id)?;
            let mut session = session.ok_or_else(|| not_found(&id))?;
            let now = ctx_.clock.now();
            if session.status_at(now) == SessionStatus::Active {
                sessions::end(tx, &instance, &mut session, ending.status(), now)?;
                events::session(&ctx_, tx, &instance, ending.event(), &session, &stored.user)?;
            }
            Ok(session)
        })
        .await
}

/// Ends every active session of a user whom the transaction holds.
pub(crate) fn end_all(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    user: &User,
    ending: Ending,
) -> Result<()> {
    let ended = sessions::end_all(tx, instance, &user.id, ending.status(), ctx.clock.now())?;
    for session in &ended {
        events::session(ctx, tx, instance, ending.event(), session, user)?;
    }
    Ok(())
}
