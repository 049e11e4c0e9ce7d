//! What was told to an endpoint, and telling it again.

use rollbook_domain::Problem;
use rollbook_store::webhook_deliveries::{self as deliveries, Attempt, Message, Place, Replay};
use rollbook_store::{outbox, webhook_endpoints};
use rollbook_wire::{Code, Id, Prefix};
use serde_json::json;

use super::{envelope, not_found};
use crate::{Ctx, Error, Result, instances};

/// The type of the event that a test tells.
const TEST: &str = "webhook.test";

/// A page of messages.
#[derive(Debug, Clone)]
pub struct MessagePage {
    /// Newest first.
    pub messages: Vec<Message>,
    /// How many there are in all.
    pub total_count: i64,
}

/// Which messages are sent anew.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReplayRequest {
    /// Milliseconds: those of events since then.
    pub since: i64,
    /// Also those that were delivered.
    pub with_delivered: bool,
}

/// A page of an endpoint's messages; `status` is `pending`, `delivered`,
/// `failed`, or nothing for all.
pub async fn messages(
    ctx: &Ctx,
    instance: &Id,
    endpoint: &Id,
    status: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<MessagePage> {
    instances::get(ctx, instance)?;
    let status = status.unwrap_or_default().to_owned();
    if !matches!(status.as_str(), "" | "pending" | "delivered" | "failed") {
        return Err(Error::refused(Problem::param(
            Code::FormParamValueInvalid,
            "status",
            "status must be pending, delivered or failed.",
        )));
    }
    let (instance, endpoint) = (instance.clone(), endpoint.clone());
    ctx.db
        .read(move |conn| {
            webhook_endpoints::by_id(conn, &instance, &endpoint)?
                .ok_or_else(|| not_found(&endpoint))?;
            let messages = deliveries::page(conn, &instance, &endpoint, &status, limit, offset)?;
            let total_count = deliveries::count(conn, &instance, &endpoint, &status)?;
            Ok(MessagePage { messages, total_count })
        })
        .await
}

/// A message with the body that is sent.
pub async fn message(
    ctx: &Ctx,
    instance: &Id,
    endpoint: &Id,
    event: &Id,
) -> Result<(Message, String)> {
    instances::get(ctx, instance)?;
    let (ins, endpoint, event) = (instance.clone(), endpoint.clone(), event.clone());
    let (message, told) = ctx
        .db
        .read(move |conn| {
            let found = deliveries::message(conn, &ins, &endpoint, &event)?;
            found.ok_or_else(|| no_message(&event))
        })
        .await?;
    Ok((message, envelope::body(instance, &told)?))
}

/// The attempts to deliver a message, newest first.
pub async fn attempts(
    ctx: &Ctx,
    instance: &Id,
    endpoint: &Id,
    event: &Id,
    limit: i64,
    offset: i64,
) -> Result<Vec<Attempt>> {
    instances::get(ctx, instance)?;
    let (instance, endpoint, event) = (instance.clone(), endpoint.clone(), event.clone());
    ctx.db
        .read(move |conn| {
            deliveries::message(conn, &instance, &endpoint, &event)?
                .ok_or_else(|| no_message(&event))?;
            Ok(deliveries::attempts_of(conn, &instance, &endpoint, &event, limit, offset)?)
        })
        .await
}

/// Sends a message anew; one that is still under way goes on as it is.
pub async fn replay(ctx: &Ctx, instance: &Id, endpoint: &Id, event: &Id) -> Result<Message> {
    instances::get(ctx, instance)?;
    let (instance, endpoint, event) = (instance.clone(), endpoint.clone(), event.clone());
    let now = ctx.clock.now();
    let message = ctx
        .db
        .write(move |tx| {
            webhook_endpoints::lock(tx, &instance, &endpoint)?
                .ok_or_else(|| not_found(&endpoint))?;
            deliveries::replay(tx, &instance, &endpoint, &event, now)?;
            let found = deliveries::message(tx, &instance, &endpoint, &event)?;
            found.map(|(message, _)| message).ok_or_else(|| no_message(&event))
        })
        .await?;
    ctx.webhooks.ring();
    Ok(message)
}

/// Sends anew what failed since a time, and what the endpoint was never told
/// because it was disabled or not there; says how many messages.
pub async fn replay_since(
    ctx: &Ctx,
    instance: &Id,
    endpoint: &Id,
    request: ReplayRequest,
) -> Result<u64> {
    instances::get(ctx, instance)?;
    let (instance, id, now) = (instance.clone(), endpoint.clone(), ctx.clock.now());
    let n = ctx
        .db
        .write(move |tx| {
            let endpoint = webhook_endpoints::lock(tx, &instance, &id)?;
            let endpoint = endpoint.ok_or_else(|| not_found(&id))?;
            let ReplayRequest { since, with_delivered } = request;
            let replay = Replay { since, with_delivered, events: endpoint.events };
            Ok::<_, Error>(deliveries::replay_since(tx, &instance, &id, &replay, now)?)
        })
        .await?;
    ctx.webhooks.ring();
    Ok(n)
}

/// Sends an endpoint, and no other, a message that tells nothing.
pub async fn test(ctx: &Ctx, instance: &Id, endpoint: &Id) -> Result<Message> {
    instances::get(ctx, instance)?;
    let (instance, id, now) = (instance.clone(), endpoint.clone(), ctx.clock.now());
    let event_id = ctx.entropy.id(Prefix::Event, now);
    let message = ctx
        .db
        .write(move |tx| {
            webhook_endpoints::lock(tx, &instance, &id)?.ok_or_else(|| not_found(&id))?;
            let event = outbox::Event {
                id: event_id.clone(),
                kind: TEST,
                stream: id.to_string(),
                subject_id: id.to_string(),
                data: json!({ "object": "webhook_test", "id": id }).to_string(),
                created_at: now,
            };
            let seq = outbox::append_for_one(tx, &instance, &event)?;
            let place = Place { event_id: event_id.clone(), stream: event.stream, seq };
            deliveries::queue(tx, &instance, &id, &place, now)?;
            let found = deliveries::message(tx, &instance, &id, &event_id)?;
            found.map(|(message, _)| message).ok_or_else(|| no_message(&event_id))
        })
        .await?;
    ctx.webhooks.ring();
    Ok(message)
}

fn no_message(event: &Id) -> Error {
    Error::not_found("message", event.as_str())
}
