//! Events on their way to endpoints, each stream in its order.
//!
//! Of each stream, only the first delivery that is under way is `ready`, to be
//! claimed when it is due; those behind it are `waiting`, and whoever closes one
//! makes the next ready. Both happen while the endpoint is held, so that none is
//! overlooked.

mod messages;

use rollbook_wire::Id;

pub use self::messages::{
    Attempt, Message, Replay, attempts_of, count, message, note_attempt, page, replay, replay_since,
};
use crate::{Conn, Error, Result, Row, params, statements};

#[cfg(test)]
pub(crate) use self::messages::ALL as MESSAGES_ALL;

statements! {
    /// In the order of the streams. Two servers that look at once share nothing: the second
    /// waits for the first and finds its events decided.
    PENDING = "SELECT instance_id, event_id, type, stream, seq, created_at FROM outbox
        WHERE pending = 1 ORDER BY instance_id, stream, seq LIMIT $1 {for_update}";

    ANY_PENDING = "SELECT 1 FROM outbox WHERE pending = 1 LIMIT 1";

    DECIDED = "UPDATE outbox SET pending = 0 WHERE instance_id = $1 AND event_id {in $2}";

    QUEUE = "INSERT INTO webhook_deliveries (instance_id, endpoint_id, event_id, stream, seq,
            status, attempts, due_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5,
            CASE WHEN EXISTS (SELECT 1 FROM webhook_deliveries
                WHERE instance_id = $1 AND endpoint_id = $2 AND stream = $4
                AND status IN ('ready', 'waiting')) THEN 'waiting' ELSE 'ready' END,
            0, $6, $6, $6)
        ON CONFLICT DO NOTHING";

    DUE_ENDPOINTS = "SELECT e.instance_id, e.endpoint_id, e.failing_since
        FROM webhook_endpoints AS e WHERE e.enabled = 1 AND EXISTS
            (SELECT 1 FROM webhook_deliveries AS d
             WHERE d.instance_id = e.instance_id AND d.endpoint_id = e.endpoint_id
             AND d.status = 'ready' AND d.due_at <= $1)";

    /// The outer condition is checked again on a row that another server claims
    /// at the same moment, so that one of the two goes without.
    CLAIM = "UPDATE webhook_deliveries SET due_at = $4, attempts = attempts + 1, updated_at = $3
        WHERE instance_id = $1 AND endpoint_id = $2 AND status = 'ready' AND due_at <= $3
        AND event_id IN
            (SELECT event_id FROM webhook_deliveries
             WHERE instance_id = $1 AND endpoint_id = $2 AND status = 'ready' AND due_at <= $3
             ORDER BY due_at LIMIT $5)
        RETURNING event_id, stream, attempts";

    EVENT = "SELECT type, data, created_at, client_ip, user_agent FROM outbox
        WHERE instance_id = $1 AND event_id = $2";

    /// Nothing changes when the claim ran out and someone else has claimed the row.
    SETTLE = "UPDATE webhook_deliveries SET status = $5, due_at = $6, updated_at = $7
        WHERE instance_id = $1 AND endpoint_id = $2 AND event_id = $3 AND attempts = $4
        AND status = 'ready'";

    /// The next of a stream, if it is not on its way already.
    PROMOTE = "UPDATE webhook_deliveries SET status = 'ready', due_at = $4
        WHERE instance_id = $1 AND endpoint_id = $2 AND status = 'waiting' AND event_id =
            (SELECT event_id FROM webhook_deliveries
             WHERE instance_id = $1 AND endpoint_id = $2 AND stream = $3
             AND status IN ('ready', 'waiting') ORDER BY seq LIMIT 1)";

    N_UNDER_WAY = "SELECT COUNT(*) FROM webhook_deliveries WHERE status IN ('ready', 'waiting')";

    PRUNE_DELIVERIES = "DELETE FROM webhook_deliveries WHERE status NOT IN ('ready', 'waiting')
        AND (instance_id, endpoint_id, event_id) IN
            (SELECT instance_id, endpoint_id, event_id FROM webhook_deliveries
             WHERE updated_at < $1 AND status NOT IN ('ready', 'waiting')
             ORDER BY updated_at LIMIT $2)";

    PRUNE_ATTEMPTS = "DELETE FROM webhook_attempts WHERE (instance_id, endpoint_id, attempt_id) IN
        (SELECT instance_id, endpoint_id, attempt_id FROM webhook_attempts
         WHERE created_at < $1 ORDER BY created_at LIMIT $2)";

    /// What an endpoint did not hear because it is disabled is not kept for ever.
    GIVE_UP_DISABLED = "UPDATE webhook_deliveries SET status = 'failed', updated_at = $2
        WHERE status IN ('ready', 'waiting') AND created_at < $1 AND EXISTS
            (SELECT 1 FROM webhook_endpoints AS e
             WHERE e.instance_id = webhook_deliveries.instance_id
             AND e.endpoint_id = webhook_deliveries.endpoint_id AND e.enabled = 0)";

    OPEN_STREAMS = "SELECT DISTINCT stream FROM webhook_deliveries
        WHERE instance_id = $1 AND endpoint_id = $2 AND status IN ('ready', 'waiting')";
}

/// An event of which nobody has decided yet which endpoints are to hear of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// `ins_…`
    pub instance_id: Id,
    /// Its event, and its place.
    pub place: Place,
    /// Such as `user.created`.
    pub kind: String,
    /// Milliseconds.
    pub created_at: i64,
}

/// An event and its place in its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `evt_…`
    pub event_id: Id,
    /// Whose events are told in order.
    pub stream: String,
    /// Grows within the stream.
    pub seq: i64,
}

/// An endpoint with something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// `ins_…`
    pub instance_id: Id,
    /// `ep_…`
    pub endpoint_id: Id,
    /// Whether the last attempt failed.
    pub is_failing: bool,
}

/// A delivery that was claimed: the caller's to make until the claim runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// `ins_…`
    pub instance_id: Id,
    /// `ep_…`
    pub endpoint_id: Id,
    /// `evt_…`
    pub event_id: Id,
    /// Whose events are told in order.
    pub stream: String,
    /// Claims so far, this one included.
    pub attempts: i64,
    /// What is to be told.
    pub event: Event,
}

/// An event as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Such as `user.created`.
    pub kind: String,
    /// JSON: the resource as the API showed it then.
    pub data: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Where the request behind it came from.
    pub client_ip: Option<String>,
    /// What its sender called itself.
    pub user_agent: Option<String>,
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The endpoint has it.
    Delivered,
    /// To be tried again at this time, in milliseconds.
    Retry(i64),
    /// Given up.
    Failed,
}

/// Whether there is an event that nobody has decided about.
pub fn any_pending(conn: &mut Conn<'_>) -> Result<bool> {
    Ok(conn.query_one(&ANY_PENDING, &[])?.is_some())
}

/// Up to `limit` events that nobody has decided about, held until the
/// transaction ends, each stream in its order.
pub fn pending(tx: &mut Conn<'_>, limit: i64) -> Result<Vec<Undecided>> {
    let rows = tx.query(&PENDING, &params![limit])?;
    rows.iter()
        .map(|row| {
            Ok(Undecided {
                instance_id: id(row.text(0)?)?,
                place: Place {
                    event_id: id(row.text(1)?)?,
                    stream: row.text(3)?.to_owned(),
                    seq: row.int(4)?,
                },
                kind: row.text(2)?.to_owned(),
                created_at: row.int(5)?,
            })
        })
        .collect()
}

/// Notes that it is decided who hears of these events of an instance.
pub fn decided(tx: &mut Conn<'_>, instance: &Id, events: Vec<String>) -> Result<()> {
    tx.execute(&DECIDED, &params![instance.as_str(), events])?;
    Ok(())
}

/// Queues an event that happened at `created_at` for an endpoint, which the
/// transaction holds, behind what is under way of its stream.
pub fn queue(
    tx: &mut Conn<'_>,
    instance: &Id,
    endpoint: &Id,
    place: &Place,
    created_at: i64,
) -> Result<()> {
    tx.execute(
        &QUEUE,
        &params![
            instance.as_str(),
            endpoint.as_str(),
            place.event_id.as_str(),
            place.stream.as_str(),
            place.seq,
            created_at,
        ],
    )?;
    Ok(())
}

/// The enabled endpoints that something is due for at `now`.
pub fn due(conn: &mut Conn<'_>, now: i64) -> Result<Vec<Due>> {
    let rows = conn.query(&DUE_ENDPOINTS, &params![now])?;
    rows.iter()
        .map(|row| {
            Ok(Due {
                instance_id: id(row.text(0)?)?,
                endpoint_id: id(row.text(1)?)?,
                is_failing: row.opt_int(2)?.is_some(),
            })
        })
        .collect()
}

/// Claims up to `limit` deliveries of an endpoint that are due at `now`, until `until`.
pub fn claim(
    tx: &mut Conn<'_>,
    due: &Due,
    now: i64,
    until: i64,
    limit: i64,
) -> Result<Vec<Claimed>> {
    let (instance, endpoint) = (due.instance_id.as_str(), due.endpoint_id.as_str());
    let rows = tx.query(&CLAIM, &params![instance, endpoint, now, until, limit])?;
    let mut claimed = Vec::with_capacity(rows.len());
    for row in rows {
        let event_id = row.text(0)?;
        let Some(event) = tx.query_one(&EVENT, &params![instance, event_id])? else {
            return Err(Error::internal("read an event", "it is gone before it was delivered"));
        };
        claimed.push(Claimed {
            instance_id: due.instance_id.clone(),
            endpoint_id: due.endpoint_id.clone(),
            event_id: id(event_id)?,
            stream: row.text(1)?.to_owned(),
            attempts: row.int(2)?,
            event: read_event(&event)?,
        });
    }
    Ok(claimed)
}

/// Notes what became of a claim on an endpoint that the transaction holds; false
/// if it was no longer the caller's.
pub fn settle(tx: &mut Conn<'_>, claimed: &Claimed, outcome: Outcome, now: i64) -> Result<bool> {
    let (status, due_at) = match outcome {
        Outcome::Delivered => ("delivered", now),
        Outcome::Retry(at) => ("ready", at),
        Outcome::Failed => ("failed", now),
    };
    let (instance, endpoint) = (claimed.instance_id.as_str(), claimed.endpoint_id.as_str());
    let settled = tx.execute(
        &SETTLE,
        &params![
            instance,
            endpoint,
            claimed.event_id.as_str(),
            claimed.attempts,
            status,
            due_at,
            now
        ],
    )?;
    if settled == 1 && status != "ready" {
        tx.execute(&PROMOTE, &params![instance, endpoint, claimed.stream.as_str(), now])?;
    }
    Ok(settled == 1)
}

/// Makes the first of each stream of an endpoint ready, which the transaction holds.
pub(crate) fn promote_all(tx: &mut Conn<'_>, instance: &Id, endpoint: &Id, now: i64) -> Result<()> {
    let (instance, endpoint) = (instance.as_str(), endpoint.as_str());
    for row in tx.query(&OPEN_STREAMS, &params![instance, endpoint])? {
        tx.execute(&PROMOTE, &params![instance, endpoint, row.text(0)?, now])?;
    }
    Ok(())
}

/// How many deliveries are still to be made, of all instances.
pub fn n_under_way(conn: &mut Conn<'_>) -> Result<i64> {
    conn.query_one(&N_UNDER_WAY, &[])?.map_or(Ok(0), |row| row.int(0))
}

/// Gives up what disabled endpoints did not hear of since `before`.
pub fn give_up_disabled(tx: &mut Conn<'_>, before: i64, now: i64) -> Result<u64> {
    tx.execute(&GIVE_UP_DISABLED, &params![before, now])
}

/// Deletes up to `limit` deliveries and attempts of before `before`, but none
/// that is still to be made; says how many.
pub fn prune(tx: &mut Conn<'_>, before: i64, limit: i64) -> Result<u64> {
    let n = tx.execute(&PRUNE_DELIVERIES, &params![before, limit])?;
    Ok(n + tx.execute(&PRUNE_ATTEMPTS, &params![before, limit])?)
}

fn read_event(row: &Row) -> Result<Event> {
    Ok(Event {
        kind: row.text(0)?.to_owned(),
        data: row.text(1)?.to_owned(),
        created_at: row.int(2)?,
        client_ip: row.opt_text(3)?.map(ToOwned::to_owned),
        user_agent: row.opt_text(4)?.map(ToOwned::to_owned),
    })
}

fn id(text: &str) -> Result<Id> {
    text.parse().map_err(|source| Error::internal("read an id", source))
}
