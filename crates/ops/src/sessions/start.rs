//! Start a session of a user whom the transaction holds; whoever signs somebody in comes here.

use rollbook_domain::{Problem, Session, SessionStatus, User};
use rollbook_store::users::StoredUser;
use rollbook_store::{Conn, memberships, organizations, sessions};
use rollbook_wire::{Code, Id, Prefix};
use serde_json::Value;

use crate::users::forget_on_commit;
use crate::{Ctx, Error, Result, Tenant, events};

/// How long a session is remembered after it is over: 30 days.
const REMEMBERED_MS: i64 = 2_592_000_000;

/// How a session comes about.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewSession {
    /// How the user proved itself, such as `ticket`.
    pub(crate) strategy: Option<&'static str>,
    /// Who acts as the user.
    pub(crate) actor: Option<Value>,
    /// The organization to be active, which the user must be a member of.
    pub(crate) organization_id: Option<Id>,
    /// The page it began on.
    pub(crate) origin: Option<String>,
    /// How long it may last, if less than the instance says.
    pub(crate) max_duration_ms: Option<i64>,
}

/// Starts a session in a client of its own, and tells of it.
///
/// Somebody else's acting as the user is no activity of the user's.
pub(crate) fn start(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    user: &StoredUser,
    new: NewSession,
) -> Result<Session> {
    let (instance, now) = (&tenant.instance.id, ctx.clock.now());
    may_sign_in(&user.user, now)?;
    let settings = &tenant.instance.settings.sessions;
    let lifetime = i64::from(settings.lifetime_in_seconds) * 1000;
    let expire_at = now + new.max_duration_ms.map_or(lifetime, |max| max.min(lifetime));
    let own = new.actor.is_none();
    let session = Session {
        id: ctx.entropy.id(Prefix::Session, now),
        user_id: user.user.id.clone(),
        client_id: ctx.entropy.id(Prefix::Client, now),
        status: SessionStatus::Active,
        actor: new.actor,
        last_active_organization_id: new.organization_id,
        origin: new.origin,
        first_factor_at: own.then_some(now),
        second_factor_at: None,
        last_active_at: now,
        expire_at,
        abandon_at: settings.abandon_at(now, now, expire_at),
        created_at: now,
        updated_at: now,
    };
    sessions::prune_of_user(tx, instance, &user.user.id, now - REMEMBERED_MS)?;
    sessions::insert(tx, instance, &session, new.strategy)?;
    if own {
        sessions::note_sign_in(tx, instance, &user.user.id, now)?;
        if let Some(organization) = &session.last_active_organization_id {
            organizations::note_activity(tx, instance, organization, now)?;
        }
        forget_on_commit(ctx, tx, instance, &user.user.id);
    }
    events::session(ctx, tx, instance, "session.created", &session, &user.user)?;
    Ok(session)
}

/// Whether the user may sign in: one who is banned or locked may not.
pub(crate) fn may_sign_in(user: &User, now: i64) -> Result<()> {
    let (code, why) = if user.banned {
        (Code::UserBanned, "banned")
    } else if user.lock_at(now).is_some() {
        (Code::UserLocked, "locked")
    } else {
        return Ok(());
    };
    let text = format!("The user {} is {why} and cannot sign in.", user.id);
    Err(Error::refused(Problem::new(code, text)))
}

/// Refuses an organization that the user is no member of; `param` is what named it.
pub(crate) fn check_member(
    tx: &mut Conn<'_>,
    instance: &Id,
    user: &Id,
    organization: Option<&Id>,
    param: &'static str,
) -> Result<()> {
    let Some(organization) = organization else { return Ok(()) };
    if memberships::of(tx, instance, organization, user)?.is_some() {
        return Ok(());
    }
    let text = format!("{param} must name an organization that the user is a member of.");
    Err(Error::refused(Problem::param(Code::FormResourceNotFound, param, text)))
}
