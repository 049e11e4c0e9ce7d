//! Delete a user with all that hangs on it; its identifiers are free again.

use rollbook_store::credentials::{self, Owner};
use rollbook_store::{
    ceremonies, images, oauth_access_tokens, oauth_connections, passkeys, sessions, tickets, users,
    verifications,
};
use rollbook_wire::Id;

use super::body::not_found;
use super::write::{forget_on_commit, hold};
use crate::memberships::leave_all;
use crate::sessions::Ending;
use crate::{Ctx, Result, Tenant, events};

/// What is left to tell of a deleted user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// `user_…`
    pub id: Id,
    /// The caller's own id of it.
    pub external_id: Option<String>,
}

/// Deletes a user; deleting it again finds nothing.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<Deleted> {
    let (ctx_, instance, id) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    let (deleted, pictures) = ctx
        .db
        .write(move |tx| {
            hold(tx, &instance)?;
            let user = users::lock(tx, &instance, &id)?.ok_or_else(|| not_found(&id))?.user;
            let pictures = images::delete_of_owner(tx, &instance, &id)?;
            credentials::delete_all(tx, Owner { instance: &instance, user: &id })?;
            passkeys::delete_of_user(tx, &instance, &id)?;
            oauth_access_tokens::delete_of_user(tx, &instance, &id)?;
            oauth_connections::delete_of_user(tx, &instance, &id)?;
            ceremonies::delete_of_user(tx, &instance, &id)?;
            verifications::delete_of_user(tx, &instance, &id)?;
            crate::sessions::end_all(&ctx_, tx, &instance, &user, Ending::Remove)?;
            sessions::delete_of_user(tx, &instance, &id)?;
            tickets::delete_of_user(tx, &instance, &id)?;
            leave_all(&ctx_, tx, &instance, &user)?;
            users::delete(tx, &instance, &id)?;
            events::user_deleted(&ctx_, tx, &instance, &user)?;
            forget_on_commit(&ctx_, tx, &instance, &id);
            let deleted = Deleted { id: user.id, external_id: user.external_id };
            Ok::<_, crate::Error>((deleted, pictures))
        })
        .await?;
    crate::images::discard(ctx, pictures).await;
    Ok(deleted)
}
