//! Sessions: what a ban or a sign-out ends.

use rollbook_wire::Id;

use crate::{Conn, Error, Result, params, statements};

statements! {
    REVOKE_ALL = "UPDATE sessions SET status = 'revoked', updated_at = $3
        WHERE instance_id = $1 AND user_id = $2 AND status = 'active' RETURNING session_id";

    DELETE_ALL = "DELETE FROM sessions WHERE instance_id = $1 AND user_id = $2";

    INSERT = "INSERT INTO sessions (instance_id, session_id, user_id, client_id, status,
            last_active_at, expire_at, abandon_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, 'active', $5, $6, $7, $5, $5)";

    STATUS_OF = "SELECT session_id, status FROM sessions
        WHERE instance_id = $1 AND user_id = $2 ORDER BY session_id";

    SIGNED_IN = "UPDATE users SET last_active_at = $3, last_sign_in_at = $3
        WHERE instance_id = $1 AND user_id = $2";
}

/// A session that begins.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// `sess_…`
    pub id: Id,
    /// `user_…`
    pub user_id: Id,
    /// `client_…`
    pub client_id: String,
    /// Milliseconds.
    pub created_at: i64,
    /// When it ends whatever happens.
    pub expire_at: i64,
    /// When it ends without activity.
    pub abandon_at: i64,
}

/// Starts a session and notes the sign-in on the user.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, session: &NewSession) -> Result<()> {
    tx.execute(
        &INSERT,
        &params![
            instance.as_str(),
            session.id.as_str(),
            session.user_id.as_str(),
            session.client_id.as_str(),
            session.created_at,
            session.expire_at,
            session.abandon_at,
        ],
    )?;
    tx.execute(
        &SIGNED_IN,
        &params![instance.as_str(), session.user_id.as_str(), session.created_at],
    )?;
    Ok(())
}

/// Ends the user's active sessions and says which they were.
pub fn revoke_all(tx: &mut Conn<'_>, instance: &Id, user: &Id, now: i64) -> Result<Vec<Id>> {
    let rows = tx.query(&REVOKE_ALL, &params![instance.as_str(), user.as_str(), now])?;
    rows.iter()
        .map(|row| row.text(0)?.parse().map_err(|source| Error::internal("read an id", source)))
        .collect()
}

/// Deletes the user's sessions.
pub fn delete_all(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    tx.execute(&DELETE_ALL, &params![instance.as_str(), user.as_str()])?;
    Ok(())
}

/// Id and status of each of the user's sessions.
pub fn statuses(conn: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<Vec<(String, String)>> {
    let rows = conn.query(&STATUS_OF, &params![instance.as_str(), user.as_str()])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
}
