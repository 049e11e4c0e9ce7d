//! Set a provider up, or anew.

use rollbook_domain::{OauthProvider, Problem};
use rollbook_oauth::{ClientAuth, Endpoints, discover, preset};
use rollbook_store::oauth_providers::{self, StoredProvider};
use rollbook_wire::{Code, Id, Patch};
use zeroize::Zeroizing;

use super::{Configured, Provider};
use crate::users::{Request, hold};
use crate::{Ctx, Error, Result, Tenant};

/// The most bytes of a text, and the most scopes.
const MAX_TEXT: usize = 2048;

/// Apple's client secrets are signed tokens.
const MAX_SECRET: usize = 4096;

/// A provider to set up; the names are those of the API.
#[derive(Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct PutProvider {
    pub enabled: Option<bool>,
    pub client_id: Option<String>,
    /// The one before stays unless there is another, or none.
    pub client_secret: Patch<Zeroizing<String>>,
    pub client_auth: Option<String>,
    pub scopes: Option<Vec<String>>,
    pub revoke_on_delete: Option<bool>,
    pub issuer: Option<String>,
    pub authorization_url: Option<String>,
    pub token_url: Option<String>,
    pub userinfo_url: Option<String>,
    pub jwks_url: Option<String>,
    pub revocation_url: Option<String>,
}

/// Sets a provider up; a custom one is asked where it is if only its issuer is given.
pub async fn put(
    ctx: &Ctx,
    tenant: &Tenant,
    name: &Id,
    request: Request<PutProvider>,
) -> Result<Configured> {
    let Request { mut params, mut problems } = request;
    let name = OauthProvider::parse(name.as_str()).filter(OauthProvider::is_known);
    let Some(name) = name else {
        let text = "The provider is not one that accounts can be connected at.";
        return Err(Error::refused(Problem::new(Code::OauthUnsupportedProvider, text)));
    };
    let preset = preset(name.key());
    let client_id = params.client_id.take().filter(|id| !id.is_empty() && id.len() <= MAX_TEXT);
    if client_id.is_none() && !has_problem(&problems, "client_id") {
        problems.push(Problem::param(
            Code::FormParamMissing,
            "client_id",
            format!("client_id must be given, in at most {MAX_TEXT} bytes."),
        ));
    }
    let too_long = |secret: &Zeroizing<String>| secret.is_empty() || secret.len() > MAX_SECRET;
    if matches!(&params.client_secret, Patch::Set(secret) if too_long(secret)) {
        let text = format!("client_secret must have 1 to {MAX_SECRET} bytes.");
        problems.push(invalid("client_secret", text));
    }
    let client_auth = match params.client_auth.as_deref() {
        None => preset.map_or_else(ClientAuth::default, |preset| preset.client_auth),
        Some("client_secret_basic") => ClientAuth::ClientSecretBasic,
        Some("client_secret_post") => ClientAuth::ClientSecretPost,
        Some(_) => {
            let text = "client_auth must be client_secret_basic or client_secret_post.";
            problems.push(invalid("client_auth", text));
            ClientAuth::default()
        }
    };
    let usual = || match preset {
        Some(preset) => preset.scopes.iter().map(ToString::to_string).collect(),
        None => ["openid", "email", "profile"].map(ToOwned::to_owned).to_vec(),
    };
    let scopes = params.scopes.take().unwrap_or_else(usual);
    if !scopes.iter().all(|scope| is_scope(scope)) {
        problems.push(invalid("scopes", "scopes must be words of visible ASCII letters."));
    }
    let endpoints =
        endpoints(ctx, &params, preset.map(rollbook_oauth::Preset::endpoints), &mut problems);
    let endpoints = endpoints.await;
    let (Some(client_id), Some(endpoints), true) = (client_id, endpoints, problems.is_empty())
    else {
        return Err(Error::Refused(problems));
    };

    let now = ctx.clock.now();
    let provider = Provider {
        provider: name,
        enabled: params.enabled.unwrap_or(true),
        client_id,
        client_auth,
        scopes,
        revoke_on_delete: params.revoke_on_delete.unwrap_or(false),
        endpoints,
        created_at: now,
        updated_at: now,
    };
    save(ctx, &tenant.instance.id, provider, params.client_secret).await
}

async fn save(
    ctx: &Ctx,
    instance: &Id,
    provider: Provider,
    client_secret: Patch<Zeroizing<String>>,
) -> Result<Configured> {
    let (ctx_, instance) = (ctx.clone(), instance.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let name = provider.provider.as_str();
            let before = oauth_providers::lock(tx, &ctx_.vault, &instance, name)?;
            let mut provider = provider.clone();
            let mut secret = None;
            if let Some(before) = before.map(Configured::read).transpose()? {
                provider.created_at = before.provider.created_at;
                secret = before.client_secret;
            }
            client_secret.clone().apply(&mut secret);
            let record = serde_json::to_string(&provider)
                .map_err(|source| Error::internal("write an OAuth provider's record", source))?;
            let stored = StoredProvider { record, client_secret: secret };
            oauth_providers::put(tx, &ctx_.vault, &instance, name, &stored)?;
            Configured::read(stored)
        })
        .await
}

/// Where the provider is: as its preset says, as it says itself, as the caller says.
async fn endpoints(
    ctx: &Ctx,
    params: &PutProvider,
    preset: Option<Endpoints>,
    problems: &mut Vec<Problem>,
) -> Option<Endpoints> {
    let given = [
        ("authorization_url", &params.authorization_url),
        ("token_url", &params.token_url),
        ("userinfo_url", &params.userinfo_url),
        ("jwks_url", &params.jwks_url),
        ("revocation_url", &params.revocation_url),
    ];
    let first = given.iter().find(|(_, url)| url.is_some()).map(|(name, _)| *name);
    if let Some(preset) = preset {
        // Where a known provider is does not depend on who asks.
        let first = params.issuer.as_ref().map(|_| "issuer").or(first);
        let Some(name) = first else { return Some(preset) };
        let text = format!("{name} is known of this provider and cannot be given.");
        problems.push(Problem::param(Code::FormConditionalParamDisallowed, name, text));
        return None;
    }
    if let (Some(issuer), None) = (&params.issuer, first) {
        // Nobody is asked anything for a request that is refused anyway.
        if !problems.is_empty() {
            return None;
        }
        return match discover(&ctx.oauth.http, issuer).await {
            Ok(endpoints) => Some(endpoints),
            Err(error) => {
                problems.push(invalid("issuer", format!("issuer does not answer well: {error}.")));
                None
            }
        };
    }
    let endpoints = Endpoints {
        issuer: params.issuer.clone(),
        authorization_url: needed(params.authorization_url.as_ref(), "authorization_url", problems),
        token_url: needed(params.token_url.as_ref(), "token_url", problems),
        userinfo_url: params.userinfo_url.clone(),
        jwks_url: params.jwks_url.clone(),
        revocation_url: params.revocation_url.clone(),
    };
    if endpoints.issuer.is_some() != endpoints.jwks_url.is_some() {
        let name = if endpoints.issuer.is_some() { "jwks_url" } else { "issuer" };
        let text = format!("{name} must be given: issuer and jwks_url go together.");
        problems.push(Problem::param(Code::FormConditionalParamMissing, name, text));
    }
    if endpoints.issuer.is_none() && endpoints.userinfo_url.is_none() {
        let text = "userinfo_url must be given, or issuer: one of them tells who the user is.";
        problems.push(Problem::param(Code::FormParamMissing, "userinfo_url", text));
    }
    if problems.is_empty()
        && let Some(name) = endpoints.wrong()
    {
        problems.push(invalid(
            name,
            format!("{name} must be an https URL, or an http URL of this machine."),
        ));
    }
    Some(endpoints)
}

fn needed(url: Option<&String>, name: &str, problems: &mut Vec<Problem>) -> String {
    if url.is_none() && !has_problem(problems, name) {
        let text = format!("{name} must be given, or only issuer.");
        problems.push(Problem::param(Code::FormParamMissing, name, text));
    }
    url.cloned().unwrap_or_default()
}

fn has_problem(problems: &[Problem], name: &str) -> bool {
    problems.iter().any(|problem| problem.meta.get("param_name") == Some(&name.into()))
}

fn invalid(name: &str, text: impl Into<String>) -> Problem {
    Problem::param(Code::FormParamValueInvalid, name, text)
}

/// RFC 6749, 3.3.
pub(crate) fn is_scope(scope: &str) -> bool {
    !scope.is_empty()
        && scope.len() <= MAX_TEXT
        && scope.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
