//! `/admin/v1/instances/{instance_id}/export`: everything of an instance, as it is read.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing;
use futures_util::stream;
use hyper::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use rollbook_ops::transfer::{Export, export};
use rollbook_ops::{Error, instances};
use rollbook_wire::Id;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Api, Operator, PathIds, Refusal};

/// Exports that one server makes at a time: each has a connection to the store of its own.
const AT_ONCE: usize = 2;

/// When to try again, in seconds.
const RETRY_AFTER_S: u32 = 30;

/// Counts the exports under way.
pub(crate) struct Exports(Arc<Semaphore>);

impl Default for Exports {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// Under `/admin/v1`.
pub(crate) fn admin_routes() -> Router<Api> {
    Router::new().route("/instances/{id}/export", routing::get(export_instance))
}

async fn export_instance(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
) -> Result<Response, Refusal> {
    instances::get(&api.ctx, &id)?;
    let permit = Arc::clone(&api.shared.exports.0).try_acquire_owned();
    let permit = permit.map_err(|_| Error::Busy { retry_after_s: RETRY_AFTER_S })?;
    let export = export(&api.ctx, &id).await?;
    Ok(streamed(&id, export, permit))
}

/// The answer breaks off if the export does, so that nobody takes a part for the whole.
fn streamed(id: &Id, export: Export, permit: OwnedSemaphorePermit) -> Response {
    const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");
    const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
    let name = format!("attachment; filename=\"{id}.jsonl\"");
    let name = HeaderValue::try_from(name).unwrap_or(HeaderValue::from_static("attachment"));
    let chunks = stream::unfold((export, permit), async |(mut export, permit)| {
        let chunk = export.next().await?;
        if let Err(error) = &chunk {
            tracing::error!(error = error as &dyn std::error::Error, "an export broke off");
        }
        Some((chunk, (export, permit)))
    });
    let headers = [(CONTENT_TYPE, NDJSON), (CONTENT_DISPOSITION, name), (CACHE_CONTROL, NO_STORE)];
    (headers, Body::from_stream(chunks)).into_response()
}
