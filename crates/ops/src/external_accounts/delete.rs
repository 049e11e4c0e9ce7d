//! Take a connected account away; what it vouched for stays, the link does not.

use rollbook_domain::{OauthProvider, Problem};
use rollbook_store::oauth_access_tokens;
use rollbook_wire::{Code, Id};

use crate::oauth_providers::{self, redirect_uri};
use crate::users::{Outcome, change, get};
use crate::{Ctx, Error, Result, Tenant};

/// Deletes an account by its own id or by that of its identification; answers its own.
///
/// The last identification of a user stays: nothing would lead to the user any
/// more. Whether the provider takes the tokens back decides nothing.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, user: &Id, id: &Id) -> Result<Id> {
    let instance = tenant.instance.id.clone();
    let accounts = get(ctx, tenant, user).await?.user.external_accounts;
    let mut accounts = accounts.into_iter();
    let account = accounts.find(|one| one.id == *id || one.identification_id == *id);
    let account = account.ok_or_else(|| not_found(id))?;
    let tokens = oauth_access_tokens::by_account(&ctx.db, &ctx.vault, &instance, &account.id);
    let refresh_token = tokens.await?.and_then(|one| one.tokens.refresh_token.clone());

    let (gone, wanted) = (account.id.clone(), id.clone());
    let instance_ = instance.clone();
    change(ctx, tenant, user, move |tx, user| {
        let at = user.external_accounts.iter().position(|one| one.id == gone);
        let at = at.ok_or_else(|| not_found(&wanted))?;
        let before = user.clone();
        user.external_accounts.remove(at);
        if before.is_cut_off_by(user) {
            let text = "The account is the last identification of the user and cannot be deleted.";
            return Err(Error::refused(Problem::new(Code::IdentificationDeletionFailed, text)));
        }
        oauth_access_tokens::delete(tx, &instance_, &gone)?;
        Ok(Outcome::Changed)
    })
    .await?;

    if let (Some(token), Some(provider)) = (refresh_token, OauthProvider::parse(&account.provider))
    {
        tokio::spawn(revoke(ctx.clone(), instance, provider, token));
    }
    Ok(account.id)
}

/// Gives the tokens back, if the operator wants that; once, and whatever comes of it.
async fn revoke(ctx: Ctx, instance: Id, provider: OauthProvider, refresh_token: String) {
    let found = oauth_providers::find(&ctx, &instance, &provider).await.ok().flatten();
    let Some(found) = found.filter(|found| found.provider.revoke_on_delete) else { return };
    let redirect_uri = redirect_uri(&ctx);
    let application = found.application(&redirect_uri);
    if let Err(error) = application.revoke(&ctx.oauth.http, &refresh_token).await {
        tracing::warn!(%provider, %error, "a provider did not take a token back");
    }
}

fn not_found(id: &Id) -> Error {
    let text = format!("No external account was found with id {id}.");
    Error::refused(Problem::new(Code::ExternalAccountNotFound, text))
}
