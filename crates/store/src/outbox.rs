//! Events, written in the transaction that caused them, so that a crash can
//! neither lose nor invent one.

use std::sync::Arc;

use rollbook_wire::Id;

use crate::{Conn, Result, params, statements};

statements! {
    /// One statement, so that an event costs no more for having a place in its stream.
    ///
    /// The place is after the last one of the stream that is still here, and not before
    /// now, so that it grows even when events are pruned and the clocks of servers differ.
    /// No row is written if another transaction took the place.
    APPEND = "INSERT INTO outbox (instance_id, event_id, type, subject_id, data, created_at,
            client_ip, user_agent, stream, seq, pending)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
            (SELECT CASE WHEN last.seq >= $10 THEN last.seq + 1 ELSE $10 END FROM
                (SELECT MAX(seq) AS seq FROM outbox
                 WHERE instance_id = $1 AND stream = $9 AND seq > 0) AS last),
            CASE WHEN EXISTS (SELECT 1 FROM webhook_endpoints
                WHERE instance_id = $1 AND enabled = 1) THEN 1 ELSE 0 END)
        ON CONFLICT DO NOTHING";

    DECIDE = "UPDATE outbox SET pending = 0 WHERE instance_id = $1 AND event_id = $2";

    SEQ = "SELECT seq FROM outbox WHERE instance_id = $1 AND event_id = $2";

    ALL_OF = "SELECT type, subject_id, data FROM outbox WHERE instance_id = $1
        ORDER BY created_at, seq, event_id";

    OLDEST = "SELECT MIN(created_at) FROM outbox";

    /// In slices, so that other writers need not wait long. What an endpoint has yet to
    /// hear, or may be told again, stays.
    PRUNE = "DELETE FROM outbox WHERE (instance_id, event_id) IN
        (SELECT o.instance_id, o.event_id FROM outbox AS o
         WHERE o.created_at < $1 AND o.pending = 0 AND NOT EXISTS
            (SELECT 1 FROM webhook_deliveries AS d
             WHERE d.instance_id = o.instance_id AND d.event_id = o.event_id)
         ORDER BY o.created_at LIMIT $2)";
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `evt_…`
    pub id: Id,
    /// Such as `user.created`.
    pub kind: &'static str,
    /// Whose events are told in order: the user it is about, else the organization.
    pub stream: String,
    /// The resource it happened to.
    pub subject_id: String,
    /// JSON: the resource as the API showed it then.
    pub data: String,
    /// Milliseconds.
    pub created_at: i64,
}

/// An event as it lies in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Such as `user.created`.
    pub kind: String,
    /// The resource it happened to.
    pub subject_id: String,
    /// JSON.
    pub data: String,
}

/// Appends an event to the outbox of its instance, after those of its stream.
///
/// The transaction must hold the row that the stream is named after. If another
/// one appends to the stream all the same, one of the two runs again.
pub fn append(tx: &mut Conn<'_>, instance: &Id, event: &Event) -> Result<()> {
    insert(tx, instance, event)
}

/// The same for an event that no endpoint is to be told of but one that the
/// caller decides on; answers its place.
pub fn append_for_one(tx: &mut Conn<'_>, instance: &Id, event: &Event) -> Result<i64> {
    insert(tx, instance, event)?;
    let key = params![instance.as_str(), event.id.as_str()];
    tx.execute(&DECIDE, &key)?;
    tx.query_one(&SEQ, &key)?.map_or(Ok(0), |row| row.int(0))
}

fn insert(tx: &mut Conn<'_>, instance: &Id, event: &Event) -> Result<()> {
    let origin = tx.origin().map(Arc::clone).unwrap_or_default();
    let appended = tx.execute(
        &APPEND,
        &params![
            instance.as_str(),
            event.id.as_str(),
            event.kind,
            event.subject_id.as_str(),
            event.data.as_str(),
            event.created_at,
            origin.client_ip.as_deref(),
            origin.user_agent.as_deref(),
            event.stream.as_str(),
            event.created_at.saturating_mul(1000),
        ],
    )?;
    if appended == 0 { Err(tx.conflict()) } else { Ok(()) }
}

/// All events of an instance, oldest first, those of a stream in its order.
pub fn all_of(conn: &mut Conn<'_>, instance: &Id) -> Result<Vec<Pending>> {
    let rows = conn.query(&ALL_OF, &params![instance.as_str()])?;
    rows.iter()
        .map(|row| {
            Ok(Pending {
                kind: row.text(0)?.to_owned(),
                subject_id: row.text(1)?.to_owned(),
                data: row.text(2)?.to_owned(),
            })
        })
        .collect()
}

/// When the oldest event happened, if there is any.
pub fn oldest(conn: &mut Conn<'_>) -> Result<Option<i64>> {
    conn.query_one(&OLDEST, &[])?.map_or(Ok(None), |row| row.opt_int(0))
}

/// Deletes up to `limit` events that happened before `before`
/// and that no endpoint is told of; says how many.
pub fn prune(tx: &mut Conn<'_>, before: i64, limit: i64) -> Result<u64> {
    tx.execute(&PRUNE, &params![before, limit])
}
