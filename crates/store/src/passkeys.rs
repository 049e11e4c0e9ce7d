//! Credentials of passkeys, found by their own id or by the user's.

use rollbook_wire::Id;

use crate::{Conn, Error, Result, params, statements};

statements! {
    /// No row is written when the instance has the credential already.
    INSERT = "INSERT INTO passkeys (instance_id, passkey_id, user_id, credential_id, record)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";

    OF_USER = "SELECT record FROM passkeys
        WHERE instance_id = $1 AND user_id = $2 ORDER BY passkey_id";

    IDS_OF_USER = "SELECT passkey_id FROM passkeys
        WHERE instance_id = $1 AND user_id = $2 ORDER BY passkey_id";

    BY_CREDENTIAL = "SELECT passkey_id, user_id, record FROM passkeys
        WHERE instance_id = $1 AND credential_id = $2";

    /// No row is written when another has changed it, or deleted it.
    REPLACE = "UPDATE passkeys SET record = $4
        WHERE instance_id = $1 AND passkey_id = $2 AND record = $3";

    DELETE = "DELETE FROM passkeys WHERE instance_id = $1 AND passkey_id = $2 AND user_id = $3";

    DELETE_OF_USER = "DELETE FROM passkeys WHERE instance_id = $1 AND user_id = $2";

    /// For `doctor`: passkeys of nobody.
    ORPHANED = "SELECT passkey_id, user_id FROM passkeys AS p WHERE p.instance_id = $1
        AND NOT EXISTS (SELECT 1 FROM users AS u
            WHERE u.instance_id = p.instance_id AND u.user_id = p.user_id) LIMIT $2";
}

/// A passkey as it is kept; `record` is the credential's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPasskey {
    /// `idn_…`
    pub id: Id,
    /// `user_…`
    pub user_id: Id,
    /// The credential's JSON.
    pub record: String,
}

/// Writes a new passkey; false if the instance has a passkey of this credential id.
pub fn insert(
    tx: &mut Conn<'_>,
    instance: &Id,
    passkey: &StoredPasskey,
    credential_id: &[u8],
) -> Result<bool> {
    let StoredPasskey { id, user_id, record } = passkey;
    let inserted = tx.execute(
        &INSERT,
        &params![instance.as_str(), id.as_str(), user_id.as_str(), credential_id, record],
    )?;
    Ok(inserted == 1)
}

/// The records of a user's credentials, oldest first.
pub fn of_user(conn: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<Vec<String>> {
    let rows = conn.query(&OF_USER, &params![instance.as_str(), user.as_str()])?;
    rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

/// The ids of a user's passkeys, sorted.
pub(crate) fn ids_of_user(conn: &mut Conn<'_>, instance: &Id, user: &str) -> Result<Vec<String>> {
    let rows = conn.query(&IDS_OF_USER, &params![instance.as_str(), user])?;
    rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

/// The passkey with this credential id.
pub fn by_credential(
    conn: &mut Conn<'_>,
    instance: &Id,
    credential_id: &[u8],
) -> Result<Option<StoredPasskey>> {
    let row = conn.query_one(&BY_CREDENTIAL, &params![instance.as_str(), credential_id])?;
    let Some(row) = row else { return Ok(None) };
    let id = |column| {
        let text: &str = row.text(column)?;
        text.parse().map_err(|source| Error::internal("read an id", source))
    };
    Ok(Some(StoredPasskey { id: id(0)?, user_id: id(1)?, record: row.text(2)?.to_owned() }))
}

/// Writes the credential anew; false if it is no longer as `passkey` says.
pub fn replace(
    tx: &mut Conn<'_>,
    instance: &Id,
    passkey: &StoredPasskey,
    record: &str,
) -> Result<bool> {
    let values = params![instance.as_str(), passkey.id.as_str(), &passkey.record, record];
    Ok(tx.execute(&REPLACE, &values)? == 1)
}

/// Deletes a user's passkey; false if it is not the user's.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, user: &Id, passkey: &Id) -> Result<bool> {
    let values = params![instance.as_str(), passkey.as_str(), user.as_str()];
    Ok(tx.execute(&DELETE, &values)? == 1)
}

/// Deletes all passkeys of a user.
pub fn delete_of_user(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    tx.execute(&DELETE_OF_USER, &params![instance.as_str(), user.as_str()])?;
    Ok(())
}

/// Passkeys of users that do not exist; for `doctor`.
pub(crate) fn orphans(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let rows = conn.query(&ORPHANED, &params![instance.as_str(), limit])?;
    rows.iter()
        .map(|row| {
            Ok(format!("{}: this missing user has the passkey {}", row.text(1)?, row.text(0)?))
        })
        .collect()
}
