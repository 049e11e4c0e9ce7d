//! `/v1/domains`: what the instance is reached under.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::domains::primary;
use rollbook_wire::Paginated;

use crate::{Api, Caller, Json, Refusal};

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/domains", routing::get(list))
}

async fn list(State(api): State<Api>, Caller(tenant): Caller) -> Result<Json, Refusal> {
    Json::of(&Paginated { data: vec![primary(&api.ctx, &tenant)], total_count: 1 })
}
