//! Facts about the store itself, by name.

use crate::{Conn, Result, params, statements};

statements! {
    GET = "SELECT value FROM meta WHERE key = $1";

    /// Holds the row, so that of two servers only one goes on.
    LOCK = "SELECT value FROM meta WHERE key = $1 {for_update}";

    INSERT = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";

    BETWEEN = "SELECT key FROM meta WHERE key >= $1 AND key < $2 ORDER BY key";

    DELETE = "DELETE FROM meta WHERE key = $1";

    SET = "UPDATE meta SET value = $2 WHERE key = $1";
}

/// The table, made before the first migration.
pub(crate) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS meta (key {text} NOT NULL PRIMARY KEY, value TEXT NOT NULL)";

/// The value of `key`.
pub(crate) fn get(conn: &mut Conn<'_>, key: &str) -> Result<Option<String>> {
    let row = conn.query_one(&GET, &params![key])?;
    row.map(|row| row.text(0).map(ToOwned::to_owned)).transpose()
}

/// The value of `key`, held against other writers until the transaction ends.
pub(crate) fn lock(conn: &mut Conn<'_>, key: &str) -> Result<Option<String>> {
    let row = conn.query_one(&LOCK, &params![key])?;
    row.map(|row| row.text(0).map(ToOwned::to_owned)).transpose()
}

/// The keys from `first` to before `end`.
pub(crate) fn between(conn: &mut Conn<'_>, first: &str, end: &str) -> Result<Vec<String>> {
    let rows = conn.query(&BETWEEN, &params![first, end])?;
    rows.iter().map(|row| row.text(0).map(ToOwned::to_owned)).collect()
}

/// Gives `key` its first value; a value that is there already stays.
pub(crate) fn insert(conn: &mut Conn<'_>, key: &str, value: &str) -> Result<()> {
    conn.execute(&INSERT, &params![key, value])?;
    Ok(())
}

/// Forgets `key`.
pub(crate) fn delete(conn: &mut Conn<'_>, key: &str) -> Result<()> {
    conn.execute(&DELETE, &params![key])?;
    Ok(())
}

/// Changes the value of `key`, which must be there.
pub(crate) fn set(conn: &mut Conn<'_>, key: &str, value: &str) -> Result<()> {
    conn.execute(&SET, &params![key, value])?;
    Ok(())
}
