//! `/admin/v1/instances/{id}/imports`: many users in one streamed body.

mod stream;

use axum::Router;
use axum::extract::{Request, State};
use axum::routing;
use hyper::HeaderMap;
use hyper::header::CONTENT_TYPE;
use rollbook_domain::{Import, ImportRefusal};
use rollbook_import::Format;
use rollbook_ops::imports::{self as ops, ImportOptions, Job, NewImport};
use rollbook_ops::instances;
use rollbook_wire::Code;
use serde_json::{Value, json};

use self::stream::{Chunks, read_batches};
use crate::page::{limits, list_body};
use crate::{Api, Json, Operator, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// What a body of rows may call itself.
const CONTENT_TYPES: &[&str] = &[
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/json",
    "text/csv",
];

/// Seconds after which there may be room for another import.
const RETRY_AFTER_S: u32 = 30;

/// Under `/admin/v1`.
pub(crate) fn admin_routes() -> Router<Api> {
    let imports = Router::new()
        .route("/", routing::get(list).post(create))
        .route("/{import_id}", routing::get(get))
        .route("/{import_id}/refusals", routing::get(refusals))
        .route("/{import_id}/cancel", routing::post(cancel));
    Router::new().nest("/instances/{id}/imports", imports)
}

async fn list(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut query: Query,
) -> Answer {
    let (limit, offset) = limits(&mut query);
    Refusal::unless_empty(query.finish())?;
    let tenant = instances::get(&api.ctx, &id)?;
    let (page, total_count) = ops::list(&api.ctx, &tenant, limit, offset).await?;
    list_body(page.iter().map(import_body).collect::<Vec<_>>(), Some(total_count))
}

async fn create(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut query: Query,
    request: Request,
) -> Answer {
    let q = &mut query;
    let options = ImportOptions {
        skip_password_requirement: on(q, "skip_password_requirement"),
        skip_user_requirement: on(q, "skip_user_requirement"),
        skip_legal_checks: on(q, "skip_legal_checks"),
        skip_password_checks: on(q, "skip_password_checks"),
        skip_restrictions: on(q, "skip_restrictions"),
        events: on(q, "events"),
    };
    let format = format(q);
    Refusal::unless_empty(query.finish())?;
    let tenant = instances::get(&api.ctx, &id)?;
    if !is_of_rows(request.headers()) {
        let message =
            "The content type must be application/x-ndjson, application/json or text/csv.";
        return Err(Refusal::new(Code::UnsupportedContentType, message));
    }
    // Each holds some tens of megabytes and a thread; the store writes for one at a time anyway.
    let Ok(turn) = api.shared.imports.clone().try_acquire_owned() else {
        return Err(Refusal::from(rollbook_ops::Error::Busy { retry_after_s: RETRY_AFTER_S }));
    };
    let new = NewImport {
        source: None,
        format: format.map_or(Format::Rollbook, |format| format).name().to_owned(),
        restart: false,
    };
    let job = Job { ctx: api.ctx.clone(), tenant, options, dry: None };
    let (chunks, bytes) = Chunks::channel();
    let batches = read_batches(bytes, format)?;
    let begun = ops::begin(&job, new).await?;
    // On a task of its own, which comes to an end also if the client is gone.
    let running = tokio::spawn(async move {
        let id = begun.import.import.id.clone();
        let ended = ops::run(&job, begun.import, batches, |_, _| {}).await;
        if ended.is_err() {
            // Fails if the store is away; then it is left to be cancelled.
            let _ = ops::fail(&job.ctx, &job.tenant, &id).await;
        }
        drop(turn);
        ended
    });
    chunks.send(request.into_body()).await;
    let ended = running.await.map_err(|error| Refusal::internal_because(error.to_string()))?;
    Json::of(&import_body(&ended?))
}

async fn get(State(api): State<Api>, _: Operator, PathIds([id, import]): PathIds<2>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    Json::of(&import_body(&ops::get(&api.ctx, &tenant, &import).await?))
}

async fn refusals(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, import]): PathIds<2>,
    mut query: Query,
) -> Answer {
    let (limit, offset) = limits(&mut query);
    Refusal::unless_empty(query.finish())?;
    let tenant = instances::get(&api.ctx, &id)?;
    let found = ops::refusals(&api.ctx, &tenant, &import, limit, offset).await?;
    list_body(found.refusals.iter().map(refusal_body).collect::<Vec<_>>(), Some(found.total_count))
}

async fn cancel(State(api): State<Api>, _: Operator, PathIds([id, import]): PathIds<2>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    Json::of(&import_body(&ops::cancel(&api.ctx, &tenant, &import).await?))
}

fn on(query: &mut Query, name: &str) -> bool {
    query.boolean(name).unwrap_or(false)
}

fn format(query: &mut Query) -> Option<Format> {
    let name = query.string("format")?;
    let format = Format::from_name(&name);
    if format.is_none() {
        let text = "format must be the name of a format that imports know.";
        query.deny("format", Code::FormParamValueInvalid, text);
    }
    format
}

fn is_of_rows(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    CONTENT_TYPES.iter().any(|known| essence.eq_ignore_ascii_case(known))
}

fn import_body(import: &Import) -> Value {
    json!({
        "object": "import",
        "id": import.id,
        "status": import.status.as_str(),
        "format": import.format,
        "accepted": import.accepted,
        "refused": import.refused,
        "bytes": import.position.offset,
        "created_at": import.created_at,
        "updated_at": import.updated_at,
    })
}

fn refusal_body(refusal: &ImportRefusal) -> Value {
    json!({ "object": "import_refusal", "line": refusal.line, "errors": refusal.errors })
}
