//! Codes that were sent to addresses and are yet to come back.

use rollbook_wire::Id;

use crate::{Conn, Result, params, statements};

statements! {
    INSERT = "INSERT INTO verifications (instance_id, verification_id, user_id, record, expires_at)
        VALUES ($1, $2, $3, $4, $5)";

    LOCK = "SELECT record FROM verifications
        WHERE instance_id = $1 AND verification_id = $2 AND user_id = $3 {for_update}";

    SAVE = "UPDATE verifications SET record = $3
        WHERE instance_id = $1 AND verification_id = $2";

    DELETE_OF_USER = "DELETE FROM verifications WHERE instance_id = $1 AND user_id = $2";

    DELETE_EXPIRED = "DELETE FROM verifications WHERE instance_id = $1 AND expires_at <= $2";

    /// For `doctor`: verifications of users that are gone.
    ORPHANS = "SELECT user_id FROM verifications AS v WHERE v.instance_id = $1
        AND NOT EXISTS (SELECT 1 FROM users AS u
            WHERE u.instance_id = v.instance_id AND u.user_id = v.user_id) LIMIT $2";
}

/// A code on its way.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Its id.
    pub id: Id,
    /// Whose address it was sent to.
    pub user_id: Id,
    /// What is known of it; the code is sealed.
    pub record: String,
    /// Milliseconds; from then on it may be forgotten.
    pub expires_at: i64,
}

/// Writes a new verification, and forgets those of the instance that ran out by `now`.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, new: &Verification, now: i64) -> Result<()> {
    tx.execute(&DELETE_EXPIRED, &params![instance.as_str(), now])?;
    let (id, user) = (new.id.as_str(), new.user_id.as_str());
    tx.execute(&INSERT, &params![instance.as_str(), id, user, &new.record, new.expires_at])?;
    Ok(())
}

/// The record of a verification of this user, held until the transaction ends.
pub fn lock(tx: &mut Conn<'_>, instance: &Id, user: &Id, id: &Id) -> Result<Option<String>> {
    let row = tx.query_one(&LOCK, &params![instance.as_str(), id.as_str(), user.as_str()])?;
    row.map(|row| row.text(0).map(ToOwned::to_owned)).transpose()
}

/// Writes a changed record.
pub fn save(tx: &mut Conn<'_>, instance: &Id, id: &Id, record: &str) -> Result<()> {
    tx.execute(&SAVE, &params![instance.as_str(), id.as_str(), record])?;
    Ok(())
}

/// Forgets all verifications of a user.
pub fn delete_of_user(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    tx.execute(&DELETE_OF_USER, &params![instance.as_str(), user.as_str()])?;
    Ok(())
}

/// Users that verifications lead to although they do not exist; for `doctor`.
pub fn orphans(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let rows = conn.query(&ORPHANS, &params![instance.as_str(), limit])?;
    rows.iter()
        .map(|row| Ok(format!("{}: a verification leads to this missing user", row.text(0)?)))
        .collect()
}

/// What the code of a verification is sealed for.
pub fn context(instance: &str, verification: &str) -> Vec<u8> {
    format!("{instance}/{verification}").into_bytes()
}
