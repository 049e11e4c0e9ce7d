//! What keeps a server running asks: alive, ready, metrics.

use axum::extract::State;
use axum::response::Response;
use rollbook_wire::Code;
use serde_json::json;

use crate::{Api, Json, Refusal};

pub(crate) async fn alive() -> Result<Json, Refusal> {
    Json::of(&json!({ "status": "alive" }))
}

/// The store answers and users have been read into memory; migrations are done before the
/// first request is.
pub(crate) async fn ready(State(api): State<Api>) -> Result<Json, Refusal> {
    let unready = |text: &str| Refusal::new(Code::ServiceUnavailable, text).with_retry_after(1);
    api.ctx.db.ping().await.map_err(|error| {
        tracing::warn!(%error, "the store does not answer");
        unready("The server cannot reach its data.")
    })?;
    if !api.ctx.db.is_warm() {
        return Err(unready("The server is still reading users into memory."));
    }
    Json::of(&json!({ "status": "ready" }))
}

pub(crate) async fn metrics(State(api): State<Api>) -> Result<Response, Refusal> {
    api.shared.metrics.render()
}
