//! Connections under way: what must fit what the browser brings back, each once and in time.

use rollbook_wire::Id;
use zeroize::Zeroizing;

use crate::{Conn, Error, Result, Vault, params, statements};

statements! {
    INSERT = "INSERT INTO oauth_connections
            (instance_id, connection_id, user_id, provider, sealed, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)";

    TAKE = "DELETE FROM oauth_connections WHERE instance_id = $1 AND connection_id = $2
        RETURNING user_id, provider, sealed, expires_at";

    DELETE_OF_USER = "DELETE FROM oauth_connections WHERE instance_id = $1 AND user_id = $2";

    DELETE_EXPIRED = "DELETE FROM oauth_connections WHERE instance_id = $1 AND expires_at <= $2";
}

/// A connection that has begun.
#[derive(Clone)]
pub struct StoredConnection {
    /// A digest of what the browser brings back.
    pub id: String,
    /// Who connects.
    pub user_id: Id,
    /// Where, such as `oauth_google`.
    pub provider: String,
    /// JSON: what the provider's answer is held against.
    pub secrets: Zeroizing<String>,
    /// Milliseconds; from then on no answer counts.
    pub expires_at: i64,
}

/// Keeps a connection, and forgets those of the instance that nobody came back from.
pub fn insert(
    tx: &mut Conn<'_>,
    vault: &Vault,
    instance: &Id,
    connection: &StoredConnection,
    now: i64,
) -> Result<()> {
    tx.execute(&DELETE_EXPIRED, &params![instance.as_str(), now])?;
    let StoredConnection { id, user_id, provider, secrets, expires_at } = connection;
    let sealed = vault.seal(&context(id), secrets.as_bytes())?;
    let (user, expires_at) = (user_id.as_str(), *expires_at);
    tx.execute(&INSERT, &params![instance.as_str(), id, user, provider, sealed, expires_at])?;
    Ok(())
}

/// Takes a connection out; nobody else gets it.
pub fn take(
    tx: &mut Conn<'_>,
    vault: &Vault,
    instance: &Id,
    id: &str,
) -> Result<Option<StoredConnection>> {
    let Some(row) = tx.query_one(&TAKE, &params![instance.as_str(), id])? else { return Ok(None) };
    let plain = Zeroizing::new(vault.open(&context(id), row.bytes(2)?)?);
    let secrets = std::str::from_utf8(&plain);
    let secrets = secrets.map_err(|source| Error::internal("read a connection", source))?;
    Ok(Some(StoredConnection {
        id: id.to_owned(),
        user_id: row.text(0)?.parse().map_err(|e| Error::internal("read an id", e))?,
        provider: row.text(1)?.to_owned(),
        secrets: Zeroizing::new(secrets.to_owned()),
        expires_at: row.int(3)?,
    }))
}

/// Forgets the connections of a user.
pub fn delete_of_user(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    tx.execute(&DELETE_OF_USER, &params![instance.as_str(), user.as_str()])?;
    Ok(())
}

/// Binds what is sealed to its connection.
pub(crate) fn context(id: &str) -> Vec<u8> {
    format!("{id}/oauth_connection").into_bytes()
}
