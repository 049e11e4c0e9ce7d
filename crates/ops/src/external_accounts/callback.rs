//! The browser is back from the provider: who is the user there, and with which tokens?

use std::sync::Arc;

use rollbook_domain::{EmailAddress, ExternalAccount, Metadata, OauthProvider, Problem};
use rollbook_oauth::{Error as Refusal, Grant, Profile};
use rollbook_store::Origin;
use rollbook_store::oauth_access_tokens::{self, Tokens};
use rollbook_store::oauth_connections::{self, StoredConnection};
use rollbook_store::users::StoredUser;
use rollbook_wire::{Code, Id, Prefix};

use super::add::{add, vouch};
use super::connect::{Secrets, digest, enabled};
use crate::oauth::Failure;
use crate::oauth_access_tokens::{refusal, renewed};
use crate::oauth_providers::redirect_uri;
use crate::users::{Outcome, change};
use crate::{Ctx, Error, Result, Tenant};

/// What the browser brings back (RFC 6749, 4.1.2).
#[derive(Default)]
pub struct Callback {
    /// Names the connection.
    pub state: String,
    /// What the provider gives tokens for.
    pub code: Option<String>,
    /// Why the provider gave no code.
    pub error: Option<String>,
}

/// How a connection ended.
pub struct Finished {
    /// Where the browser is expected.
    pub redirect_url: Option<String>,
    /// The id of the account, or why there is none.
    pub outcome: Result<Id>,
}

/// Finishes a connection; an unknown one, or one that is finished, is an error.
pub async fn finish(ctx: &Ctx, callback: Callback) -> Result<Finished> {
    let (instance, secret) = callback.state.split_once('.').ok_or_else(no_connection)?;
    let instance: Id = instance.parse().map_err(|_| no_connection())?;
    let tenant = ctx.catalog.by_id(&instance).ok_or_else(no_connection)?;
    let (ctx_, id) = (ctx.clone(), digest(secret));
    let taken = ctx
        .db
        .write(move |tx| Ok::<_, Error>(oauth_connections::take(tx, &ctx_.vault, &instance, &id)?));
    let connection = taken.await?.ok_or_else(no_connection)?;
    let secrets: Secrets = serde_json::from_str(&connection.secrets)
        .map_err(|source| Error::internal("read a connection", source))?;
    if connection.expires_at <= ctx.clock.now() {
        return Err(no_connection());
    }
    let redirect_url = secrets.redirect_url.clone();
    // A browser that goes away does not stop what it has begun: the code is spent.
    let work = Origin::spawn(complete(ctx.clone(), tenant, connection, secrets, callback));
    let outcome = work.await.map_err(|e| Error::internal("finish a connection", e))?;
    Ok(Finished { redirect_url, outcome })
}

async fn complete(
    ctx: Ctx,
    tenant: Arc<Tenant>,
    connection: StoredConnection,
    secrets: Secrets,
    callback: Callback,
) -> Result<Id> {
    let Some(code) = callback.code.filter(|_| callback.error.is_none()) else {
        let text = "The user, or the provider, did not agree to the connection.";
        return Err(Error::refused(Problem::new(Code::OauthAccessDenied, text)));
    };
    let configured = enabled(&ctx, &tenant.instance.id, &connection.provider).await?;
    let name = configured.provider.provider.clone();
    let redirect_uri = redirect_uri(&ctx);
    let application = configured.application(&redirect_uri);
    let (http, now) = (&ctx.oauth.http, ctx.clock.now());
    let known = async {
        let grant = application.exchange(http, &code, &secrets.verifier).await?;
        let claims = application.claims(http, &grant, &secrets.nonce, now).await?;
        let profile = Profile::of(name.key(), &claims)?;
        let profile = profile.complete(name.key(), http, &grant.access_token).await;
        Ok::<_, Refusal>((grant, profile))
    };
    let (grant, profile) = known.await.map_err(|error| {
        tracing::info!(provider = %name, %error, "an account was not connected");
        refusal(&name, Failure::from(&error))
    })?;
    let connected = connected(&ctx, &name, &grant, profile, secrets.scopes);
    store(&ctx, &tenant, &connection.user_id, connected, renewed(grant, None, now)).await
}

/// The account as it would be new.
fn connected(
    ctx: &Ctx,
    provider: &OauthProvider,
    grant: &Grant,
    profile: Profile,
    asked: Vec<String>,
) -> ExternalAccount {
    let now = ctx.clock.now();
    let email = profile.email_address.unwrap_or_default();
    let email = EmailAddress::parse(&email, "email_address").ok();
    ExternalAccount {
        id: ctx.entropy.id(Prefix::ExternalAccount, now),
        identification_id: ctx.entropy.id(Prefix::Identification, now),
        provider: provider.as_str().to_owned(),
        provider_user_id: profile.provider_user_id,
        approved_scopes: grant.scopes.clone().unwrap_or(asked).join(" "),
        email_address: email.map(|email| email.to_string()).unwrap_or_default(),
        email_address_verified: profile.email_address_verified,
        first_name: profile.first_name.unwrap_or_default(),
        last_name: profile.last_name.unwrap_or_default(),
        username: profile.username,
        image_url: profile.image_url,
        label: None,
        public_metadata: Metadata::default(),
        created_at: now,
        updated_at: now,
    }
}

/// Adds the account, or brings the same one up to date.
async fn store(
    ctx: &Ctx,
    tenant: &Tenant,
    user: &Id,
    account: ExternalAccount,
    tokens: Tokens,
) -> Result<Id> {
    let (ctx_, instance) = (ctx.clone(), tenant.instance.clone());
    let (provider, at_provider) = (account.provider.clone(), account.provider_user_id.clone());
    let is_same = move |one: &ExternalAccount| {
        one.provider == provider && one.provider_user_id == at_provider
    };
    let is_same_ = is_same.clone();
    let stored: StoredUser = change(ctx, tenant, user, move |tx, user| {
        let Some(before) = user.external_accounts.iter_mut().find(|one| is_same_(one)) else {
            add(&ctx_, &instance, tx, user, account.clone(), Some(&tokens))?;
            return Ok(Outcome::Changed);
        };
        let account = ExternalAccount {
            id: before.id.clone(),
            identification_id: before.identification_id.clone(),
            label: before.label.clone(),
            public_metadata: before.public_metadata.clone(),
            created_at: before.created_at,
            ..account.clone()
        };
        *before = account.clone();
        let (vault, id) = (&ctx_.vault, &account.id);
        let mut tokens = tokens.clone();
        if tokens.refresh_token.is_none() {
            // Some providers give one the first time only.
            let before = oauth_access_tokens::lock(tx, vault, &instance.id, id)?;
            tokens.refresh_token = before.and_then(|one| one.tokens.refresh_token.clone());
        }
        oauth_access_tokens::put(tx, vault, &instance.id, &user.id, id, &tokens)?;
        vouch(&ctx_, &instance, tx, user, &account)?;
        Ok(Outcome::Changed)
    })
    .await?;
    let found = stored.user.external_accounts.into_iter().find(|one| is_same(one));
    found.map(|one| one.id).ok_or_else(|| Error::internal("find an account", "it is gone"))
}

/// Nothing of what was sent is quoted: it may be someone's secret.
fn no_connection() -> Error {
    let text = "The connection is not under way: it has ended, or has run out.";
    Error::refused(Problem::new(Code::ResourceNotFound, text))
}
