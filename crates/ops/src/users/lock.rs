//! Lock a user for the instance's lockout duration; the clock alone ends it.

use rollbook_domain::{Lock, Problem};
use rollbook_store::users::StoredUser;
use rollbook_wire::{Code, Id};

use super::write::{Outcome, change};
use crate::{Ctx, Error, Result, Tenant};

/// Locks a user; locking a locked one starts the time anew. Sessions go on.
pub async fn lock(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<StoredUser> {
    let minutes = lockout_on(tenant)?;
    let clock = ctx.clock.clone();
    change(ctx, tenant, id, move |_, user| {
        let until = minutes.map(|minutes| clock.now() + i64::from(minutes) * 60_000);
        user.lock = Some(Lock { until });
        Ok(Outcome::Changed)
    })
    .await
}

/// Unlocks a user; one who is not locked stays as it is.
pub async fn unlock(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<StoredUser> {
    lockout_on(tenant)?;
    let clock = ctx.clock.clone();
    change(ctx, tenant, id, move |_, user| {
        if user.lock_at(clock.now()).is_none() {
            return Ok(Outcome::Unchanged);
        }
        user.lock = None;
        Ok(Outcome::Changed)
    })
    .await
}

/// The duration of a lock, if the instance has locks at all.
pub(super) fn lockout_on(tenant: &Tenant) -> Result<Option<u32>> {
    let lockout = tenant.instance.settings.user_lockout;
    if !lockout.enabled {
        return Err(Error::refused(Problem::new(
            Code::FeatureNotEnabled,
            "User lockout is not enabled for this instance.",
        )));
    }
    Ok(lockout.duration_in_minutes)
}
