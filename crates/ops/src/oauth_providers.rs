//! The OAuth providers of an instance: who we are there, and where they are.

mod put;

use rollbook_domain::{OauthProvider, Problem};
use rollbook_oauth::{Application, ClientAuth, Endpoints};
use rollbook_store::oauth_providers::{self, StoredProvider};
use rollbook_wire::{Code, Id};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub(crate) use self::put::is_scope;
pub use self::put::{PutProvider, put};
use crate::users::hold;
use crate::{Ctx, Error, Result, Tenant};

/// A provider as an operator has set it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Such as `oauth_google`.
    pub provider: OauthProvider,
    /// Whether accounts can be connected there and tokens be had.
    pub enabled: bool,
    /// What the provider calls us.
    pub client_id: String,
    /// How our secret is sent.
    pub client_auth: ClientAuth,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Whether tokens are given back when an account is deleted.
    pub revoke_on_delete: bool,
    /// Where the provider is.
    pub endpoints: Endpoints,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

/// A provider with our secret.
#[derive(Clone)]
pub struct Configured {
    /// Without the secret.
    pub provider: Provider,
    /// None for a public client.
    pub client_secret: Option<Zeroizing<String>>,
}

impl Configured {
    fn read(stored: StoredProvider) -> Result<Self> {
        let provider = serde_json::from_str(&stored.record)
            .map_err(|source| Error::internal("read an OAuth provider's record", source))?;
        Ok(Self { provider, client_secret: stored.client_secret })
    }

    /// This server as the provider knows it.
    pub(crate) fn application<'a>(&'a self, redirect_uri: &'a str) -> Application<'a> {
        Application {
            endpoints: &self.provider.endpoints,
            client_id: &self.provider.client_id,
            client_secret: self.client_secret.as_ref().map(|secret| secret.as_str()),
            client_auth: self.provider.client_auth,
            redirect_uri,
        }
    }
}

/// Where providers send browsers back to.
pub fn redirect_uri(ctx: &Ctx) -> String {
    format!("{}/oauth/callback", ctx.public_url)
}

/// All providers of an instance, by name.
pub async fn list(ctx: &Ctx, tenant: &Tenant) -> Result<Vec<Configured>> {
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    let all = ctx.db.read(move |conn| oauth_providers::of_instance(conn, &ctx_.vault, &instance));
    all.await?.into_iter().map(Configured::read).collect()
}

/// The provider of this name.
pub async fn get(ctx: &Ctx, tenant: &Tenant, name: &Id) -> Result<Configured> {
    let provider = OauthProvider::parse(name.as_str()).ok_or_else(|| not_found(name.as_str()))?;
    find(ctx, &tenant.instance.id, &provider).await?.ok_or_else(|| not_found(name.as_str()))
}

/// Deletes a provider; accounts that were connected there stay.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, name: &Id) -> Result<()> {
    let (instance, name) = (tenant.instance.id.clone(), name.to_string());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let gone = oauth_providers::delete(tx, &instance, &name)?;
            if gone { Ok(()) } else { Err(not_found(&name)) }
        })
        .await
}

/// The provider, if it is set up.
pub(crate) async fn find(
    ctx: &Ctx,
    instance: &Id,
    provider: &OauthProvider,
) -> Result<Option<Configured>> {
    let (ctx_, instance, name) = (ctx.clone(), instance.clone(), provider.as_str().to_owned());
    let found =
        ctx.db.read(move |conn| oauth_providers::by_name(conn, &ctx_.vault, &instance, &name));
    found.await?.map(Configured::read).transpose()
}

pub(crate) fn not_enabled(provider: &OauthProvider) -> Error {
    let text = format!("The provider {provider} is not enabled for the instance.");
    Error::refused(Problem::new(Code::OauthTokenProviderNotEnabled, text))
}

fn not_found(name: &str) -> Error {
    Error::not_found("OAuth provider", name)
}
