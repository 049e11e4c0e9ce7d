//! Connected accounts: import for the operator, removal for the instance.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::external_accounts::{self as ops, ConnectExternalAccount, ImportExternalAccount};
use rollbook_ops::instances;
use rollbook_ops::users::{Request, render};
use rollbook_wire::DeletedObject;
use serde_json::json;

use crate::oauth_providers::MAX_SCOPES;
use crate::{Api, Caller, Form, Json, Operator, PathIds, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/users/{id}/external_accounts/{external_account_id}", routing::delete(delete))
}

/// Under `/admin/v1`.
pub(crate) fn admin_routes() -> Router<Api> {
    Router::new()
        .route("/instances/{id}/users/{user_id}/external_accounts", routing::post(import))
        .route("/instances/{id}/users/{user_id}/external_accounts/connect", routing::post(connect))
}

async fn delete(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([user, account]): PathIds<2>,
) -> Answer {
    let id = ops::delete(&api.ctx, &tenant, &user, &account).await?;
    Json::of(&DeletedObject {
        object: "external_account".to_owned(),
        id: id.to_string(),
        deleted: true,
        external_id: None,
    })
}

async fn import(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, user]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    let params = ImportExternalAccount::read(&mut form);
    let request = Request { params, problems: form.finish() };
    let stored = ops::import(&api.ctx, &tenant, &user, request).await?;
    Json::of(&render(&api.ctx, &tenant, &stored))
}

async fn connect(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, user]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    let params = ConnectExternalAccount {
        provider: form.string("provider").set(),
        redirect_url: form.string("redirect_url").set(),
        additional_scopes: form.strings("additional_scopes", MAX_SCOPES).set(),
    };
    let request = Request { params, problems: form.finish() };
    let started = ops::connect(&api.ctx, &tenant, &user, request).await?;
    Json::of(&json!({
        "object": "external_account_connection",
        "url": started.url,
        "expires_at": started.expires_at,
    }))
}
