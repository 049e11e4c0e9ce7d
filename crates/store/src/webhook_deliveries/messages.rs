//! What an operator sees of deliveries: messages, the log of attempts, replay.

use rollbook_wire::Id;

use super::{Event, id, promote_all, read_event};
use crate::{Conn, Result, Row, params, statements};

statements! {
    MESSAGES = "SELECT d.event_id, d.status, d.attempts, d.due_at, d.created_at, d.updated_at,
            o.type
        FROM webhook_deliveries AS d JOIN outbox AS o
            ON o.instance_id = d.instance_id AND o.event_id = d.event_id
        WHERE d.instance_id = $1 AND d.endpoint_id = $2
            AND (CAST($3 AS TEXT) = '' OR d.status = $3
                OR (CAST($3 AS TEXT) = 'pending' AND d.status IN ('ready', 'waiting')))
        ORDER BY d.created_at DESC, d.event_id DESC LIMIT $4 OFFSET $5";

    COUNT_MESSAGES = "SELECT COUNT(*) FROM webhook_deliveries
        WHERE instance_id = $1 AND endpoint_id = $2
            AND (CAST($3 AS TEXT) = '' OR status = $3
                OR (CAST($3 AS TEXT) = 'pending' AND status IN ('ready', 'waiting')))";

    MESSAGE = "SELECT d.event_id, d.status, d.attempts, d.due_at, d.created_at, d.updated_at,
            o.type
        FROM webhook_deliveries AS d JOIN outbox AS o
            ON o.instance_id = d.instance_id AND o.event_id = d.event_id
        WHERE d.instance_id = $1 AND d.endpoint_id = $2 AND d.event_id = $3";

    TOLD = "SELECT type, data, created_at, client_ip, user_agent FROM outbox
        WHERE instance_id = $1 AND event_id = $2";

    NOTE_ATTEMPT = "INSERT INTO webhook_attempts (instance_id, endpoint_id, attempt_id, event_id,
            delivered, response_status, response_body, error, duration_ms, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    ATTEMPTS = "SELECT attempt_id, event_id, delivered, response_status, response_body, error,
            duration_ms, created_at
        FROM webhook_attempts WHERE instance_id = $1 AND endpoint_id = $2 AND event_id = $3
        ORDER BY created_at DESC, attempt_id DESC LIMIT $4 OFFSET $5";

    /// What is under way already goes on.
    REPLAY = "UPDATE webhook_deliveries SET status = 'waiting', attempts = 0, due_at = $4,
            updated_at = $4
        WHERE instance_id = $1 AND endpoint_id = $2 AND event_id = $3
        AND status NOT IN ('ready', 'waiting')";

    REPLAY_SINCE = "UPDATE webhook_deliveries SET status = 'waiting', attempts = 0, due_at = $4,
            updated_at = $4
        WHERE instance_id = $1 AND endpoint_id = $2 AND created_at >= $3
        AND (status = 'failed' OR (CAST($5 AS BIGINT) = 1 AND status = 'delivered'))";

    /// What the endpoint was never told of, because it was disabled or not there yet.
    QUEUE_SINCE = "INSERT INTO webhook_deliveries (instance_id, endpoint_id, event_id, stream, seq,
            status, attempts, due_at, created_at, updated_at)
        SELECT o.instance_id, CAST($2 AS TEXT), o.event_id, o.stream, o.seq, 'waiting', 0,
            CAST($4 AS BIGINT), o.created_at, CAST($4 AS BIGINT)
        FROM outbox AS o WHERE o.instance_id = $1 AND o.created_at >= $3 AND o.seq > 0
            AND o.pending = 0 AND o.type <> 'webhook.test'
            AND (CAST($5 AS BIGINT) = 1 OR o.type {in $6})
        ON CONFLICT DO NOTHING";
}

/// An event on its way to an endpoint, as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `evt_…`
    pub event_id: Id,
    /// Such as `user.created`.
    pub kind: String,
    /// `ready`, `waiting`, `delivered` or `failed`.
    pub status: String,
    /// Attempts so far, since it was last replayed.
    pub attempts: i64,
    /// Milliseconds: when a `ready` one is tried next, or until when it is being tried.
    pub due_at: i64,
    /// Milliseconds: when it happened.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// One attempt that came to an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// `atmpt_…`
    pub id: Id,
    /// `evt_…`
    pub event_id: Id,
    /// Whether the endpoint has the message.
    pub delivered: bool,
    /// The status of its answer.
    pub response_status: Option<i64>,
    /// The beginning of its answer.
    pub response_body: String,
    /// Why it does not count.
    pub error: Option<String>,
    /// Milliseconds.
    pub duration_ms: i64,
    /// Milliseconds.
    pub created_at: i64,
}

/// Which messages are sent anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Milliseconds: those of events since then.
    pub since: i64,
    /// Also those that were delivered.
    pub with_delivered: bool,
    /// The types of events the endpoint hears of; none for all.
    pub events: Vec<String>,
}

/// A page of an endpoint's messages, newest first; `status` may be empty, one of
/// a message, or `pending` for `ready` and `waiting`.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    endpoint: &Id,
    status: &str,
    limit: i64,
    offset: i64,
) -> Result<Vec<Message>> {
    let rows = conn
        .query(&MESSAGES, &params![instance.as_str(), endpoint.as_str(), status, limit, offset])?;
    rows.iter().map(read_message).collect()
}

/// How many messages [`page`] pages through.
pub fn count(conn: &mut Conn<'_>, instance: &Id, endpoint: &Id, status: &str) -> Result<i64> {
    let row =
        conn.query_one(&COUNT_MESSAGES, &params![instance.as_str(), endpoint.as_str(), status])?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// One message of an endpoint with what it tells.
pub fn message(
    conn: &mut Conn<'_>,
    instance: &Id,
    endpoint: &Id,
    event: &Id,
) -> Result<Option<(Message, Event)>> {
    let key = params![instance.as_str(), endpoint.as_str(), event.as_str()];
    let Some(row) = conn.query_one(&MESSAGE, &key)? else { return Ok(None) };
    let told = conn.query_one(&TOLD, &params![instance.as_str(), event.as_str()])?;
    let Some(told) = told else { return Ok(None) };
    Ok(Some((read_message(&row)?, read_event(&told)?)))
}

/// Adds an attempt to the log.
pub fn note_attempt(
    tx: &mut Conn<'_>,
    instance: &Id,
    endpoint: &Id,
    attempt: &Attempt,
) -> Result<()> {
    tx.execute(
        &NOTE_ATTEMPT,
        &params![
            instance.as_str(),
            endpoint.as_str(),
            attempt.id.as_str(),
            attempt.event_id.as_str(),
            attempt.delivered,
            attempt.response_status,
            attempt.response_body.as_str(),
            &attempt.error,
            attempt.duration_ms,
            attempt.created_at,
        ],
    )?;
    Ok(())
}

/// A page of the attempts to deliver a message, newest first.
pub fn attempts_of(
    conn: &mut Conn<'_>,
    instance: &Id,
    endpoint: &Id,
    event: &Id,
    limit: i64,
    offset: i64,
) -> Result<Vec<Attempt>> {
    let rows = conn.query(
        &ATTEMPTS,
        &params![instance.as_str(), endpoint.as_str(), event.as_str(), limit, offset],
    )?;
    rows.iter()
        .map(|row| {
            Ok(Attempt {
                id: id(row.text(0)?)?,
                event_id: id(row.text(1)?)?,
                delivered: row.int(2)? != 0,
                response_status: row.opt_int(3)?,
                response_body: row.text(4)?.to_owned(),
                error: row.opt_text(5)?.map(ToOwned::to_owned),
                duration_ms: row.int(6)?,
                created_at: row.int(7)?,
            })
        })
        .collect()
}

/// Sends one message anew to an endpoint that the transaction holds.
pub fn replay(tx: &mut Conn<'_>, instance: &Id, endpoint: &Id, event: &Id, now: i64) -> Result<()> {
    tx.execute(&REPLAY, &params![instance.as_str(), endpoint.as_str(), event.as_str(), now])?;
    promote_all(tx, instance, endpoint, now)
}

/// Sends messages anew, each stream in its order, to an endpoint that the
/// transaction holds; says how many.
pub fn replay_since(
    tx: &mut Conn<'_>,
    instance: &Id,
    endpoint: &Id,
    replay: &Replay,
    now: i64,
) -> Result<u64> {
    let (ins, ep) = (instance.as_str(), endpoint.as_str());
    let anew =
        tx.execute(&REPLAY_SINCE, &params![ins, ep, replay.since, now, replay.with_delivered])?;
    let all = replay.events.is_empty();
    let events = replay.events.clone();
    let late = tx.execute(&QUEUE_SINCE, &params![ins, ep, replay.since, now, all, events])?;
    promote_all(tx, instance, endpoint, now)?;
    Ok(anew + late)
}

fn read_message(row: &Row) -> Result<Message> {
    Ok(Message {
        event_id: id(row.text(0)?)?,
        kind: row.text(6)?.to_owned(),
        status: row.text(1)?.to_owned(),
        attempts: row.int(2)?,
        due_at: row.int(3)?,
        created_at: row.int(4)?,
        updated_at: row.int(5)?,
    })
}
