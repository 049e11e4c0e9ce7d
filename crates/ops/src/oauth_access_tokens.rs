//! The tokens of a user's accounts at one provider, good at the moment of the answer.

use rollbook_domain::{ExternalAccount, OauthProvider, Problem};
use rollbook_store::oauth_access_tokens::{self, StoredTokens, Tokens};
use rollbook_wire::{Code, Id};

use crate::{Ctx, Error, Result, Tenant, users};

/// A token so close to its end would run out on its way to the provider.
const MARGIN_MS: i64 = 10_000;

/// An account with its tokens.
#[derive(Debug, Clone)]
pub struct AccountTokens {
    /// The account.
    pub account: ExternalAccount,
    /// Its tokens.
    pub tokens: Tokens,
}

/// A page of accounts with tokens.
#[derive(Debug, Clone)]
pub struct Listed {
    /// How many accounts at the provider have tokens.
    pub total_count: i64,
    /// Those of the page, in order of creation.
    pub data: Vec<AccountTokens>,
}

/// The tokens of the user's accounts at `provider`, which may come without `oauth_`.
///
/// A user without an account there has none: an empty list. Of several
/// accounts, those whose tokens cannot be renewed are left out as long as there
/// is one whose tokens are good.
pub async fn list(
    ctx: &Ctx,
    tenant: &Tenant,
    user: &Id,
    provider: &str,
    limit: i64,
    offset: i64,
) -> Result<Listed> {
    let user = users::get(ctx, tenant, user).await?.user;
    let parsed = OauthProvider::parse_bare(provider);
    let name = parsed.as_ref().map_or("", OauthProvider::as_str);
    let at_provider = |account: &ExternalAccount| account.provider == name;
    let mut accounts: Vec<_> = user.external_accounts.into_iter().filter(at_provider).collect();
    let Some(provider) = parsed.filter(|name| name.is_known() || !accounts.is_empty()) else {
        let text = "The provider is not one that accounts can be connected at.";
        return Err(Error::refused(Problem::new(Code::OauthUnsupportedProvider, text)));
    };
    if accounts.is_empty() {
        return Err(not_enabled(&provider));
    }

    let (ctx_, instance, user_id) = (ctx.clone(), tenant.instance.id.clone(), user.id.clone());
    let mut stored = ctx
        .db
        .read(move |conn| oauth_access_tokens::of_user(conn, &ctx_.vault, &instance, &user_id))
        .await?;
    accounts.retain(|account| stored.iter().any(|one| one.external_account_id == account.id));
    if accounts.is_empty() {
        let text = format!("No token of the user's account at {provider} is known.");
        return Err(Error::refused(Problem::new(Code::OauthMissingAccessToken, text)));
    }

    let total_count = i64::try_from(accounts.len()).unwrap_or(i64::MAX);
    let (skip, take) = (usize::try_from(offset), usize::try_from(limit));
    let (skip, take) = (skip.unwrap_or(usize::MAX), take.unwrap_or_default());
    let (mut data, mut failure) = (Vec::new(), None);
    for account in accounts.into_iter().skip(skip).take(take) {
        let Some(at) = stored.iter().position(|one| one.external_account_id == account.id) else {
            continue;
        };
        match good(ctx, &provider, stored.swap_remove(at)) {
            Ok(tokens) => data.push(AccountTokens { account, tokens }),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    match failure {
        Some(error) if data.is_empty() => Err(error),
        _ => Ok(Listed { total_count, data }),
    }
}

fn good(ctx: &Ctx, provider: &OauthProvider, stored: StoredTokens) -> Result<Tokens> {
    let tokens = stored.tokens;
    let now = ctx.clock.now();
    if tokens.expires_at.is_none_or(|at| at > now + MARGIN_MS) {
        return Ok(tokens);
    }
    if tokens.refresh_token.is_some() {
        return Err(not_enabled(provider));
    }
    if tokens.expires_at.is_some_and(|at| at > now) {
        return Ok(tokens);
    }
    let text = format!("The token of {provider} has expired and there is none to renew it with.");
    Err(Error::refused(Problem::new(Code::OauthMissingRefreshToken, text)))
}

fn not_enabled(provider: &OauthProvider) -> Error {
    let text = format!("The provider {provider} is not enabled for the instance.");
    Error::refused(Problem::new(Code::OauthTokenProviderNotEnabled, text))
}
