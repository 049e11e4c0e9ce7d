//! `/v1/organization_roles`: which roles members of organizations can have.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::listing::{Listing, Order};
use rollbook_ops::roles::{self as ops, CreateRole, UpdateRole};
use rollbook_ops::users::Request;

use crate::page::slice;
use crate::{Api, Caller, Form, Json, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// More than there are permissions.
const MAX_PERMISSIONS: usize = 1000;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/organization_roles", routing::get(list).post(create))
        .route("/organization_roles/{id}", routing::get(get).patch(update).delete(delete))
        .route(
            "/organization_roles/{id}/permissions/{permission_id}",
            routing::post(assign_permission).delete(remove_permission),
        )
}

/// What a list of roles or permissions is about.
pub(crate) fn listing(mut query: Query) -> Result<Listing, Refusal> {
    let listing = Listing {
        query: query.search("query"),
        slice: slice(&mut query, Order::CreatedAt, Order::from_name),
    };
    Refusal::unless_empty(query.finish())?;
    Ok(listing)
}

async fn list(State(api): State<Api>, Caller(tenant): Caller, query: Query) -> Answer {
    Json::of(&ops::list(&api.ctx, &tenant, listing(query)?).await?)
}

async fn get(State(api): State<Api>, Caller(tenant): Caller, PathIds([id]): PathIds<1>) -> Answer {
    Json::of(&ops::get(&api.ctx, &tenant, &id).await?)
}

async fn create(State(api): State<Api>, Caller(tenant): Caller, mut form: Form) -> Answer {
    let (name, key) = (form.string("name"), form.string("key"));
    let params = CreateRole {
        name: form.required("name", name),
        key: form.required("key", key),
        description: form.string("description").set(),
        permissions: form.strings("permissions", MAX_PERMISSIONS).set().unwrap_or_default(),
    };
    // There are no role sets that it could be in.
    let _ = form.boolean("include_in_initial_role_set");
    let request = Request { params, problems: form.finish() };
    Json::of(&ops::create(&api.ctx, &tenant, request).await?)
}

async fn update(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let params = UpdateRole {
        name: form.string("name").set(),
        key: form.string("key").set(),
        description: form.string("description"),
        permissions: form.strings("permissions", MAX_PERMISSIONS).set(),
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

async fn assign_permission(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id, permission]): PathIds<2>,
) -> Answer {
    Json::of(&ops::assign_permission(&api.ctx, &tenant, &id, &permission).await?)
}

async fn remove_permission(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id, permission]): PathIds<2>,
) -> Answer {
    Json::of(&ops::remove_permission(&api.ctx, &tenant, &id, &permission).await?)
}
