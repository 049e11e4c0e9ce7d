//! Sessions and the clients they live in.

pub(crate) mod clients;
mod list;

use rollbook_directory::Change;
use rollbook_domain::{Session, SessionStatus};
use rollbook_wire::Id;

pub use self::clients::{Client, client, client_page, count_clients};
pub use self::list::{SessionFilter, count, page};
use crate::{Conn, Db, Error, Result, Row, params, statements};

statements! {
    INSERT = "INSERT INTO sessions (instance_id, session_id, user_id, client_id, status, actor,
            last_active_organization_id, origin, first_factor_at, second_factor_at, last_active_at,
            expire_at, abandon_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

    INSERT_CLIENT = "INSERT INTO clients (instance_id, client_id, last_authentication_strategy,
            created_at, updated_at)
        VALUES ($1, $2, $3, $4, $4)";

    SIGNED_IN = "UPDATE users SET last_active_at = $3, last_sign_in_at = $3
        WHERE instance_id = $1 AND user_id = $2";

    BY_ID = "SELECT session_id, user_id, client_id, status, actor, last_active_organization_id,
            origin, first_factor_at, second_factor_at, last_active_at, expire_at, abandon_at,
            created_at, updated_at
        FROM sessions WHERE instance_id = $1 AND session_id = $2";

    LOCK = "SELECT session_id, user_id, client_id, status, actor, last_active_organization_id,
            origin, first_factor_at, second_factor_at, last_active_at, expire_at, abandon_at,
            created_at, updated_at
        FROM sessions WHERE instance_id = $1 AND session_id = $2 {for_update}";

    END = "UPDATE sessions SET status = $3, updated_at = $4
        WHERE instance_id = $1 AND session_id = $2";

    END_ALL = "UPDATE sessions SET status = $3, updated_at = $4
        WHERE instance_id = $1 AND user_id = $2 AND status = 'active'
            AND expire_at > $4 AND abandon_at > $4
        RETURNING session_id, user_id, client_id, status, actor, last_active_organization_id,
            origin, first_factor_at, second_factor_at, last_active_at, expire_at, abandon_at,
            created_at, updated_at";

    /// Never backwards: of two uses the later one counts.
    USED = "UPDATE sessions SET last_active_at = $3, abandon_at = $4
        WHERE instance_id = $1 AND session_id = $2 AND last_active_at < $3";

    USER_ACTIVE = "UPDATE users SET last_active_at = $3
        WHERE instance_id = $1 AND user_id = $2 AND (last_active_at IS NULL OR last_active_at < $3)";

    TOUCH_CLIENT = "UPDATE clients SET updated_at = $3 WHERE instance_id = $1 AND client_id = $2";

    DELETE_OF_USER = "DELETE FROM sessions WHERE instance_id = $1 AND user_id = $2";

    /// Clients in which nobody else has a session.
    DELETE_CLIENTS_OF_USER = "DELETE FROM clients WHERE instance_id = $1
        AND client_id IN (SELECT s.client_id FROM sessions AS s
            WHERE s.instance_id = $1 AND s.user_id = $2)
        AND NOT EXISTS (SELECT 1 FROM sessions AS o WHERE o.instance_id = $1
            AND o.client_id = clients.client_id AND o.user_id <> $2)";

    /// What has been over for long.
    PRUNE_OF_USER = "DELETE FROM sessions WHERE instance_id = $1 AND user_id = $2
            AND (expire_at < $3 OR abandon_at < $3 OR (status <> 'active' AND updated_at < $3))
        RETURNING client_id";

    DELETE_EMPTY_CLIENT = "DELETE FROM clients WHERE instance_id = $1 AND client_id = $2
        AND NOT EXISTS (SELECT 1 FROM sessions AS s
            WHERE s.instance_id = $1 AND s.client_id = $2)";

    STATUS_OF = "SELECT session_id, status FROM sessions
        WHERE instance_id = $1 AND user_id = $2 ORDER BY session_id";

    LEAVE_ORGANIZATION = "UPDATE sessions SET last_active_organization_id = NULL
        WHERE instance_id = $1 AND user_id = $2 AND last_active_organization_id = $3";

    /// For `doctor`: sessions of nobody, or in no client.
    ORPHANED = "SELECT s.session_id, s.user_id FROM sessions AS s WHERE s.instance_id = $1
        AND (NOT EXISTS (SELECT 1 FROM users AS u
            WHERE u.instance_id = s.instance_id AND u.user_id = s.user_id)
          OR NOT EXISTS (SELECT 1 FROM clients AS c
            WHERE c.instance_id = s.instance_id AND c.client_id = s.client_id)) LIMIT $2";

    /// For `doctor`: clients in which nobody has a session.
    EMPTY_CLIENTS = "SELECT c.client_id FROM clients AS c WHERE c.instance_id = $1
        AND NOT EXISTS (SELECT 1 FROM sessions AS s
            WHERE s.instance_id = c.instance_id AND s.client_id = c.client_id) LIMIT $2";
}

/// What all statements here answer, in this order.
const COLUMNS: &str = "session_id, user_id, client_id, status, actor, \
    last_active_organization_id, origin, first_factor_at, second_factor_at, last_active_at, \
    expire_at, abandon_at, created_at, updated_at";

/// Starts a session in a client of its own.
pub fn insert(
    tx: &mut Conn<'_>,
    instance: &Id,
    session: &Session,
    strategy: Option<&str>,
) -> Result<()> {
    tx.execute(
        &INSERT_CLIENT,
        &params![instance.as_str(), session.client_id.as_str(), strategy, session.created_at],
    )?;
    let actor = session.actor.as_ref().map(ToString::to_string);
    tx.execute(
        &INSERT,
        &params![
            instance.as_str(),
            session.id.as_str(),
            session.user_id.as_str(),
            session.client_id.as_str(),
            session.status.as_str(),
            actor,
            session.last_active_organization_id.as_ref().map(Id::as_str),
            session.origin.as_deref(),
            session.first_factor_at,
            session.second_factor_at,
            session.last_active_at,
            session.expire_at,
            session.abandon_at,
            session.created_at,
            session.updated_at,
        ],
    )?;
    Ok(())
}

/// Notes on the user that it has signed in.
pub fn note_sign_in(tx: &mut Conn<'_>, instance: &Id, user: &Id, now: i64) -> Result<()> {
    if tx.execute(&SIGNED_IN, &params![instance.as_str(), user.as_str(), now])? == 1 {
        tx.notes().change(instance, active(user, now, Some(now)));
    }
    Ok(())
}

/// The session with this id.
pub async fn by_id(db: &Db, instance: &Id, id: &Id) -> Result<Option<Session>> {
    let row = db.one(&BY_ID, &params![instance.as_str(), id.as_str()]).await?;
    row.as_ref().map(read).transpose()
}

/// The session with this id, held against other writers until the transaction ends.
pub fn lock(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<Session>> {
    let row = tx.query_one(&LOCK, &params![instance.as_str(), id.as_str()])?;
    row.as_ref().map(read).transpose()
}

/// Ends a session that the transaction holds.
pub fn end(
    tx: &mut Conn<'_>,
    instance: &Id,
    session: &mut Session,
    status: SessionStatus,
    now: i64,
) -> Result<()> {
    session.status = status;
    session.updated_at = now.max(session.updated_at);
    tx.execute(
        &END,
        &params![instance.as_str(), session.id.as_str(), status.as_str(), session.updated_at],
    )?;
    tx.execute(&TOUCH_CLIENT, &params![instance.as_str(), session.client_id.as_str(), now])?;
    Ok(())
}

/// Ends the user's sessions that are active at `now`, and answers them as they are then.
pub fn end_all(
    tx: &mut Conn<'_>,
    instance: &Id,
    user: &Id,
    status: SessionStatus,
    now: i64,
) -> Result<Vec<Session>> {
    let values = params![instance.as_str(), user.as_str(), status.as_str(), now];
    let mut ended =
        tx.query(&END_ALL, &values)?.iter().map(read).collect::<Result<Vec<Session>>>()?;
    ended.sort_by(|a, b| a.id.cmp(&b.id));
    for session in &ended {
        tx.execute(&TOUCH_CLIENT, &params![instance.as_str(), session.client_id.as_str(), now])?;
    }
    Ok(ended)
}

/// Notes the use of a session; false if a later one was noted already.
pub fn note_use(
    tx: &mut Conn<'_>,
    instance: &Id,
    session: &Session,
    abandon_at: i64,
    now: i64,
) -> Result<bool> {
    let values = params![instance.as_str(), session.id.as_str(), now, abandon_at];
    Ok(tx.execute(&USED, &values)? == 1)
}

/// Notes that the user was active; false if a later activity was noted already.
pub fn note_activity(tx: &mut Conn<'_>, instance: &Id, user: &Id, now: i64) -> Result<bool> {
    let is_later = tx.execute(&USER_ACTIVE, &params![instance.as_str(), user.as_str(), now])? == 1;
    if is_later {
        tx.notes().change(instance, active(user, now, None));
    }
    Ok(is_later)
}

fn active(user: &Id, last_active_at: i64, last_sign_in_at: Option<i64>) -> Change {
    Change::Active { id: user.to_string(), last_active_at, last_sign_in_at }
}

/// Deletes the user's sessions, and the clients that are empty without them.
pub fn delete_of_user(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    let values = params![instance.as_str(), user.as_str()];
    tx.execute(&DELETE_CLIENTS_OF_USER, &values)?;
    tx.execute(&DELETE_OF_USER, &values)?;
    Ok(())
}

/// Deletes those of the user's sessions that were over before `before`, clients and all.
pub fn prune_of_user(tx: &mut Conn<'_>, instance: &Id, user: &Id, before: i64) -> Result<()> {
    for row in tx.query(&PRUNE_OF_USER, &params![instance.as_str(), user.as_str(), before])? {
        tx.execute(&DELETE_EMPTY_CLIENT, &params![instance.as_str(), row.text(0)?])?;
    }
    Ok(())
}

/// Makes the organization active in none of the user's sessions.
pub fn leave_organization(
    tx: &mut Conn<'_>,
    instance: &Id,
    user: &Id,
    organization: &Id,
) -> Result<()> {
    let values = params![instance.as_str(), user.as_str(), organization.as_str()];
    tx.execute(&LEAVE_ORGANIZATION, &values)?;
    Ok(())
}

/// Id and status, as somebody left it, of each of the user's sessions.
pub fn statuses(conn: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<Vec<(String, String)>> {
    let rows = conn.query(&STATUS_OF, &params![instance.as_str(), user.as_str()])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
}

/// Sessions that belong to nobody, and clients that hold none; for `doctor`.
pub(crate) fn orphans(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for row in conn.query(&ORPHANED, &params![instance.as_str(), limit])? {
        let (session, user) = (row.text(0)?, row.text(1)?);
        found.push(format!("{user}: this missing user, or a missing client, has {session}"));
    }
    for row in conn.query(&EMPTY_CLIENTS, &params![instance.as_str(), limit])? {
        found.push(format!("{}: no session is in this client", row.text(0)?));
    }
    Ok(found)
}

/// Reads [`COLUMNS`].
fn read(row: &Row) -> Result<Session> {
    let status = row.text(3)?;
    let status = SessionStatus::parse(status)
        .ok_or_else(|| Error::internal("read a session", format!("{status} is no status")))?;
    let actor = row.opt_text(4)?.map(serde_json::from_str).transpose();
    Ok(Session {
        id: id(row.text(0)?)?,
        user_id: id(row.text(1)?)?,
        client_id: id(row.text(2)?)?,
        status,
        actor: actor.map_err(|source| Error::internal("read an actor", source))?,
        last_active_organization_id: row.opt_text(5)?.map(id).transpose()?,
        origin: row.opt_text(6)?.map(ToOwned::to_owned),
        first_factor_at: row.opt_int(7)?,
        second_factor_at: row.opt_int(8)?,
        last_active_at: row.int(9)?,
        expire_at: row.int(10)?,
        abandon_at: row.int(11)?,
        created_at: row.int(12)?,
        updated_at: row.int(13)?,
    })
}

fn id(text: &str) -> Result<Id> {
    text.parse().map_err(|source| Error::internal("read an id", source))
}
