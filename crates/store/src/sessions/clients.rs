//! Clients with their sessions.

use rollbook_domain::Session;
use rollbook_wire::Id;

use super::{COLUMNS, id, read};
use crate::{Conn, Result, Row, params, statements};

statements! {
    CLIENT_BY_ID = "SELECT client_id, last_authentication_strategy, created_at, updated_at
        FROM clients WHERE instance_id = $1 AND client_id = $2";

    CLIENT_PAGE = "SELECT client_id, last_authentication_strategy, created_at, updated_at
        FROM clients WHERE instance_id = $1
        ORDER BY created_at DESC, client_id DESC LIMIT $2 OFFSET $3";

    COUNT_CLIENTS = "SELECT COUNT(*) FROM clients WHERE instance_id = $1";
}

/// A client with its sessions, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    /// `client_…`
    pub id: Id,
    /// How its user last signed in.
    pub last_authentication_strategy: Option<String>,
    /// Newest first.
    pub sessions: Vec<Session>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// The client with this id.
pub fn client(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<Client>> {
    let row = conn.query_one(&CLIENT_BY_ID, &params![instance.as_str(), id.as_str()])?;
    let mut found = row.iter().map(read_client).collect::<Result<Vec<_>>>()?;
    add_sessions(conn, instance, &mut found)?;
    Ok(found.pop())
}

/// `limit` clients after the newest `offset`.
pub fn client_page(
    conn: &mut Conn<'_>,
    instance: &Id,
    limit: i64,
    offset: i64,
) -> Result<Vec<Client>> {
    let rows = conn.query(&CLIENT_PAGE, &params![instance.as_str(), limit, offset])?;
    let mut found = rows.iter().map(read_client).collect::<Result<Vec<_>>>()?;
    add_sessions(conn, instance, &mut found)?;
    Ok(found)
}

/// How many clients the instance has.
pub fn count_clients(conn: &mut Conn<'_>, instance: &Id) -> Result<i64> {
    let row = conn.query_one(&COUNT_CLIENTS, &params![instance.as_str()])?;
    row.map_or(Ok(0), |row| row.int(0))
}

fn add_sessions(conn: &mut Conn<'_>, instance: &Id, clients: &mut [Client]) -> Result<()> {
    let ids: Vec<String> = clients.iter().map(|client| client.id.to_string()).collect();
    let text = format!(
        "SELECT {COLUMNS} FROM sessions WHERE instance_id = $1 AND client_id {{in $2}} \
         ORDER BY created_at DESC, session_id DESC"
    );
    for row in conn.query_text(&text, &params![instance.as_str(), ids])? {
        let session = read(&row)?;
        if let Some(client) = clients.iter_mut().find(|client| client.id == session.client_id) {
            client.sessions.push(session);
        }
    }
    Ok(())
}

fn read_client(row: &Row) -> Result<Client> {
    Ok(Client {
        id: id(row.text(0)?)?,
        last_authentication_strategy: row.opt_text(1)?.map(ToOwned::to_owned),
        sessions: Vec::new(),
        created_at: row.int(2)?,
        updated_at: row.int(3)?,
    })
}
