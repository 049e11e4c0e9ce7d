//! Operations on what leads to a user: email addresses, phone numbers and wallets.
//!
//! One file per operation, each for every kind that has it.

mod create;
mod delete;
mod replace;
mod rules;
mod update;
mod verify;

pub use self::create::{NewIdentification, create};
pub use self::delete::{delete, delete_of_user};
pub use self::replace::{ReplaceIdentification, replace};
pub use self::update::{UpdateIdentification, update};
pub use self::verify::{
    Attempt, Recipient, Verifiable, Verification, VerificationStatus, attempt, prepare,
};

use rollbook_domain::{Identified, Identifying, User};
use rollbook_store::Conn;
use rollbook_store::users::{self, StoredUser};
use rollbook_wire::Id;

use crate::users::{Outcome, change_locked, hold};
use crate::{Ctx, Error, Result, Tenant};

/// An identification and the user it leads to.
#[derive(Debug, Clone)]
pub struct Owned<T> {
    /// Whose it is.
    pub user: User,
    /// One of the user's.
    pub identified: Identified<T>,
}

/// The identification with this id.
pub async fn get<T: Identifying>(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<Owned<T>> {
    let instance = &tenant.instance.id;
    let owner = users::owner(&ctx.db, instance, id).await?.ok_or_else(|| not_found::<T>(id))?;
    let stored = users::by_id(&ctx.db, instance, &owner).await?;
    owned(stored.ok_or_else(|| not_found::<T>(id))?, id)
}

fn not_found<T: Identifying>(id: &Id) -> Error {
    Error::not_found(T::NOUN, id.as_str())
}

fn owned<T: Identifying>(stored: StoredUser, id: &Id) -> Result<Owned<T>> {
    let identified = stored.user.identification::<T>(id).cloned();
    let identified = identified.ok_or_else(|| not_found::<T>(id))?;
    Ok(Owned { user: stored.user, identified })
}

/// Runs `change` on the user that the identification leads to, in a transaction of its own.
async fn change_owner<T, F>(ctx: &Ctx, tenant: &Tenant, id: &Id, change: F) -> Result<StoredUser>
where
    T: Identifying,
    F: Fn(&mut Conn<'_>, &mut User) -> Result<Outcome> + Send + 'static,
{
    let (ctx_, instance, id) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let owner = users::owner_in(tx, &instance, &id)?.ok_or_else(|| not_found::<T>(&id))?;
            let stored = users::lock(tx, &instance, &owner)?;
            // It may have gone while this transaction waited for the user.
            let stored = stored.filter(|stored| stored.user.identification::<T>(&id).is_some());
            let stored = stored.ok_or_else(|| not_found::<T>(&id))?;
            change_locked(&ctx_, tx, &instance, stored, &change)
        })
        .await
}
