//! Mail: what is still to be sent, and what was.
//!
//! A row is queued in the transaction that caused the mail. Whoever wants to
//! send it claims it for a while; a claim that ran out is anyone's again, so
//! that no crash loses mail, and at worst one is sent twice.

use rollbook_wire::Id;

use crate::{Conn, Error, Result, Row, params, statements};

statements! {
    INSERT = "INSERT INTO emails (instance_id, email_id, record, status, attempts, lease_until,
            created_at, updated_at)
        VALUES ($1, $2, $3, 'queued', 0, $4, $4, $4)";

    NEXT_DUE = "SELECT MIN(lease_until) FROM emails WHERE status = 'queued'";

    /// The outer condition is checked again on a row that another server claims
    /// at the same moment, so that one of the two goes without.
    CLAIM = "UPDATE emails SET lease_until = $2, attempts = attempts + 1, updated_at = $1
        WHERE status = 'queued' AND lease_until <= $1 AND (instance_id, email_id) IN
            (SELECT instance_id, email_id FROM emails
             WHERE status = 'queued' AND lease_until <= $1 ORDER BY lease_until LIMIT $3)
        RETURNING instance_id, email_id, record, attempts, created_at";

    /// Nothing changes when the claim ran out and someone else has claimed the row.
    SETTLE = "UPDATE emails SET status = $4, lease_until = $5, last_error = $6, updated_at = $7
        WHERE instance_id = $1 AND email_id = $2 AND attempts = $3 AND status = 'queued'";

    TRIM = "DELETE FROM emails WHERE instance_id = $1 AND status <> 'queued' AND email_id IN
        (SELECT email_id FROM emails WHERE instance_id = $1
         ORDER BY created_at DESC, email_id DESC LIMIT 1000 OFFSET $2)";

    PRUNE_EMAILS = "DELETE FROM emails WHERE status <> 'queued' AND (instance_id, email_id) IN
        (SELECT instance_id, email_id FROM emails WHERE updated_at < $1 AND status <> 'queued'
         ORDER BY updated_at LIMIT $2)";

    EMAIL_PAGE = "SELECT record, status, attempts, last_error, created_at, updated_at FROM emails
        WHERE instance_id = $1 ORDER BY created_at DESC, email_id DESC LIMIT $2 OFFSET $3";

    COUNT_EMAILS = "SELECT COUNT(*) FROM emails WHERE instance_id = $1";

    CLEAR = "DELETE FROM emails WHERE instance_id = $1";
}

/// Mail that was claimed: the caller's to send until the claim runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// `ins_…`
    pub instance_id: Id,
    /// `ema_…`
    pub id: Id,
    /// JSON, as it was queued.
    pub record: String,
    /// Claims so far, this one included.
    pub attempts: i64,
    /// Milliseconds.
    pub created_at: i64,
}

/// What became of an attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was sent.
    Sent,
    /// It was not; to be tried again from `at` on.
    Retry {
        /// Milliseconds.
        at: i64,
        /// Why, for the operator.
        error: String,
    },
    /// It was not and will not be.
    Failed {
        /// Why, for the operator.
        error: String,
    },
}

/// Mail as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// JSON, as it was queued.
    pub record: String,
    /// `queued`, `sent` or `failed`.
    pub status: String,
    /// How often someone set out to send it.
    pub attempts: i64,
    /// What came of the last attempt, if it failed.
    pub last_error: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds: its last claim, or what came of it.
    pub updated_at: i64,
}

/// Queues mail; it is due at once.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, id: &Id, record: &str, now: i64) -> Result<()> {
    tx.execute(&INSERT, &params![instance.as_str(), id.as_str(), record, now])?;
    Ok(())
}

/// When the next queued mail may be claimed, if there is any.
pub fn next_due(conn: &mut Conn<'_>) -> Result<Option<i64>> {
    conn.query_one(&NEXT_DUE, &[])?.map_or(Ok(None), |row| row.opt_int(0))
}

/// Claims up to `limit` mails that are due at `now`, of any instance, until `until`.
pub fn claim(tx: &mut Conn<'_>, now: i64, until: i64, limit: i64) -> Result<Vec<Claimed>> {
    tx.query(&CLAIM, &params![now, until, limit])?.iter().map(claimed).collect()
}

/// Notes what became of a claim; false if it was no longer the caller's.
pub fn settle(tx: &mut Conn<'_>, claimed: &Claimed, outcome: &Outcome, now: i64) -> Result<bool> {
    let (status, lease_until, error) = match outcome {
        Outcome::Sent => ("sent", now, None),
        Outcome::Retry { at, error } => ("queued", *at, Some(error.as_str())),
        Outcome::Failed { error } => ("failed", now, Some(error.as_str())),
    };
    let settled = tx.execute(
        &SETTLE,
        &params![
            claimed.instance_id.as_str(),
            claimed.id.as_str(),
            claimed.attempts,
            status,
            lease_until,
            error,
            now,
        ],
    )?;
    Ok(settled == 1)
}

/// Deletes what is older than the newest `keep` mails of an instance, but
/// nothing that is still to be sent.
pub fn trim(tx: &mut Conn<'_>, instance: &Id, keep: i64) -> Result<()> {
    tx.execute(&TRIM, &params![instance.as_str(), keep])?;
    Ok(())
}

/// Deletes up to `limit` mails on which nothing was done since `before`, but
/// none that is still to be sent; says how many.
pub fn prune(tx: &mut Conn<'_>, before: i64, limit: i64) -> Result<u64> {
    tx.execute(&PRUNE_EMAILS, &params![before, limit])
}

/// A page of an instance's mail, newest first.
pub fn page(conn: &mut Conn<'_>, instance: &Id, limit: i64, offset: i64) -> Result<Vec<Email>> {
    let rows = conn.query(&EMAIL_PAGE, &params![instance.as_str(), limit, offset])?;
    rows.iter().map(email).collect()
}

/// How many mails an instance has, of any status.
pub fn count(conn: &mut Conn<'_>, instance: &Id) -> Result<i64> {
    conn.query_one(&COUNT_EMAILS, &params![instance.as_str()])?.map_or(Ok(0), |row| row.int(0))
}

/// Deletes all mail of an instance, also what is still to be sent.
pub fn clear(tx: &mut Conn<'_>, instance: &Id) -> Result<()> {
    tx.execute(&CLEAR, &params![instance.as_str()])?;
    Ok(())
}

fn claimed(row: &Row) -> Result<Claimed> {
    Ok(Claimed {
        instance_id: id(row.text(0)?)?,
        id: id(row.text(1)?)?,
        record: row.text(2)?.to_owned(),
        attempts: row.int(3)?,
        created_at: row.int(4)?,
    })
}

fn email(row: &Row) -> Result<Email> {
    Ok(Email {
        record: row.text(0)?.to_owned(),
        status: row.text(1)?.to_owned(),
        attempts: row.int(2)?,
        last_error: row.opt_text(3)?.map(ToOwned::to_owned),
        created_at: row.int(4)?,
        updated_at: row.int(5)?,
    })
}

fn id(text: &str) -> Result<Id> {
    text.parse().map_err(|source| Error::internal("read an id", source))
}
