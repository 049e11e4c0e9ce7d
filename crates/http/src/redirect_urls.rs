//! `/v1/redirect_urls`: addresses that a sign-in may lead back to.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::redirect_urls as ops;
use rollbook_ops::users::Request;

use crate::page::{Paging, list_body};
use crate::{Api, Caller, Form, Json, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/redirect_urls", routing::get(list).post(create))
        .route("/redirect_urls/{id}", routing::get(get).delete(delete))
}

async fn list(State(api): State<Api>, Caller(tenant): Caller, mut query: Query) -> Answer {
    let Paging { limit, offset, paginated } = Paging::read(&mut query);
    Refusal::unless_empty(query.finish())?;
    let data = ops::list(&api.ctx, &tenant, limit, offset).await?;
    let count = if paginated { Some(ops::count(&api.ctx, &tenant).await?) } else { None };
    list_body(data, count)
}

async fn create(State(api): State<Api>, Caller(tenant): Caller, mut form: Form) -> Answer {
    let url = form.string("url");
    let params = form.required("url", url);
    let request = Request { params, problems: form.finish() };
    Json::of(&ops::create(&api.ctx, &tenant, request).await?)
}

async fn get(State(api): State<Api>, Caller(tenant): Caller, PathIds([id]): PathIds<1>) -> Answer {
    Json::of(&ops::get(&api.ctx, &tenant, &id).await?)
}

async fn delete(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    Json::of(&ops::delete(&api.ctx, &tenant, &id).await?)
}
