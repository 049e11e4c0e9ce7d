//! Sign-in tokens and actor tokens: each leads to one session, once and in time.

use rollbook_wire::Id;
use serde_json::{Map, Value};

use crate::{Conn, Error, Result, Row, params, statements};

statements! {
    INSERT = "INSERT INTO tickets (instance_id, ticket_id, kind, user_id, status, actor,
            organization_id, session_max_duration_ms, expires_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $9, $9)";

    /// Nobody else uses or revokes it until the transaction ends.
    LOCK = "SELECT ticket_id, kind, user_id, status, actor, organization_id,
            session_max_duration_ms, expires_at, created_at, updated_at
        FROM tickets WHERE instance_id = $1 AND ticket_id = $2 {for_update}";

    USER_OF_TICKET = "SELECT user_id FROM tickets WHERE instance_id = $1 AND ticket_id = $2";

    SETTLE = "UPDATE tickets SET status = $3, updated_at = $4
        WHERE instance_id = $1 AND ticket_id = $2";

    DELETE_OF_USER = "DELETE FROM tickets WHERE instance_id = $1 AND user_id = $2";

    DELETE_EXPIRED = "DELETE FROM tickets WHERE instance_id = $1 AND expires_at < $2";

    /// For `doctor`: tickets of nobody.
    ORPHANED = "SELECT t.ticket_id, t.user_id FROM tickets AS t WHERE t.instance_id = $1
        AND NOT EXISTS (SELECT 1 FROM users AS u
            WHERE u.instance_id = t.instance_id AND u.user_id = t.user_id) LIMIT $2";
}

/// What a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketKind {
    /// Signs its user in.
    SignIn,
    /// Lets somebody act as the user.
    Actor,
}

impl TicketKind {
    /// As the store spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Actor => "actor",
        }
    }
}

/// What has become of a ticket; that its time is over is for the clock to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketStatus {
    /// Nothing yet.
    Pending,
    /// It was used.
    Accepted,
    /// It never will be.
    Revoked,
}

impl TicketStatus {
    /// The word on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
        }
    }
}

/// A ticket as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// `sit_…` or `act_…`
    pub id: Id,
    /// What it is.
    pub kind: TicketKind,
    /// Whose session it leads to.
    pub user_id: Id,
    /// What has become of it.
    pub status: TicketStatus,
    /// Who acts; for actor tokens.
    pub actor: Option<Map<String, Value>>,
    /// The organization to be active in the session.
    pub organization_id: Option<Id>,
    /// How long the session may last at most.
    pub session_max_duration_ms: Option<i64>,
    /// Milliseconds; from then on it leads nowhere.
    pub expires_at: i64,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Writes a new ticket, and forgets those of the instance that ran out before `forget_before`.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, ticket: &Ticket, forget_before: i64) -> Result<()> {
    tx.execute(&DELETE_EXPIRED, &params![instance.as_str(), forget_before])?;
    let actor = ticket.actor.as_ref().map(serde_json::to_string).transpose();
    let actor = actor.map_err(|source| Error::internal("write an actor", source))?;
    tx.execute(
        &INSERT,
        &params![
            instance.as_str(),
            ticket.id.as_str(),
            ticket.kind.as_str(),
            ticket.user_id.as_str(),
            actor,
            ticket.organization_id.as_ref().map(Id::as_str),
            ticket.session_max_duration_ms,
            ticket.expires_at,
            ticket.created_at,
        ],
    )?;
    Ok(())
}

/// Whose ticket it is, which never changes.
pub fn user_of(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<Id>> {
    let row = conn.query_one(&USER_OF_TICKET, &params![instance.as_str(), id.as_str()])?;
    let Some(row) = row else { return Ok(None) };
    row.text(0)?.parse().map(Some).map_err(|source| Error::internal("read an id", source))
}

/// The ticket of this kind and id, held against other writers until the transaction ends.
pub fn lock(tx: &mut Conn<'_>, instance: &Id, kind: TicketKind, id: &Id) -> Result<Option<Ticket>> {
    let row = tx.query_one(&LOCK, &params![instance.as_str(), id.as_str()])?;
    Ok(row.as_ref().map(read).transpose()?.filter(|ticket| ticket.kind == kind))
}

/// Says what has become of a ticket that the transaction holds.
pub fn settle(
    tx: &mut Conn<'_>,
    instance: &Id,
    ticket: &mut Ticket,
    status: TicketStatus,
    now: i64,
) -> Result<()> {
    ticket.status = status;
    ticket.updated_at = now;
    tx.execute(&SETTLE, &params![instance.as_str(), ticket.id.as_str(), status.as_str(), now])?;
    Ok(())
}

/// Deletes all tickets of a user.
pub fn delete_of_user(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    tx.execute(&DELETE_OF_USER, &params![instance.as_str(), user.as_str()])?;
    Ok(())
}

/// Tickets of users that do not exist; for `doctor`.
pub(crate) fn orphans(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let rows = conn.query(&ORPHANED, &params![instance.as_str(), limit])?;
    rows.iter()
        .map(|row| Ok(format!("{}: this missing user has {}", row.text(1)?, row.text(0)?)))
        .collect()
}

fn read(row: &Row) -> Result<Ticket> {
    let id = |text: &str| text.parse().map_err(|source| Error::internal("read an id", source));
    let unknown = |what: &str| Error::internal("read a ticket", format!("what is {what}?"));
    let kind = match row.text(1)? {
        "sign_in" => TicketKind::SignIn,
        "actor" => TicketKind::Actor,
        other => return Err(unknown(other)),
    };
    let status = match row.text(3)? {
        "pending" => TicketStatus::Pending,
        "accepted" => TicketStatus::Accepted,
        "revoked" => TicketStatus::Revoked,
        other => return Err(unknown(other)),
    };
    let actor = row.opt_text(4)?.map(serde_json::from_str).transpose();
    Ok(Ticket {
        id: id(row.text(0)?)?,
        kind,
        user_id: id(row.text(2)?)?,
        status,
        actor: actor.map_err(|source| Error::internal("read an actor", source))?,
        organization_id: row.opt_text(5)?.map(id).transpose()?,
        session_max_duration_ms: row.opt_int(6)?,
        expires_at: row.int(7)?,
        created_at: row.int(8)?,
        updated_at: row.int(9)?,
    })
}
