//! `/admin/v1/instances/{id}/webhook_endpoints`: who hears of events, and what they heard.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::users::Request;
use rollbook_ops::webhooks::{self as ops, NewEndpoint, PatchEndpoint, ReplayRequest, ShownSecret};
use rollbook_store::webhook_deliveries::{Attempt, Message};
use rollbook_store::webhook_endpoints::Endpoint;
use rollbook_wire::DeletedObject;
use serde_json::{Value, json};

use crate::page::{limits, list_body, whole};
use crate::{Api, Form, Json, Operator, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// More than there are types of events.
const MAX_EVENTS: usize = 100;

/// Under `/admin/v1`.
pub(crate) fn admin_routes() -> Router<Api> {
    let endpoints = Router::new()
        .route("/", routing::get(list).post(create))
        .route("/{endpoint_id}", routing::get(get).patch(update).delete(delete))
        .route("/{endpoint_id}/secrets", routing::get(secrets))
        .route("/{endpoint_id}/secrets/rotate", routing::post(rotate))
        .route("/{endpoint_id}/test", routing::post(test))
        .route("/{endpoint_id}/replay", routing::post(replay_since))
        .route("/{endpoint_id}/messages", routing::get(messages))
        .route("/{endpoint_id}/messages/{message_id}", routing::get(message))
        .route("/{endpoint_id}/messages/{message_id}/attempts", routing::get(attempts))
        .route("/{endpoint_id}/messages/{message_id}/replay", routing::post(replay));
    Router::new().nest("/instances/{id}/webhook_endpoints", endpoints)
}

async fn list(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    let all = ops::list(&api.ctx, &id).await?;
    let data: Vec<Value> = all.iter().map(endpoint_body).collect();
    whole(data)
}

async fn create(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let url = form.string("url");
    let params = NewEndpoint {
        url: form.required("url", url),
        description: form.string("description").set(),
        events: form.strings("events", MAX_EVENTS).set(),
        enabled: form.boolean("enabled").set(),
        secret: form.string("secret").set(),
    };
    let request = Request { params, problems: form.finish() };
    let (endpoint, secret) = ops::create(&api.ctx, &id, request).await?;
    let mut body = endpoint_body(&endpoint);
    if let Value::Object(members) = &mut body {
        members.insert("secret".to_owned(), json!(*secret.secret));
    }
    Json::of(&body)
}

async fn get(State(api): State<Api>, _: Operator, PathIds([id, endpoint]): PathIds<2>) -> Answer {
    Json::of(&endpoint_body(&ops::get(&api.ctx, &id, &endpoint).await?))
}

async fn update(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, endpoint]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let f = &mut form;
    let (url, description) = (f.string("url"), f.string("description"));
    let (events, enabled) = (f.strings("events", MAX_EVENTS), f.boolean("enabled"));
    let params = PatchEndpoint {
        url: f.not_null("url", url),
        description: f.not_null("description", description),
        events: f.not_null("events", events),
        enabled: f.not_null("enabled", enabled),
    };
    let request = Request { params, problems: form.finish() };
    Json::of(&endpoint_body(&ops::update(&api.ctx, &id, &endpoint, request).await?))
}

async fn delete(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, endpoint]): PathIds<2>,
) -> Answer {
    ops::delete(&api.ctx, &id, &endpoint).await?;
    Json::of(&DeletedObject {
        object: "webhook_endpoint".to_owned(),
        id: endpoint.to_string(),
        deleted: true,
        external_id: None,
    })
}

async fn secrets(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, endpoint]): PathIds<2>,
) -> Answer {
    let all = ops::secrets(&api.ctx, &id, &endpoint).await?;
    let data: Vec<Value> = all.iter().map(secret_body).collect();
    whole(data)
}

async fn rotate(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, endpoint]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let chosen = form.string("secret").set();
    Refusal::unless_empty(form.finish())?;
    Json::of(&secret_body(&ops::rotate(&api.ctx, &id, &endpoint, chosen).await?))
}

async fn test(State(api): State<Api>, _: Operator, PathIds([id, endpoint]): PathIds<2>) -> Answer {
    Json::of(&message_body(&ops::test(&api.ctx, &id, &endpoint).await?))
}

async fn replay_since(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, endpoint]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let since = form.integer("since");
    let since = form.required("since", since).unwrap_or_default();
    let with_delivered = form.boolean("with_delivered").set().unwrap_or_default();
    Refusal::unless_empty(form.finish())?;
    let request = ReplayRequest { since, with_delivered };
    let n = ops::replay_since(&api.ctx, &id, &endpoint, request).await?;
    Json::of(&json!({ "object": "webhook_replay", "n_messages": n }))
}

async fn messages(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, endpoint]): PathIds<2>,
    mut query: Query,
) -> Answer {
    let status = query.string("status");
    let (limit, offset) = limits(&mut query);
    Refusal::unless_empty(query.finish())?;
    let status = status.as_deref();
    let page = ops::messages(&api.ctx, &id, &endpoint, status, limit, offset).await?;
    let data: Vec<Value> = page.messages.iter().map(message_body).collect();
    list_body(data, Some(page.total_count))
}

async fn message(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, endpoint, message]): PathIds<3>,
) -> Answer {
    let (message, sent) = ops::message(&api.ctx, &id, &endpoint, &message).await?;
    let mut body = message_body(&message);
    if let Value::Object(members) = &mut body {
        members.insert("body".to_owned(), json!(sent));
    }
    Json::of(&body)
}

async fn attempts(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, endpoint, message]): PathIds<3>,
    mut query: Query,
) -> Answer {
    let (limit, offset) = limits(&mut query);
    Refusal::unless_empty(query.finish())?;
    let found = ops::attempts(&api.ctx, &id, &endpoint, &message, limit, offset).await?;
    let data: Vec<Value> = found.iter().map(attempt_body).collect();
    Json::of(&json!({ "data": data }))
}

async fn replay(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, endpoint, message]): PathIds<3>,
) -> Answer {
    Json::of(&message_body(&ops::replay(&api.ctx, &id, &endpoint, &message).await?))
}

fn endpoint_body(endpoint: &Endpoint) -> Value {
    json!({
        "object": "webhook_endpoint",
        "id": endpoint.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "events": endpoint.events,
        "enabled": endpoint.enabled,
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": endpoint.failing_since,
        "created_at": endpoint.created_at,
        "updated_at": endpoint.updated_at,
    })
}

/// One of the few answers that hold a secret.
fn secret_body(secret: &ShownSecret) -> Value {
    json!({
        "object": "webhook_secret",
        "id": secret.id,
        "secret": *secret.secret,
        "created_at": secret.created_at,
        "expires_at": secret.expires_at,
    })
}

fn message_body(message: &Message) -> Value {
    let is_pending = matches!(message.status.as_str(), "ready" | "waiting");
    json!({
        "object": "webhook_message",
        "id": message.event_id,
        "type": message.kind,
        "status": if is_pending { "pending" } else { message.status.as_str() },
        "attempts": message.attempts,
        // Behind another one of its stream: nobody knows yet.
        "next_attempt_at": (message.status == "ready").then_some(message.due_at),
        "created_at": message.created_at,
        "updated_at": message.updated_at,
    })
}

fn attempt_body(attempt: &Attempt) -> Value {
    json!({
        "object": "webhook_attempt",
        "id": attempt.id,
        "message_id": attempt.event_id,
        "status": if attempt.delivered { "delivered" } else { "failed" },
        "response_status": attempt.response_status,
        "response_body": attempt.response_body,
        "error": attempt.error,
        "duration_ms": attempt.duration_ms,
        "created_at": attempt.created_at,
    })
}
