//! Events, written in the transaction that caused them, so that a crash can
//! neither lose nor invent one.

use rollbook_wire::Id;

use crate::{Conn, Result, params, statements};

statements! {
    APPEND = "INSERT INTO outbox (instance_id, event_id, type, subject_id, data, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";

    ALL_OF = "SELECT type, subject_id, data FROM outbox WHERE instance_id = $1
        ORDER BY created_at, event_id";

    OLDEST = "SELECT MIN(created_at) FROM outbox";

    /// In slices, so that other writers need not wait long.
    PRUNE = "DELETE FROM outbox WHERE (instance_id, event_id) IN
        (SELECT instance_id, event_id FROM outbox WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `evt_…`
    pub id: Id,
    /// Such as `user.created`.
    pub kind: &'static str,
    /// The resource it happened to.
    pub subject_id: String,
    /// JSON: the record as it was then, for `user.deleted` what is left to tell.
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

/// Appends an event to the outbox of its instance.
pub fn append(tx: &mut Conn<'_>, instance: &Id, event: &Event) -> Result<()> {
    tx.execute(
        &APPEND,
        &params![
            instance.as_str(),
            event.id.as_str(),
            event.kind,
            event.subject_id.as_str(),
            event.data.as_str(),
            event.created_at,
        ],
    )?;
    Ok(())
}

/// All events of an instance, oldest first.
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

/// Deletes up to `limit` events that happened before `before`; says how many.
pub fn prune(tx: &mut Conn<'_>, before: i64, limit: i64) -> Result<u64> {
    tx.execute(&PRUNE, &params![before, limit])
}
