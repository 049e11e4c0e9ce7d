//! Take a connected account away; what it vouched for stays, the link does not.

use rollbook_domain::Problem;
use rollbook_store::oauth_access_tokens;
use rollbook_wire::{Code, Id};

use crate::users::{Outcome, change};
use crate::{Ctx, Error, Result, Tenant};

/// Deletes an account by its own id or by that of its identification; answers its own.
///
/// The last identification of a user stays: nothing would lead to the user any more.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, user: &Id, id: &Id) -> Result<Id> {
    let (instance, wanted) = (tenant.instance.id.clone(), id.clone());
    let account_id = crate::users::get(ctx, tenant, user)
        .await?
        .user
        .external_accounts
        .iter()
        .find(|one| one.id == *id || one.identification_id == *id)
        .map(|one| one.id.clone())
        .ok_or_else(|| not_found(id))?;
    let gone = account_id.clone();
    change(ctx, tenant, user, move |tx, user| {
        let at = user.external_accounts.iter().position(|one| one.id == gone);
        let at = at.ok_or_else(|| not_found(&wanted))?;
        let before = user.clone();
        user.external_accounts.remove(at);
        if before.is_cut_off_by(user) {
            let text = "The account is the last identification of the user and cannot be deleted.";
            return Err(Error::refused(Problem::new(Code::IdentificationDeletionFailed, text)));
        }
        oauth_access_tokens::delete(tx, &instance, &gone)?;
        Ok(Outcome::Changed)
    })
    .await?;
    Ok(account_id)
}

fn not_found(id: &Id) -> Error {
    let text = format!("No external account was found with id {id}.");
    Error::refused(Problem::new(Code::ExternalAccountNotFound, text))
}
