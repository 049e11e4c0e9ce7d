//! The tokens of a user's accounts at one provider, good at the moment of the answer.

mod refresh;

use rollbook_domain::{ExternalAccount, OauthProvider, Problem};
use rollbook_store::oauth_access_tokens::{self, StoredTokens, Tokens};
use rollbook_wire::{Code, Id};

pub(crate) use self::refresh::{Flights, tokens as renewed};
use crate::oauth::Failure;
use crate::oauth_providers::{self, Configured, not_enabled};
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
    let configured = oauth_providers::find(ctx, &tenant.instance.id, &provider).await?;
    match &configured {
        Some(found) if !found.provider.enabled => return Err(not_enabled(&provider)),
        Some(_) if accounts.is_empty() => return Ok(Listed { total_count: 0, data: Vec::new() }),
        None if accounts.is_empty() => return Err(not_enabled(&provider)),
        Some(_) | None => {}
    }

    let (ctx_, instance, user_id) = (ctx.clone(), tenant.instance.id.clone(), user.id.clone());
    let stored = ctx
        .db
        .read(move |conn| oauth_access_tokens::of_user(conn, &ctx_.vault, &instance, &user_id));
    let mut stored = stored.await?;
    accounts.retain(|account| stored.iter().any(|one| one.external_account_id == account.id));
    if accounts.is_empty() {
        return Err(missing(&provider));
    }

    let total_count = i64::try_from(accounts.len()).unwrap_or(i64::MAX);
    let (skip, take) = (usize::try_from(offset), usize::try_from(limit));
    let (skip, take) = (skip.unwrap_or(usize::MAX), take.unwrap_or_default());
    let wanted = Wanted { tenant, provider: &provider, configured: configured.as_ref() };
    let (mut data, mut failure) = (Vec::new(), None);
    for account in accounts.into_iter().skip(skip).take(take) {
        let Some(at) = stored.iter().position(|one| one.external_account_id == account.id) else {
            continue;
        };
        match wanted.good(ctx, stored.swap_remove(at)).await {
            Ok(tokens) => data.push(AccountTokens { account, tokens }),
            Err(Error::Refused(problems)) => failure = failure.or(Some(problems)),
            Err(error) => return Err(error),
        }
    }
    match failure {
        Some(problems) if data.is_empty() => Err(Error::Refused(problems)),
        _ => Ok(Listed { total_count, data }),
    }
}

/// Whose tokens are wanted.
struct Wanted<'a> {
    tenant: &'a Tenant,
    provider: &'a OauthProvider,
    configured: Option<&'a Configured>,
}

impl Wanted<'_> {
    /// The tokens themselves, or new ones.
    async fn good(&self, ctx: &Ctx, stored: StoredTokens) -> Result<Tokens> {
        let StoredTokens { external_account_id: account, tokens, .. } = stored;
        let now = ctx.clock.now();
        if is_good(&tokens, now) {
            return Ok(tokens);
        }
        if tokens.refresh_token.is_none() {
            if tokens.expires_at.is_some_and(|at| at > now) {
                return Ok(tokens);
            }
            let provider = self.provider;
            let text =
                format!("The token of {provider} has expired, and none is there to renew it with.");
            return Err(Error::refused(Problem::new(Code::OauthMissingRefreshToken, text)));
        }
        let configured = self.configured.ok_or_else(|| not_enabled(self.provider))?;
        let renewed = refresh::refresh(ctx, &self.tenant.instance.id, &account, configured).await?;
        renewed.map_err(|failure| refusal(self.provider, failure))
    }
}

fn is_good(tokens: &Tokens, now: i64) -> bool {
    tokens.expires_at.is_none_or(|at| at > now + MARGIN_MS)
}

fn missing(provider: &OauthProvider) -> Error {
    let text = format!("No token of the user's account at {provider} is known.");
    Error::refused(Problem::new(Code::OauthMissingAccessToken, text))
}

/// What the caller is told of a provider's failure.
pub(crate) fn refusal(provider: &OauthProvider, failure: Failure) -> Error {
    let (code, what) = match failure {
        Failure::TimedOut => (Code::GatewayTimeout, "did not answer in time"),
        Failure::Unreachable => (Code::OauthTokenRetrievalError, "cannot be reached"),
        Failure::Refused => (Code::OauthTokenRetrievalError, "refused to give tokens"),
        Failure::Nonsense => (Code::OauthTokenRetrievalError, "did not answer as it should"),
    };
    Error::refused(Problem::new(code, format!("The provider {provider} {what}.")))
}
