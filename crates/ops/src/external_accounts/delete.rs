//! Take a connected account away; what it vouched for stays, the link does not.

use rollbook_domain::{ExternalAccount, OauthProvider, Problem};
use rollbook_store::oauth_access_tokens;
use rollbook_wire::{Code, Id};
use zeroize::Zeroizing;

use crate::oauth_providers::{self, Configured, redirect_uri};
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
    let revocation = revocation(ctx, &instance, &account).await?;

    let (gone, wanted) = (account.id.clone(), id.clone());
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

    if let Some((found, token)) = revocation {
        tokio::spawn(revoke(ctx.clone(), found, token));
    }
    Ok(account.id)
}

/// The provider and the token that it gets back, if the operator wants that by now.
async fn revocation(
    ctx: &Ctx,
    instance: &Id,
    account: &ExternalAccount,
) -> Result<Option<(Configured, Zeroizing<String>)>> {
    let Some(provider) = OauthProvider::parse(&account.provider) else { return Ok(None) };
    let found = oauth_providers::find(ctx, instance, &provider).await?;
    let Some(found) = found.filter(|found| found.provider.revoke_on_delete) else {
        return Ok(None);
    };
    let stored =
        oauth_access_tokens::by_account(&ctx.db, &ctx.vault, instance, &account.id).await?;
    let token = stored.and_then(|one| one.tokens.refresh_token.clone());
    Ok(token.map(|token| (found, Zeroizing::new(token))))
}

/// Gives the token back; once, and whatever comes of it.
async fn revoke(ctx: Ctx, found: Configured, refresh_token: Zeroizing<String>) {
    let redirect_uri = redirect_uri(&ctx);
    let application = found.application(&redirect_uri);
    if let Err(error) = application.revoke(&ctx.oauth.http, &refresh_token).await {
        let provider = &found.provider.provider;
        tracing::warn!(%provider, %error, "a provider did not take a token back");
    }
}

fn not_found(id: &Id) -> Error {
    let text = format!("No external account was found with id {id}.");
    Error::refused(Problem::new(Code::ExternalAccountNotFound, text))
}
