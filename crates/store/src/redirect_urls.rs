//! Addresses that a sign-in may lead back to.

use rollbook_wire::Id;

use crate::{Conn, Result, Row, params, read_id, statements};

statements! {
    INSERT_URL = "INSERT INTO redirect_urls (instance_id, redirect_url_id, url, created_at)
        VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

    URL = "SELECT redirect_url_id, url, created_at FROM redirect_urls
        WHERE instance_id = $1 AND redirect_url_id = $2";

    URL_PAGE = "SELECT redirect_url_id, url, created_at FROM redirect_urls WHERE instance_id = $1
        ORDER BY created_at DESC, redirect_url_id DESC LIMIT $2 OFFSET $3";

    COUNT_URLS = "SELECT COUNT(*) FROM redirect_urls WHERE instance_id = $1";

    DELETE_URL = "DELETE FROM redirect_urls WHERE instance_id = $1 AND redirect_url_id = $2";
}

/// An address that a sign-in may lead back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUrl {
    /// `ru_…`
    pub id: Id,
    /// Unique in the instance.
    pub url: String,
    /// Milliseconds.
    pub created_at: i64,
}

/// Writes a new address; false if the instance has it already.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, new: &RedirectUrl) -> Result<bool> {
    let values = params![instance.as_str(), new.id.as_str(), new.url.as_str(), new.created_at];
    Ok(tx.execute(&INSERT_URL, &values)? == 1)
}

/// The address with this id.
pub fn by_id(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<RedirectUrl>> {
    let row = conn.query_one(&URL, &params![instance.as_str(), id.as_str()])?;
    row.as_ref().map(read).transpose()
}

/// `limit` addresses after the newest `offset`.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    limit: i64,
    offset: i64,
) -> Result<Vec<RedirectUrl>> {
    let values = params![instance.as_str(), limit, offset];
    conn.query(&URL_PAGE, &values)?.iter().map(read).collect()
}

/// How many addresses the instance has.
pub fn count(conn: &mut Conn<'_>, instance: &Id) -> Result<i64> {
    conn.query_one(&COUNT_URLS, &params![instance.as_str()])?.map_or(Ok(0), |row| row.int(0))
}

/// Deletes an address; false if there was none.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<bool> {
    Ok(tx.execute(&DELETE_URL, &params![instance.as_str(), id.as_str()])? == 1)
}

fn read(row: &Row) -> Result<RedirectUrl> {
    Ok(RedirectUrl { id: read_id(row, 0)?, url: row.text(1)?.to_owned(), created_at: row.int(2)? })
}
