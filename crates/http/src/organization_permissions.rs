//! `/v1/organization_permissions`: what roles can permit.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::permissions::{self as ops, CreatePermission, UpdatePermission};
use rollbook_ops::users::Request;

use crate::organization_roles::listing;
use crate::{Api, Caller, Form, Json, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/organization_permissions", routing::get(list).post(create))
        .route("/organization_permissions/{id}", routing::get(get).patch(update).delete(delete))
}

async fn list(State(api): State<Api>, Caller(tenant): Caller, query: Query) -> Answer {
    Json::of(&ops::list(&api.ctx, &tenant, listing(query)?).await?)
}

async fn get(State(api): State<Api>, Caller(tenant): Caller, PathIds([id]): PathIds<1>) -> Answer {
    Json::of(&ops::get(&api.ctx, &tenant, &id).await?)
}

async fn create(State(api): State<Api>, Caller(tenant): Caller, mut form: Form) -> Answer {
    let (name, key) = (form.string("name"), form.string("key"));
    let params = CreatePermission {
        name: form.required("name", name),
        key: form.required("key", key),
        description: form.string("description").set(),
    };
    let request = Request { params, problems: form.finish() };
    Json::of(&ops::create(&api.ctx, &tenant, request).await?)
}

async fn update(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let params = UpdatePermission {
        name: form.string("name").set(),
        key: form.string("key").set(),
        description: form.string("description"),
    };
    let request = Request { params, problems: form.finish() };
    Json::of(&ops::update(&api.ctx, &tenant, &id, request).await?)
}

async fn delete(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    Json::of(&ops::delete(&api.ctx, &tenant, &id).await?)
}
