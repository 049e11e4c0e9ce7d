//! OAuth providers of an instance, and where they send browsers back to.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, HeaderValue, LOCATION, REFERRER_POLICY};
use rollbook_ops::external_accounts::{Callback, Finished, finish};
use rollbook_ops::instances;
use rollbook_ops::oauth_providers::{self as ops, Configured, PutProvider};
use rollbook_ops::users::Request;
use rollbook_wire::{Code, DeletedObject};
use serde_json::{Value, json};

use crate::page::whole;
use crate::{Api, Form, Json, Operator, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// The most scopes that are asked for.
pub(crate) const MAX_SCOPES: usize = 100;

/// Under `/admin/v1`.
pub(crate) fn admin_routes() -> Router<Api> {
    Router::new().route("/instances/{id}/oauth_providers", routing::get(list)).route(
        "/instances/{id}/oauth_providers/{provider}",
        routing::get(get).put(put).delete(delete),
    )
}

/// At the root: the address is registered with providers.
pub(crate) fn callback_routes() -> Router<Api> {
    Router::new().route("/oauth/callback", routing::get(callback).post(callback_by_form))
}

async fn list(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    let all = ops::list(&api.ctx, &tenant).await?;
    let data: Vec<_> = all.iter().map(|one| body(&api, one)).collect();
    whole(data)
}

async fn get(State(api): State<Api>, _: Operator, PathIds([id, name]): PathIds<2>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    Json::of(&body(&api, &ops::get(&api.ctx, &tenant, &name).await?))
}

async fn put(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, name]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    let f = &mut form;
    let params = PutProvider {
        enabled: f.boolean("enabled").set(),
        client_id: f.string("client_id").set(),
        client_secret: f.secret("client_secret"),
        client_auth: f.string("client_auth").set(),
        scopes: f.strings("scopes", MAX_SCOPES).set(),
        revoke_on_delete: f.boolean("revoke_on_delete").set(),
        issuer: f.string("issuer").set(),
        authorization_url: f.string("authorization_url").set(),
        token_url: f.string("token_url").set(),
        userinfo_url: f.string("userinfo_url").set(),
        jwks_url: f.string("jwks_url").set(),
        revocation_url: f.string("revocation_url").set(),
    };
    let request = Request { params, problems: form.finish() };
    Json::of(&body(&api, &ops::put(&api.ctx, &tenant, &name, request).await?))
}

async fn delete(State(api): State<Api>, _: Operator, PathIds([id, name]): PathIds<2>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    ops::delete(&api.ctx, &tenant, &name).await?;
    Json::of(&DeletedObject {
        object: "oauth_provider".to_owned(),
        id: name.to_string(),
        deleted: true,
        external_id: None,
    })
}

/// Everything but the secret.
fn body(api: &Api, configured: &Configured) -> Value {
    let provider = &configured.provider;
    json!({
        "object": "oauth_provider",
        "provider": provider.provider,
        "enabled": provider.enabled,
        "client_id": provider.client_id,
        "has_client_secret": configured.client_secret.is_some(),
        "client_auth": provider.client_auth,
        "scopes": provider.scopes,
        "revoke_on_delete": provider.revoke_on_delete,
        "issuer": provider.endpoints.issuer,
        "authorization_url": provider.endpoints.authorization_url,
        "token_url": provider.endpoints.token_url,
        "userinfo_url": provider.endpoints.userinfo_url,
        "jwks_url": provider.endpoints.jwks_url,
        "revocation_url": provider.endpoints.revocation_url,
        "redirect_uri": ops::redirect_uri(&api.ctx),
        "created_at": provider.created_at,
        "updated_at": provider.updated_at,
    })
}

async fn callback(State(api): State<Api>, query: Query) -> Result<Response, Refusal> {
    back(&api, query).await
}

/// For providers that have the browser send a form, which is written like a query.
async fn callback_by_form(State(api): State<Api>, body: Bytes) -> Result<Response, Refusal> {
    let text = std::str::from_utf8(&body).map_err(|_| {
        Refusal::new(Code::MalformedRequestParameters, "The form must be percent-encoded UTF-8.")
    })?;
    back(&api, Query::parse(Some(text))?).await
}

async fn back(api: &Api, mut query: Query) -> Result<Response, Refusal> {
    let (state, code, error) = (query.string("state"), query.string("code"), query.string("error"));
    Refusal::unless_empty(query.finish())?;
    let callback = Callback { state: state.unwrap_or_default(), code, error };
    let Finished { redirect_url, outcome } = finish(&api.ctx, callback).await?;
    let outcome = outcome.map_err(Refusal::from);
    let mut response = match (redirect_url, outcome) {
        (None, outcome) => Json::of(&json!({
            "object": "external_account_connection",
            "external_account_id": outcome?,
        }))?
        .into_response(),
        (Some(url), Ok(id)) => redirect(&url, &format!("external_account_id={id}"))?,
        (Some(url), Err(refusal)) => redirect(&url, &format!("error={}", refusal.code().as_str()))?,
    };
    // The address holds what no one else should see.
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// To the application's page, told how it went.
fn redirect(url: &str, told: &str) -> Result<Response, Refusal> {
    let (url, fragment) = url
        .split_once('#')
        .map_or((url, String::new()), |(url, fragment)| (url, format!("#{fragment}")));
    let mark = if url.contains('?') { '&' } else { '?' };
    let location = HeaderValue::try_from(format!("{url}{mark}{told}{fragment}"))
        .map_err(|error| Refusal::internal("name the page to go to", &error))?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}
