//! Ledgers of credits; the last line of a payer's holds its balance.

use rollbook_domain::billing::CreditEntry;
use rollbook_wire::Id;

use super::{read, write};
use crate::{Conn, Result, params, statements};

statements! {
    APPEND_CREDIT = "INSERT INTO credits (instance_id, owner_id, ordinal, idempotency_key, record)
        VALUES ($1, $2, $3, $4, $5)";

    LAST_CREDIT = "SELECT record FROM credits WHERE instance_id = $1 AND owner_id = $2
        ORDER BY ordinal DESC LIMIT 1";

    CREDIT_BY_KEY = "SELECT record FROM credits
        WHERE instance_id = $1 AND owner_id = $2 AND idempotency_key = $3";

    DELETE_CREDITS = "DELETE FROM credits WHERE instance_id = $1 AND owner_id = $2";
}

/// Appends a line; the payer's user or organization must be held.
pub fn append(
    tx: &mut Conn<'_>,
    instance: &Id,
    owner: &Id,
    key: Option<&str>,
    entry: &CreditEntry,
) -> Result<()> {
    let record = write(entry)?;
    let values = params![instance.as_str(), owner.as_str(), entry.ordinal, key, record];
    tx.execute(&APPEND_CREDIT, &values)?;
    Ok(())
}

/// The last line of a payer's ledger.
pub fn last(conn: &mut Conn<'_>, instance: &Id, owner: &Id) -> Result<Option<CreditEntry>> {
    let row = conn.query_one(&LAST_CREDIT, &params![instance.as_str(), owner.as_str()])?;
    row.map(|row| read(&row, 0)).transpose()
}

/// The line that a key has made.
pub fn by_key(
    conn: &mut Conn<'_>,
    instance: &Id,
    owner: &Id,
    key: &str,
) -> Result<Option<CreditEntry>> {
    let row = conn.query_one(&CREDIT_BY_KEY, &params![instance.as_str(), owner.as_str(), key])?;
    row.map(|row| read(&row, 0)).transpose()
}

/// Deletes the ledger of a payer.
pub fn delete_of_owner(tx: &mut Conn<'_>, instance: &Id, owner: &Id) -> Result<()> {
    tx.execute(&DELETE_CREDITS, &params![instance.as_str(), owner.as_str()])?;
    Ok(())
}
