//! Payments that a gateway has still to do something about.
//!
//! A row is queued in the transaction that makes the payment due. Whoever wants to see to it
//! claims it for a while; a claim that ran out is anyone's again.

use rollbook_wire::Id;

use crate::{Conn, Error, Result, Row, params, statements};

statements! {
    QUEUE_JOB = "INSERT INTO payment_jobs (instance_id, payment_attempt_id, owner_id, lease_until,
            attempts)
        VALUES ($1, $2, $3, $4, 0) ON CONFLICT DO NOTHING";

    NEXT_JOB = "SELECT MIN(lease_until) FROM payment_jobs";

    /// The outer condition is checked again on a row that another server claims
    /// at the same moment, so that one of the two goes without.
    CLAIM_JOBS = "UPDATE payment_jobs SET lease_until = $2, attempts = attempts + 1
        WHERE lease_until <= $1 AND (instance_id, payment_attempt_id) IN
            (SELECT instance_id, payment_attempt_id FROM payment_jobs
             WHERE lease_until <= $1 AND ($4 = '' OR instance_id = $4)
             ORDER BY lease_until LIMIT $3)
        RETURNING instance_id, payment_attempt_id, attempts";

    /// Nothing changes when the claim ran out and someone else has claimed the row.
    RETRY_JOB = "UPDATE payment_jobs SET lease_until = $4, last_error = $5
        WHERE instance_id = $1 AND payment_attempt_id = $2 AND attempts = $3";

    CLOSE_JOB = "DELETE FROM payment_jobs
        WHERE instance_id = $1 AND payment_attempt_id = $2 AND attempts = $3";

    WAKE_JOBS = "UPDATE payment_jobs SET lease_until = $3
        WHERE instance_id = $1 AND owner_id = $2 AND lease_until > $3";

    DELETE_JOBS = "DELETE FROM payment_jobs WHERE instance_id = $1 AND owner_id = $2";

    COUNT_JOBS = "SELECT COUNT(*), MAX(last_error) FROM payment_jobs WHERE instance_id = $1";
}

/// A payment that was claimed: the caller's to see to until the claim runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// `ins_…`
    pub instance_id: Id,
    /// `cpa_…`
    pub payment_attempt_id: Id,
    /// Claims so far, this one included.
    pub attempts: i64,
}

/// Queues a payment; it is due at once.
pub fn queue(tx: &mut Conn<'_>, instance: &Id, attempt: &Id, owner: &Id, now: i64) -> Result<()> {
    let values = params![instance.as_str(), attempt.as_str(), owner.as_str(), now];
    tx.execute(&QUEUE_JOB, &values)?;
    Ok(())
}

/// When the next one may be claimed, if there is any.
pub fn next_due(conn: &mut Conn<'_>) -> Result<Option<i64>> {
    conn.query_one(&NEXT_JOB, &[])?.map_or(Ok(None), |row| row.opt_int(0))
}

/// Claims up to `limit` that are due at `now`, of one instance or of any, until `until`.
pub fn claim(
    tx: &mut Conn<'_>,
    only: Option<&Id>,
    now: i64,
    until: i64,
    limit: i64,
) -> Result<Vec<Claimed>> {
    let only = only.map_or("", Id::as_str);
    tx.query(&CLAIM_JOBS, &params![now, until, limit, only])?.iter().map(claimed).collect()
}

/// Leaves it alone until `at`, and says why; false if it was no longer the caller's.
pub fn retry(tx: &mut Conn<'_>, claimed: &Claimed, at: i64, error: &str) -> Result<bool> {
    let Claimed { instance_id, payment_attempt_id, attempts } = claimed;
    let values = params![instance_id.as_str(), payment_attempt_id.as_str(), *attempts, at, error];
    Ok(tx.execute(&RETRY_JOB, &values)? == 1)
}

/// Nothing is to be done about it any more; false if it was no longer the caller's.
pub fn close(tx: &mut Conn<'_>, claimed: &Claimed) -> Result<bool> {
    let Claimed { instance_id, payment_attempt_id, attempts } = claimed;
    let values = params![instance_id.as_str(), payment_attempt_id.as_str(), *attempts];
    Ok(tx.execute(&CLOSE_JOB, &values)? == 1)
}

/// Makes whatever waits for a payer due now.
pub fn wake(tx: &mut Conn<'_>, instance: &Id, owner: &Id, now: i64) -> Result<()> {
    tx.execute(&WAKE_JOBS, &params![instance.as_str(), owner.as_str(), now])?;
    Ok(())
}

/// Deletes what waits for a payer.
pub fn delete_of_owner(tx: &mut Conn<'_>, instance: &Id, owner: &Id) -> Result<()> {
    tx.execute(&DELETE_JOBS, &params![instance.as_str(), owner.as_str()])?;
    Ok(())
}

/// How many wait in an instance, and what kept one of them.
pub fn waiting(conn: &mut Conn<'_>, instance: &Id) -> Result<(i64, Option<String>)> {
    let row = conn.query_one(&COUNT_JOBS, &params![instance.as_str()])?;
    let Some(row) = row else { return Ok((0, None)) };
    Ok((row.int(0)?, row.opt_text(1)?.map(ToOwned::to_owned)))
}

fn claimed(row: &Row) -> Result<Claimed> {
    let id = |n| -> Result<Id> {
        row.text(n)?.parse().map_err(|source| Error::internal("read an id", source))
    };
    Ok(Claimed { instance_id: id(0)?, payment_attempt_id: id(1)?, attempts: row.int(2)? })
}
