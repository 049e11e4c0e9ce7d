//! The tokens of a user's accounts at one provider.

use axum::Router;
use axum::extract::State;
use axum::routing;
use hyper::HeaderMap;
use hyper::header::USER_AGENT;
use rollbook_ops::oauth_access_tokens::{self as ops, AccountTokens};
use rollbook_wire::OAuthAccessToken;
use serde_json::json;

use crate::{Api, Caller, Json, PathIds, Query, Refusal};

/// Clients generated from Clerk's specification, which knows the bare list only.
const GENERATED: &[u8] = b"speakeasy-sdk/";

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/users/{id}/oauth_access_tokens/{provider}", routing::get(list))
}

async fn list(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([user, provider]): PathIds<2>,
    headers: HeaderMap,
    mut query: Query,
) -> Result<Json, Refusal> {
    let paginated = query.boolean("paginated").unwrap_or(false);
    let limit = query.integer("limit", 1..=500).unwrap_or(10);
    let offset = query.integer("offset", 0..=i64::MAX).unwrap_or(0);
    Refusal::unless_empty(query.finish())?;
    let listed = ops::list(&api.ctx, &tenant, &user, provider.as_str(), limit, offset).await?;
    let data: Vec<_> = listed.data.iter().map(body).collect();
    let generated = headers.get(USER_AGENT).is_some_and(|a| a.as_bytes().starts_with(GENERATED));
    // A deliberate deviation: those clients ask for pages and cannot read one.
    if paginated && !generated {
        return Json::of(&json!({ "data": data, "total_count": listed.total_count }));
    }
    Json::of(&data)
}

fn body(one: &AccountTokens) -> OAuthAccessToken<'_> {
    let AccountTokens { account, tokens } = one;
    OAuthAccessToken {
        object: "oauth_access_token".into(),
        external_account_id: account.id.as_str().into(),
        provider_user_id: account.provider_user_id.as_str().into(),
        token: tokens.access_token.as_str().into(),
        expires_at: tokens.expires_at,
        provider: account.provider.as_str().into(),
        public_metadata: account.public_metadata.to_raw(),
        label: account.label.as_deref().map(Into::into),
        scopes: account.approved_scopes.split_whitespace().map(Into::into).collect(),
        id_token: tokens.id_token.as_deref().map(Into::into),
    }
}
