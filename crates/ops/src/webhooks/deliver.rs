//! What the worker does with messages: decide who hears of an event, claim what
//! is due, note what came of it.

use std::collections::BTreeMap;

use rollbook_store::Conn;
use rollbook_store::webhook_deliveries::{self as deliveries, Claimed, Due, Outcome, Undecided};
use rollbook_store::webhook_endpoints::{self as endpoints, Endpoint};
use rollbook_webhooks::{Attempt, Message, Secret, Target, pause_ms};
use rollbook_wire::{Id, Prefix};

use super::{envelope, secrets};
use crate::{Ctx, Error, Result};

/// How many events are decided on in one transaction.
const SLICE: i64 = 200;

/// An endpoint that has heard nothing for so long is disabled.
const PATIENCE_MS: i64 = 5 * 86_400_000;

/// A message that the caller is to send now.
#[derive(Debug)]
pub struct Ready {
    /// What was claimed.
    pub claimed: Claimed,
    /// Where to; or why it cannot be sent there.
    pub target: Result<Target, String>,
    /// What to send.
    pub message: Message,
    /// What signs it.
    pub secrets: Vec<Secret>,
}

/// Queues events that nobody has decided about for every endpoint that is to
/// hear of them; false if there was none.
pub async fn decide(ctx: &Ctx) -> Result<bool> {
    if !ctx.db.read(|conn| Ok::<_, Error>(deliveries::any_pending(conn)?)).await? {
        return Ok(false);
    }
    ctx.db
        .write(|tx| {
            let events = deliveries::pending(tx, SLICE)?;
            let mut of_instance: BTreeMap<&Id, Vec<&Undecided>> = BTreeMap::new();
            for event in &events {
                of_instance.entry(&event.instance_id).or_default().push(event);
            }
            for (instance, events) in of_instance {
                let listeners = endpoints::lock_enabled(tx, instance)?;
                for event in &events {
                    for endpoint in listeners.iter().filter(|e| e.hears(&event.kind)) {
                        let at = event.created_at;
                        deliveries::queue(tx, instance, &endpoint.id, &event.place, at)?;
                    }
                }
                let ids = events.iter().map(|e| e.place.event_id.to_string()).collect();
                deliveries::decided(tx, instance, ids)?;
            }
            Ok::<_, Error>(!events.is_empty())
        })
        .await
}

/// The endpoints that something is due for.
pub async fn due(ctx: &Ctx) -> Result<Vec<Due>> {
    let now = ctx.clock.now();
    let (listened, due) = ctx
        .db
        .read(move |conn| {
            Ok::<_, Error>((endpoints::any_enabled(conn)?, deliveries::due(conn, now)?))
        })
        .await?;
    ctx.webhooks.set_listened(listened);
    Ok(due)
}

/// Claims up to `limit` messages to an endpoint for `lease_ms`.
pub async fn claim(ctx: &Ctx, due: &Due, lease_ms: i64, limit: i64) -> Result<Vec<Ready>> {
    let (ctx_, due, now) = (ctx.clone(), due.clone(), ctx.clock.now());
    ctx.db
        .write(move |tx| {
            let (instance, endpoint) = (&due.instance_id, &due.endpoint_id);
            let found = endpoints::by_id(tx, instance, endpoint)?;
            let Some(endpoint) = found.filter(|endpoint| endpoint.enabled) else {
                return Ok(Vec::new());
            };
            let claimed = deliveries::claim(tx, &due, now, now + lease_ms, limit)?;
            let shown = secrets::opened(&ctx_, tx, instance, &endpoint.id, now)?;
            let parsed = shown.iter().map(|shown| Secret::parse(&shown.secret));
            let secrets: Vec<Secret> = parsed
                .collect::<Result<_, _>>()
                .map_err(|source| Error::internal("read a webhook's secret", source))?;
            let target = Target::parse(&endpoint.url, ctx_.webhooks.sender.reach())
                .map_err(|error| format!("the URL {error}"));
            claimed.into_iter().map(|claimed| ready(claimed, &target, &secrets)).collect()
        })
        .await
}

fn ready(claimed: Claimed, target: &Result<Target, String>, secrets: &[Secret]) -> Result<Ready> {
    let body = envelope::body(&claimed.instance_id, &claimed.event)?;
    let message = Message { id: claimed.event_id.to_string(), body };
    Ok(Ready { claimed, target: target.clone(), message, secrets: secrets.to_vec() })
}

/// Notes what came of an attempt that began at `began_at`, in milliseconds: in
/// the log, for the message, and for the endpoint.
pub async fn settle(ctx: &Ctx, claimed: Claimed, attempt: Attempt, began_at: i64) -> Result<()> {
    let now = ctx.clock.now();
    let delivered = attempt.is_delivered();
    let logged = deliveries::Attempt {
        id: ctx.entropy.id(Prefix::WebhookAttempt, began_at),
        event_id: claimed.event_id.clone(),
        delivered,
        response_status: attempt.response_status.map(i64::from),
        response_body: attempt.response_body,
        error: attempt.error,
        duration_ms: attempt.duration_ms,
        created_at: began_at,
    };
    let outcome = match pause_ms(claimed.attempts, ctx.entropy.bytes()) {
        _ if delivered => Outcome::Delivered,
        Some(pause) => Outcome::Retry(now + pause),
        None => Outcome::Failed,
    };
    let counts = &ctx.webhooks.counts;
    let count = if delivered { &counts.delivered } else { &counts.failed };
    count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    ctx.db
        .write(move |tx| {
            let instance = &claimed.instance_id;
            // Gone with its messages: there is nothing to note.
            let Some(endpoint) = endpoints::lock(tx, instance, &claimed.endpoint_id)? else {
                return Ok(());
            };
            deliveries::note_attempt(tx, instance, &endpoint.id, &logged)?;
            deliveries::settle(tx, &claimed, outcome, now)?;
            judge(tx, instance, endpoint, delivered, now)
        })
        .await
}

/// Notes since when an endpoint fails, and disables it when that is too long ago.
fn judge(
    tx: &mut Conn<'_>,
    instance: &Id,
    mut endpoint: Endpoint,
    delivered: bool,
    now: i64,
) -> Result<()> {
    match (delivered, endpoint.failing_since) {
        (true, None) => return Ok(()),
        (true, Some(_)) => endpoint.failing_since = None,
        (false, None) => endpoint.failing_since = Some(now),
        (false, Some(since)) if now - since < PATIENCE_MS || !endpoint.enabled => return Ok(()),
        (false, Some(_)) => {
            endpoint.enabled = false;
            let reason = "Every attempt of the last 5 days has failed.";
            endpoint.disabled_reason = Some(reason.to_owned());
            endpoint.updated_at = now.max(endpoint.updated_at + 1);
            let (instance, id) = (instance.clone(), endpoint.id.clone());
            tx.on_commit(move || {
                tracing::error!(%instance, endpoint = %id, "disabled a webhook endpoint: it has failed for 5 days");
            });
        }
    }
    Ok(endpoints::save(tx, instance, &endpoint)?)
}
