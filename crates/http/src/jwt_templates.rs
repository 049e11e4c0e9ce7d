//! `/v1/jwt_templates`: what tokens made by name say.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::jwt_templates::{self as ops, GivenTemplate};
use rollbook_ops::users::Request;

use crate::page::{Paging, list_body};
use crate::{Api, Caller, Form, Json, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/jwt_templates", routing::get(list).post(create))
        .route("/jwt_templates/{id}", routing::get(get).patch(update).delete(delete))
}

async fn list(State(api): State<Api>, Caller(tenant): Caller, mut query: Query) -> Answer {
    let paging = Paging::read(&mut query);
    Refusal::unless_empty(query.finish())?;
    let page = ops::list(&api.ctx, &tenant, paging.limit, paging.offset).await?;
    list_body(page.data, paging.paginated.then_some(page.total_count))
}

async fn get(State(api): State<Api>, Caller(tenant): Caller, PathIds([id]): PathIds<1>) -> Answer {
    Json::of(&ops::get(&api.ctx, &tenant, &id).await?)
}

async fn create(State(api): State<Api>, Caller(tenant): Caller, mut form: Form) -> Answer {
    let (name, claims) = (form.string("name"), form.object("claims"));
    let (name, claims) = (form.required("name", name), form.required("claims", claims));
    let params = GivenTemplate { name, claims, ..others(&mut form) };
    let request = Request { params, problems: form.finish() };
    Json::of(&ops::create(&api.ctx, &tenant, request).await?)
}

async fn update(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let (name, claims) = (form.string("name"), form.object("claims"));
    let (name, claims) = (form.not_null("name", name), form.not_null("claims", claims));
    let params = GivenTemplate { name, claims, ..others(&mut form) };
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

/// All but what a new template must have.
fn others(form: &mut Form) -> GivenTemplate {
    let custom_signing_key = form.boolean("custom_signing_key");
    GivenTemplate {
        name: None,
        claims: None,
        lifetime: form.integer("lifetime"),
        allowed_clock_skew: form.integer("allowed_clock_skew"),
        custom_signing_key: form.not_null("custom_signing_key", custom_signing_key),
        signing_algorithm: form.string("signing_algorithm").set(),
        signing_key: form.secret("signing_key").set(),
    }
}
