//! Tokens of connected accounts, sealed, and who refreshes them.

use rollbook_wire::Id;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Conn, Db, Error, Result, Row, Vault, params, statements};

statements! {
    PUT = "INSERT INTO oauth_access_tokens
            (instance_id, external_account_id, user_id, sealed) VALUES ($1, $2, $3, $4)
        ON CONFLICT (instance_id, external_account_id) DO UPDATE SET user_id = excluded.user_id,
            sealed = excluded.sealed, attempt = oauth_access_tokens.attempt + 1,
            lease_until = 0, failure = NULL";

    BY_ACCOUNT = "SELECT external_account_id, sealed, attempt, lease_until, failure
        FROM oauth_access_tokens WHERE instance_id = $1 AND external_account_id = $2";

    LOCK = "SELECT external_account_id, sealed, attempt, lease_until, failure
        FROM oauth_access_tokens WHERE instance_id = $1 AND external_account_id = $2
        {for_update}";

    OF_USER = "SELECT external_account_id, sealed, attempt, lease_until, failure
        FROM oauth_access_tokens WHERE instance_id = $1 AND user_id = $2
        ORDER BY external_account_id";

    /// No row is changed when another has begun an attempt since.
    LEASE = "UPDATE oauth_access_tokens SET attempt = attempt + 1, lease_until = $5, failure = NULL
        WHERE instance_id = $1 AND external_account_id = $2 AND attempt = $3
            AND lease_until <= $4";

    /// No row is changed when the tokens are another attempt's by now.
    REFRESHED = "UPDATE oauth_access_tokens SET sealed = $4, lease_until = 0, failure = NULL
        WHERE instance_id = $1 AND external_account_id = $2 AND attempt = $3";

    FAILED = "UPDATE oauth_access_tokens SET lease_until = 0, failure = $4
        WHERE instance_id = $1 AND external_account_id = $2 AND attempt = $3";

    DELETE = "DELETE FROM oauth_access_tokens
        WHERE instance_id = $1 AND external_account_id = $2";

    DELETE_OF_USER = "DELETE FROM oauth_access_tokens WHERE instance_id = $1 AND user_id = $2";

    /// For `doctor`: tokens of nobody.
    ORPHANED = "SELECT external_account_id, user_id FROM oauth_access_tokens AS t
        WHERE t.instance_id = $1 AND NOT EXISTS (SELECT 1 FROM users AS u
            WHERE u.instance_id = t.instance_id AND u.user_id = t.user_id) LIMIT $2";
}

/// What a provider gave for one account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Tokens {
    /// What opens the provider's resources.
    pub access_token: String,
    /// What it is renewed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The latest statement of the provider about the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// Milliseconds; none is a token that does not run out, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}

/// Tokens as they are kept, with how far their renewal is.
#[derive(Debug, Clone)]
pub struct StoredTokens {
    /// `eac_…`
    pub external_account_id: Id,
    /// Opened.
    pub tokens: Tokens,
    /// Grows with every attempt to renew them.
    pub attempt: i64,
    /// Until when the latest attempt may take, in milliseconds; 0 once it has ended.
    pub lease_until: i64,
    /// How the latest attempt ended, if badly.
    pub failure: Option<String>,
}

/// Writes the tokens of an account anew, whoever is renewing the old ones.
pub fn put(
    tx: &mut Conn<'_>,
    vault: &Vault,
    instance: &Id,
    user: &Id,
    account: &Id,
    tokens: &Tokens,
) -> Result<()> {
    let sealed = seal(vault, account, tokens)?;
    tx.execute(&PUT, &params![instance.as_str(), account.as_str(), user.as_str(), sealed])?;
    Ok(())
}

/// The tokens of an account.
pub async fn by_account(
    db: &Db,
    vault: &Vault,
    instance: &Id,
    account: &Id,
) -> Result<Option<StoredTokens>> {
    let row = db.one(&BY_ACCOUNT, &params![instance.as_str(), account.as_str()]).await?;
    row.as_ref().map(|row| read(vault, row)).transpose()
}

/// The same, held against other writers until the transaction ends.
pub fn lock(
    tx: &mut Conn<'_>,
    vault: &Vault,
    instance: &Id,
    account: &Id,
) -> Result<Option<StoredTokens>> {
    let row = tx.query_one(&LOCK, &params![instance.as_str(), account.as_str()])?;
    row.as_ref().map(|row| read(vault, row)).transpose()
}

/// The tokens of all accounts of a user.
pub fn of_user(
    conn: &mut Conn<'_>,
    vault: &Vault,
    instance: &Id,
    user: &Id,
) -> Result<Vec<StoredTokens>> {
    let rows = conn.query(&OF_USER, &params![instance.as_str(), user.as_str()])?;
    rows.iter().map(|row| read(vault, row)).collect()
}

/// Begins an attempt to renew what was read as `stored`; false if someone else has.
///
/// The attempt's number is one more than that of `stored`.
pub fn lease(
    tx: &mut Conn<'_>,
    instance: &Id,
    stored: &StoredTokens,
    now: i64,
    until: i64,
) -> Result<bool> {
    let account = stored.external_account_id.as_str();
    let values = params![instance.as_str(), account, stored.attempt, now, until];
    Ok(tx.execute(&LEASE, &values)? == 1)
}

/// Ends an attempt well; false if the tokens are not this attempt's to write any more.
pub fn refreshed(
    tx: &mut Conn<'_>,
    vault: &Vault,
    instance: &Id,
    account: &Id,
    attempt: i64,
    tokens: &Tokens,
) -> Result<bool> {
    let sealed = seal(vault, account, tokens)?;
    let values = params![instance.as_str(), account.as_str(), attempt, sealed];
    Ok(tx.execute(&REFRESHED, &values)? == 1)
}

/// Ends an attempt badly; `failure` is for those who wait for it.
pub fn failed(
    tx: &mut Conn<'_>,
    instance: &Id,
    account: &Id,
    attempt: i64,
    failure: &str,
) -> Result<()> {
    tx.execute(&FAILED, &params![instance.as_str(), account.as_str(), attempt, failure])?;
    Ok(())
}

/// Forgets the tokens of an account.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, account: &Id) -> Result<()> {
    tx.execute(&DELETE, &params![instance.as_str(), account.as_str()])?;
    Ok(())
}

/// Forgets the tokens of all accounts of a user.
pub fn delete_of_user(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    tx.execute(&DELETE_OF_USER, &params![instance.as_str(), user.as_str()])?;
    Ok(())
}

/// Tokens of users that do not exist; for `doctor`.
pub(crate) fn orphans(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let rows = conn.query(&ORPHANED, &params![instance.as_str(), limit])?;
    rows.iter()
        .map(|row| {
            Ok(format!("{}: this missing user has the tokens of {}", row.text(1)?, row.text(0)?))
        })
        .collect()
}

fn seal(vault: &Vault, account: &Id, tokens: &Tokens) -> Result<Vec<u8>> {
    let plain = serde_json::to_vec(tokens).map(Zeroizing::new);
    let plain = plain.map_err(|source| Error::internal("write tokens", source))?;
    vault.seal(&context(account.as_str()), &plain)
}

fn read(vault: &Vault, row: &Row) -> Result<StoredTokens> {
    let account: Id =
        row.text(0)?.parse().map_err(|source| Error::internal("read an id", source))?;
    let plain = Zeroizing::new(vault.open(&context(account.as_str()), row.bytes(1)?)?);
    let tokens = serde_json::from_slice(&plain)
        // The parser's own message may quote a token.
        .map_err(|_| {
            Error::internal("read tokens", "they are not in the form they were sealed in")
        })?;
    Ok(StoredTokens {
        external_account_id: account,
        tokens,
        attempt: row.int(2)?,
        lease_until: row.int(3)?,
        failure: row.opt_text(4)?.map(ToOwned::to_owned),
    })
}

/// Binds sealed tokens to their account, so that a swapped row does not open.
pub(crate) fn context(account: &str) -> Vec<u8> {
    format!("{account}/oauth_tokens").into_bytes()
}
