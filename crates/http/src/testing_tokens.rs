//! `/v1/testing_tokens`: what lets tests past a protection against bots.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::testing_tokens as ops;

use crate::{Api, Caller, Json, Refusal};

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/testing_tokens", routing::post(create))
}

async fn create(State(api): State<Api>, Caller(_): Caller) -> Result<Json, Refusal> {
    Json::of(&ops::create(&api.ctx))
}
