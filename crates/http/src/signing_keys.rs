//! `/v1/jwks` and the keys behind it.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::instances;
use rollbook_ops::signing_keys::{self as ops, ShownKey};
use serde_json::{Value, json};

use crate::gate::Unmetered;
use crate::page::whole;
use crate::{Api, Json, Operator, PathIds, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/jwks", routing::get(jwks))
}

/// Under `/admin/v1`.
pub(crate) fn admin_routes() -> Router<Api> {
    Router::new()
        .route("/instances/{id}/signing_keys", routing::get(list).post(create))
        .route("/instances/{id}/signing_keys/{key_id}/retire", routing::post(retire))
}

async fn jwks(State(api): State<Api>, Unmetered(tenant): Unmetered) -> Answer {
    Json::of(&json!({ "keys": ops::key_set(&api.ctx, &tenant).await?.jwks() }))
}

async fn list(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    let keys: Vec<_> = ops::list(&api.ctx, &tenant).await?.iter().map(body).collect();
    whole(keys)
}

async fn create(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    Json::of(&body(&ops::create(&api.ctx, &tenant).await?))
}

async fn retire(State(api): State<Api>, _: Operator, PathIds([id, key]): PathIds<2>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    Json::of(&body(&ops::retire(&api.ctx, &tenant, &key).await?))
}

fn body(key: &ShownKey) -> Value {
    json!({
        "object": "signing_key",
        "id": key.id,
        "algorithm": "RS256",
        "public_key": key.public_key,
        "signs": key.signs,
        "created_at": key.created_at,
        "retired_at": key.retired_at,
    })
}
