//! Attempts at payments.

use rollbook_domain::billing::{PaymentAttempt, PaymentStatus};
use rollbook_wire::Id;

use super::{read, read_all, write};
use crate::{Conn, Result, params, statements};

statements! {
    INSERT_ATTEMPT = "INSERT INTO payment_attempts (instance_id, payment_attempt_id, statement_id,
            subscription_item_id, owner_id, status, record, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

    SAVE_ATTEMPT = "UPDATE payment_attempts SET status = $3, record = $4
        WHERE instance_id = $1 AND payment_attempt_id = $2";

    ATTEMPT_BY_ID = "SELECT record FROM payment_attempts
        WHERE instance_id = $1 AND payment_attempt_id = $2";

    OF_STATEMENT = "SELECT record FROM payment_attempts
        WHERE instance_id = $1 AND statement_id = $2
        ORDER BY created_at DESC, payment_attempt_id DESC LIMIT $3 OFFSET $4";

    COUNT_OF_STATEMENT = "SELECT COUNT(*) FROM payment_attempts
        WHERE instance_id = $1 AND statement_id = $2";

    PENDING_OF_ITEM = "SELECT record FROM payment_attempts
        WHERE instance_id = $1 AND subscription_item_id = $2 AND status = 'pending'";

    LATEST_OF_ITEM = "SELECT record FROM payment_attempts
        WHERE instance_id = $1 AND subscription_item_id = $2
        ORDER BY created_at DESC, payment_attempt_id DESC LIMIT 1";

    PAGE_OF_ATTEMPTS = "SELECT record FROM payment_attempts
        WHERE instance_id = $1 AND ($4 = '' OR status = $4)
        ORDER BY created_at DESC, payment_attempt_id DESC LIMIT $2 OFFSET $3";

    COUNT_ATTEMPTS = "SELECT COUNT(*) FROM payment_attempts
        WHERE instance_id = $1 AND ($2 = '' OR status = $2)";

    DELETE_ATTEMPTS = "DELETE FROM payment_attempts WHERE instance_id = $1 AND owner_id = $2";
}

/// Writes a new attempt.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, attempt: &PaymentAttempt) -> Result<()> {
    let record = write(attempt)?;
    let values = params![
        instance.as_str(),
        attempt.id.as_str(),
        attempt.statement_id.as_str(),
        attempt.subscription_item_id.as_str(),
        attempt.owner.id.as_str(),
        attempt.status.as_str(),
        record,
        attempt.created_at,
    ];
    tx.execute(&INSERT_ATTEMPT, &values)?;
    Ok(())
}

/// Writes what became of an attempt.
pub fn save(tx: &mut Conn<'_>, instance: &Id, attempt: &PaymentAttempt) -> Result<()> {
    let record = write(attempt)?;
    let values = params![instance.as_str(), attempt.id.as_str(), attempt.status.as_str(), record];
    tx.execute(&SAVE_ATTEMPT, &values)?;
    Ok(())
}

/// The attempt with this id.
pub fn by_id(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<PaymentAttempt>> {
    let row = conn.query_one(&ATTEMPT_BY_ID, &params![instance.as_str(), id.as_str()])?;
    row.map(|row| read(&row, 0)).transpose()
}

/// A page of the attempts of a statement, newest first, and how many there are.
pub fn of_statement(
    conn: &mut Conn<'_>,
    instance: &Id,
    statement: &Id,
    limit: i64,
    offset: i64,
) -> Result<(Vec<PaymentAttempt>, i64)> {
    let (instance, statement) = (instance.as_str(), statement.as_str());
    let rows = conn.query(&OF_STATEMENT, &params![instance, statement, limit, offset])?;
    let count = conn.query_one(&COUNT_OF_STATEMENT, &params![instance, statement])?;
    Ok((read_all(&rows)?, count.map_or(Ok(0), |row| row.int(0))?))
}

/// The open attempts of an item.
pub fn pending_of_item(
    conn: &mut Conn<'_>,
    instance: &Id,
    item: &Id,
) -> Result<Vec<PaymentAttempt>> {
    read_all(&conn.query(&PENDING_OF_ITEM, &params![instance.as_str(), item.as_str()])?)
}

/// The newest attempt of an item.
pub fn latest_of_item(
    conn: &mut Conn<'_>,
    instance: &Id,
    item: &Id,
) -> Result<Option<PaymentAttempt>> {
    let row = conn.query_one(&LATEST_OF_ITEM, &params![instance.as_str(), item.as_str()])?;
    row.map(|row| read(&row, 0)).transpose()
}

/// A page of an instance's attempts in one state or any, newest first, and how many there are.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    status: Option<PaymentStatus>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<PaymentAttempt>, i64)> {
    let (instance, status) = (instance.as_str(), status.map_or("", PaymentStatus::as_str));
    let rows = conn.query(&PAGE_OF_ATTEMPTS, &params![instance, limit, offset, status])?;
    let count = conn.query_one(&COUNT_ATTEMPTS, &params![instance, status])?;
    Ok((read_all(&rows)?, count.map_or(Ok(0), |row| row.int(0))?))
}

/// Deletes every attempt of a payer.
pub fn delete_of_owner(tx: &mut Conn<'_>, instance: &Id, owner: &Id) -> Result<()> {
    tx.execute(&DELETE_ATTEMPTS, &params![instance.as_str(), owner.as_str()])?;
    Ok(())
}
