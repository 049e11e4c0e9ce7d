//! Connect an account by the user's own consent, given at the provider.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rollbook_domain::{OauthProvider, Problem};
use rollbook_oauth::{Ask, preset};
use rollbook_store::oauth_connections::{self, StoredConnection};
use rollbook_wire::{Code, Id};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;
use zeroize::Zeroizing;

use crate::oauth_providers::{self, Configured, is_scope, redirect_uri};
use crate::users::{Request, hold};
use crate::{Ctx, Error, Result, Tenant, users};

/// How long the user may take at the provider.
const TIMEOUT_MS: i64 = 600_000;

/// Longest address to come back to.
const MAX_URL: usize = 2048;

/// A connection to begin; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct ConnectExternalAccount {
    pub provider: Option<String>,
    pub redirect_url: Option<String>,
    pub additional_scopes: Option<Vec<String>>,
}

/// A connection that has begun.
#[derive(Debug, Clone)]
pub struct Started {
    /// Where to send the user's browser.
    pub url: String,
    /// Milliseconds; the user must be back by then.
    pub expires_at: i64,
}

/// What the provider's answer is held against.
#[derive(Serialize, Deserialize)]
pub(super) struct Secrets {
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) redirect_url: Option<String>,
    /// What the token is good for if the provider does not say.
    pub(super) scopes: Vec<String>,
}

/// Begins to connect an account to the user.
pub async fn connect(
    ctx: &Ctx,
    tenant: &Tenant,
    user: &Id,
    request: Request<ConnectExternalAccount>,
) -> Result<Started> {
    let Request { params, mut problems } = request;
    let provider = params.provider.unwrap_or_default();
    if provider.is_empty() && problems.is_empty() {
        let text = "provider must be given.";
        problems.push(Problem::param(Code::FormParamMissing, "provider", text));
    }
    let additional_scopes = params.additional_scopes.unwrap_or_default();
    if !additional_scopes.iter().all(|scope| is_scope(scope)) {
        let text = "additional_scopes must be words of visible ASCII letters.";
        problems.push(Problem::param(Code::FormParamValueInvalid, "additional_scopes", text));
    }
    let page = params.redirect_url.map(|text| redirect(&text));
    if matches!(page, Some(None)) {
        let text = "redirect_url must be an http or https URL without credentials.";
        problems.push(Problem::param(Code::FormParamValueInvalid, "redirect_url", text));
    }
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let stored = users::get(ctx, tenant, user).await?;
    let configured = enabled(ctx, &tenant.instance.id, &provider).await?;
    let preset = preset(configured.provider.provider.key());

    let mut scopes = configured.provider.scopes.clone();
    for scope in additional_scopes {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    let [secret, nonce, verifier] = std::array::from_fn(|_| random(ctx));
    let state = format!("{}.{secret}", tenant.instance.id);
    let redirect_uri = redirect_uri(ctx);
    let ask = Ask {
        scopes: &scopes,
        params: preset.map_or(&[], |preset| preset.params),
        state: &state,
        nonce: &nonce,
        verifier: &verifier,
    };
    let url = configured.application(&redirect_uri).authorization_url(&ask);
    let url = url.map_err(|e| Error::internal("make an authorization URL", e))?;

    let now = ctx.clock.now();
    let secrets = Secrets { nonce, verifier, redirect_url: page.flatten(), scopes };
    let secrets = serde_json::to_string(&secrets);
    let connection = StoredConnection {
        id: digest(&secret),
        user_id: stored.user.id,
        provider: configured.provider.provider.as_str().to_owned(),
        secrets: secrets.map_err(|e| Error::internal("write a connection", e))?.into(),
        expires_at: now + TIMEOUT_MS,
    };
    let expires_at = connection.expires_at;
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            // Not left behind by a user who is deleted at this moment.
            rollbook_store::users::lock(tx, &instance, &connection.user_id)?
                .ok_or_else(|| Error::not_found("user", connection.user_id.as_str()))?;
            Ok::<_, Error>(oauth_connections::insert(tx, &ctx_.vault, &instance, &connection, now)?)
        })
        .await?;
    Ok(Started { url: url.into(), expires_at })
}

/// The provider of this name, if accounts can be connected there now.
pub(super) async fn enabled(ctx: &Ctx, instance: &Id, name: &str) -> Result<Configured> {
    let provider = OauthProvider::parse_bare(name).filter(OauthProvider::is_known);
    let Some(provider) = provider else {
        let text = "The provider is not one that accounts can be connected at.";
        return Err(Error::refused(Problem::new(Code::OauthUnsupportedProvider, text)));
    };
    let found = oauth_providers::find(ctx, instance, &provider).await?;
    found
        .filter(|found| found.provider.enabled)
        .ok_or_else(|| oauth_providers::not_enabled(&provider))
}

/// What is kept of the browser's secret.
pub(super) fn digest(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

/// 256 random bits as 43 letters, which a URL and PKCE (RFC 7636, 4.1) take as they are.
fn random(ctx: &Ctx) -> String {
    let bytes = Zeroizing::new(ctx.entropy.bytes::<32>());
    URL_SAFE_NO_PAD.encode(bytes.as_slice())
}

/// The address as a browser would write it.
fn redirect(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| url.as_str().len() <= MAX_URL)?;
    let open = url.username().is_empty() && url.password().is_none();
    (open && matches!(url.scheme(), "http" | "https")).then(|| url.into())
}
