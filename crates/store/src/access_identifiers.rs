//! The allow-list and the block-list of an instance.

use rollbook_wire::Id;
use serde::{Deserialize, Serialize};

use crate::{Conn, Error, Param, Result, Row, params, statements};

statements! {
    /// No row comes back when the list has the entry already.
    INSERT = "INSERT INTO access_identifiers
            (instance_id, list, identifier_id, entry, record, created_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";

    PAGE = "SELECT identifier_id, record, created_at FROM access_identifiers
        WHERE instance_id = $1 AND list = $2
        ORDER BY created_at DESC, identifier_id DESC LIMIT $3 OFFSET $4";

    COUNT = "SELECT COUNT(*) FROM access_identifiers WHERE instance_id = $1 AND list = $2";

    DELETE = "DELETE FROM access_identifiers
        WHERE instance_id = $1 AND list = $2 AND identifier_id = $3";

    ANY = "SELECT 1 FROM access_identifiers
        WHERE instance_id = $1 AND list = $2 AND entry {in $3} LIMIT 1";
}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Who may come in.
    Allow,
    /// Who may not.
    Block,
}

impl List {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Block => "block",
        }
    }
}

/// An entry of a list.
#[derive(Debug, Clone)]
pub struct AccessIdentifier {
    /// `alid_…` or `blid_…`
    pub id: Id,
    /// What is known of it.
    pub record: AccessRecord,
    /// Milliseconds.
    pub created_at: i64,
}

/// What a list shows of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRecord {
    /// The identifier or wildcard.
    pub identifier: String,
    /// `email_address`, `phone_number` or `web3_wallet`.
    pub identifier_type: String,
}

/// Writes a new entry; false if the list has it already.
pub fn insert(
    tx: &mut Conn<'_>,
    instance: &Id,
    list: List,
    new: &AccessIdentifier,
    key: &str,
) -> Result<bool> {
    let record = serde_json::to_string(&new.record)
        .map_err(|source| Error::internal("write an entry of a list", source))?;
    let values =
        params![instance.as_str(), list.as_str(), new.id.as_str(), key, record, new.created_at];
    Ok(tx.execute(&INSERT, &values)? == 1)
}

/// `limit` entries after the newest `offset`.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    list: List,
    limit: i64,
    offset: i64,
) -> Result<Vec<AccessIdentifier>> {
    let values = params![instance.as_str(), list.as_str(), limit, offset];
    conn.query(&PAGE, &values)?.iter().map(read).collect()
}

/// How many entries a list has.
pub fn count(conn: &mut Conn<'_>, instance: &Id, list: List) -> Result<i64> {
    let row = conn.query_one(&COUNT, &params![instance.as_str(), list.as_str()])?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// Deletes an entry; false if there is none with this id.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, list: List, id: &Id) -> Result<bool> {
    let values = params![instance.as_str(), list.as_str(), id.as_str()];
    Ok(tx.execute(&DELETE, &values)? == 1)
}

/// Whether the list has one of these entries.
pub fn any(conn: &mut Conn<'_>, instance: &Id, list: List, keys: &[String]) -> Result<bool> {
    let keys = Param::List(keys.to_vec());
    Ok(conn.query_one(&ANY, &params![instance.as_str(), list.as_str(), keys])?.is_some())
}

fn read(row: &Row) -> Result<AccessIdentifier> {
    let id = row.text(0)?.parse().map_err(|source| Error::internal("read an id", source))?;
    let record = serde_json::from_str(row.text(1)?)
        .map_err(|source| Error::internal("read an entry of a list", source))?;
    Ok(AccessIdentifier { id, record, created_at: row.int(2)? })
}
