//! Take an email address, a phone number or a wallet away from its user.

use rollbook_domain::{Identifying, User};
use rollbook_store::Conn;
use rollbook_wire::Id;

use super::{change_owner, not_found, rules};
use crate::users::{Outcome, change, forget_orphaned_codes};
use crate::{Ctx, Result, Tenant};

/// Deletes an identification; deleting it again finds nothing.
///
/// The oldest verified one left of its kind becomes primary in its place.
pub async fn delete<T: Identifying>(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<()> {
    let step = Step::new::<T>(ctx, tenant, id);
    change_owner::<T, _>(ctx, tenant, id, move |tx, user| step.run::<T>(tx, user)).await.map(drop)
}

/// The same for one that must be this user's.
pub async fn delete_of_user<T: Identifying>(
    ctx: &Ctx,
    tenant: &Tenant,
    user: &Id,
    id: &Id,
) -> Result<()> {
    let step = Step::new::<T>(ctx, tenant, id);
    change(ctx, tenant, user, move |tx, user| step.run::<T>(tx, user)).await.map(drop)
}

struct Step {
    ctx: Ctx,
    instance: Id,
    /// Whether the instance requires one of this kind.
    required: bool,
    id: Id,
}

impl Step {
    fn new<T: Identifying>(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Self {
        Self {
            ctx: ctx.clone(),
            instance: tenant.instance.id.clone(),
            required: T::attribute(&tenant.instance.settings.attributes).required,
            id: id.clone(),
        }
    }

    fn run<T: Identifying>(&self, tx: &mut Conn<'_>, user: &mut User) -> Result<Outcome> {
        let before = user.clone();
        let gone = user.remove_identification::<T>(&self.id);
        let gone = gone.ok_or_else(|| not_found::<T>(&self.id))?;
        rules::may_go(&before, user, &gone, self.required)?;
        forget_orphaned_codes(&self.ctx, tx, &self.instance, &before, user)?;
        Ok(Outcome::Changed)
    }
}
