//! What operators have set up for OAuth providers; client secrets sealed.

use rollbook_wire::Id;
use zeroize::Zeroizing;

use crate::{Conn, Error, Result, Row, Vault, params, statements};

statements! {
    PUT = "INSERT INTO oauth_providers (instance_id, provider, record, client_secret)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (instance_id, provider) DO UPDATE SET record = excluded.record,
            client_secret = excluded.client_secret";

    BY_NAME = "SELECT provider, record, client_secret FROM oauth_providers
        WHERE instance_id = $1 AND provider = $2";

    LOCK = "SELECT provider, record, client_secret FROM oauth_providers
        WHERE instance_id = $1 AND provider = $2 {for_update}";

    OF_INSTANCE = "SELECT provider, record, client_secret FROM oauth_providers
        WHERE instance_id = $1 ORDER BY provider";

    DELETE = "DELETE FROM oauth_providers WHERE instance_id = $1 AND provider = $2";
}

/// A provider as it is kept.
#[derive(Clone)]
pub struct StoredProvider {
    /// JSON, without secrets.
    pub record: String,
    /// Opened.
    pub client_secret: Option<Zeroizing<String>>,
}

/// Writes a provider anew.
pub fn put(
    tx: &mut Conn<'_>,
    vault: &Vault,
    instance: &Id,
    provider: &str,
    stored: &StoredProvider,
) -> Result<()> {
    let secret = stored.client_secret.as_ref();
    let sealed =
        secret.map(|secret| vault.seal(&context(provider), secret.as_bytes())).transpose()?;
    tx.execute(&PUT, &params![instance.as_str(), provider, &stored.record, sealed])?;
    Ok(())
}

/// The provider of this name.
pub fn by_name(
    conn: &mut Conn<'_>,
    vault: &Vault,
    instance: &Id,
    provider: &str,
) -> Result<Option<StoredProvider>> {
    let row = conn.query_one(&BY_NAME, &params![instance.as_str(), provider])?;
    row.as_ref().map(|row| read(vault, row)).transpose()
}

/// The same, held against other writers until the transaction ends.
pub fn lock(
    tx: &mut Conn<'_>,
    vault: &Vault,
    instance: &Id,
    provider: &str,
) -> Result<Option<StoredProvider>> {
    let row = tx.query_one(&LOCK, &params![instance.as_str(), provider])?;
    row.as_ref().map(|row| read(vault, row)).transpose()
}

/// All providers of an instance, by name.
pub fn of_instance(
    conn: &mut Conn<'_>,
    vault: &Vault,
    instance: &Id,
) -> Result<Vec<StoredProvider>> {
    let rows = conn.query(&OF_INSTANCE, &params![instance.as_str()])?;
    rows.iter().map(|row| read(vault, row)).collect()
}

/// Deletes a provider; false if there is none.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, provider: &str) -> Result<bool> {
    Ok(tx.execute(&DELETE, &params![instance.as_str(), provider])? == 1)
}

fn read(vault: &Vault, row: &Row) -> Result<StoredProvider> {
    let sealed = row.opt_bytes(2)?;
    let client_secret = sealed.map(|sealed| open(vault, row.text(0)?, sealed)).transpose()?;
    Ok(StoredProvider { record: row.text(1)?.to_owned(), client_secret })
}

fn open(vault: &Vault, provider: &str, sealed: &[u8]) -> Result<Zeroizing<String>> {
    let plain = Zeroizing::new(vault.open(&context(provider), sealed)?);
    let text = std::str::from_utf8(&plain);
    let text = text.map_err(|source| Error::internal("read a client's secret", source))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Binds a sealed secret to its provider. Not to the instance: a fork copies rows as they are.
pub(crate) fn context(provider: &str) -> Vec<u8> {
    format!("{provider}/client_secret").into_bytes()
}
