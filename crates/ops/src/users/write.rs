//! The frame of every change: lock, change, save, tell, forget the old body.

use rollbook_domain::{Identifier, Problem, User};
use rollbook_store::users::{self, StoredUser, Taken};
use rollbook_store::{Conn, instances};
use rollbook_wire::{Code, Id};

use super::body::not_found;
use crate::{Ctx, Error, Result, Tenant, events};

/// What a change did.
pub(crate) enum Outcome {
    /// Nothing: no new version, no event.
    Unchanged,
    /// Something: the user is saved and told of even if its record is the same.
    Changed,
}

/// Runs `change` on the user in a transaction of its own.
///
/// An event goes out only if something changed, and `updated_at` moves only then.
pub(crate) async fn change<F>(ctx: &Ctx, tenant: &Tenant, id: &Id, change: F) -> Result<StoredUser>
where
    F: Fn(&mut Conn<'_>, &mut User) -> Result<Outcome> + Send + 'static,
{
    change_under(ctx, tenant, id, Hold::Shared, change).await
}

/// The same with the instance held in this way.
pub(crate) async fn change_under<F>(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    how: Hold,
    change: F,
) -> Result<StoredUser>
where
    F: Fn(&mut Conn<'_>, &mut User) -> Result<Outcome> + Send + 'static,
{
    let instance = tenant.instance.id.clone();
    let (ctx_, id) = (ctx.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            how.take(tx, &instance)?;
            let stored = users::lock(tx, &instance, &id)?.ok_or_else(|| not_found(&id))?;
            change_locked(&ctx_, tx, &instance, stored, &change)
        })
        .await
}

/// How a transaction holds its instance.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Hold {
    /// Beside others: users are changed at the same time.
    Shared,
    /// Alone, so that no two transactions take the same last place or mailbox.
    Alone,
}

impl Hold {
    /// Alone if what the transaction decides depends on other users.
    pub(crate) fn alone_if(depends: bool) -> Self {
        if depends { Self::Alone } else { Self::Shared }
    }

    pub(crate) fn take(self, tx: &mut Conn<'_>, instance: &Id) -> Result<()> {
        match self {
            Self::Shared => hold(tx, instance),
            Self::Alone => instances::lock(tx, instance)?.map(drop).ok_or_else(|| gone(instance)),
        }
    }
}

/// Keeps the instance from being deleted, reset or copied until the transaction ends.
pub(crate) fn hold(tx: &mut Conn<'_>, instance: &Id) -> Result<()> {
    if instances::hold(tx, instance)? { Ok(()) } else { Err(gone(instance)) }
}

/// The instance was deleted since its key was proved.
fn gone(instance: &Id) -> Error {
    Error::not_found("instance", instance.as_str())
}

/// The same within a transaction that holds the user already.
pub(crate) fn change_locked(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    mut stored: StoredUser,
    change: impl Fn(&mut Conn<'_>, &mut User) -> Result<Outcome>,
) -> Result<StoredUser> {
    let mut user = stored.user.clone();
    match change(tx, &mut user)? {
        Outcome::Unchanged => return Ok(stored),
        Outcome::Changed => {}
    }
    user.settle_default_second_factor();
    user.note_mfa(stored.user.two_factor_enabled(), ctx.clock.now());
    // Never backwards, nor the same twice: clients order versions by it.
    user.updated_at = ctx.clock.now().max(stored.user.updated_at + 1);
    if let Err(Taken(identifiers)) = users::save(tx, instance, &stored, &user)? {
        return Err(Error::Refused(identifiers.iter().map(taken).collect()));
    }
    stored.user = user;
    events::user(ctx, tx, instance, "user.updated", &stored)?;
    forget_on_commit(ctx, tx, instance, &stored.user.id);
    Ok(stored)
}

/// Drops the cached body once the change is durable and before it is answered.
///
/// Under the epoch of that moment: the instance may have new settings, and with
/// them a newly cached body, since the request began.
pub(crate) fn forget_on_commit(ctx: &Ctx, tx: &mut Conn<'_>, instance: &Id, id: &Id) {
    let (ctx, instance, id) = (ctx.clone(), instance.clone(), id.clone());
    tx.on_commit(move || {
        let epoch = ctx.catalog.by_id(&instance).map_or(0, |tenant| tenant.epoch);
        ctx.bodies.forget(epoch, &id);
    });
}

/// An identifier belongs to another user; the parameter is named like its kind.
pub(crate) fn taken(identifier: &Identifier) -> Problem {
    let name = if identifier.kind.starts_with("oauth_") {
        "provider_user_id"
    } else {
        identifier.kind.as_str()
    };
    Problem::param(
        Code::FormIdentifierExists,
        name,
        format!("That {name} is taken. Please try another."),
    )
}
