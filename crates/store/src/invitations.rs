//! Invitations to the application; that one has expired is for the clock to say.

use rollbook_domain::{Invitation, InvitationStatus, Slice, Ticket};
use rollbook_wire::Id;

use crate::filter::{Where, direction};
use crate::{Conn, Error, Param, Result, Row, params, read_id, read_metadata, statements};

/// The columns of [`read`], of an invitation that is called `v`.
const COLUMNS: &str = "v.invitation_id, v.email_address, v.status, v.redirect_url, v.ticket, \
    v.public_metadata, v.expires_at, v.created_at, v.updated_at";

const TABLE: &str = "invitations AS v";

statements! {
    INVITATION = "SELECT v.invitation_id, v.email_address, v.status, v.redirect_url, v.ticket,
            v.public_metadata, v.expires_at, v.created_at, v.updated_at
        FROM invitations AS v WHERE v.instance_id = $1 AND v.invitation_id = $2";

    INSERT_INVITATION = "INSERT INTO invitations (instance_id, invitation_id, email_address, status,
            redirect_url, ticket, public_metadata, expires_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    /// No row is changed if somebody else has changed its status meanwhile.
    SET_INVITATION_STATUS = "UPDATE invitations SET status = $3, updated_at = $4
        WHERE instance_id = $1 AND invitation_id = $2 AND status = 'pending'";

    ANY_INVITATION = "SELECT 1 FROM invitations AS v WHERE v.instance_id = $1 LIMIT 1";

    /// Oldest first.
    PENDING_OF = "SELECT v.invitation_id, v.email_address, v.status, v.redirect_url, v.ticket,
            v.public_metadata, v.expires_at, v.created_at, v.updated_at
        FROM invitations AS v WHERE v.instance_id = $1 AND v.email_address = $2
            AND v.status = 'pending' AND v.expires_at > $3
        ORDER BY v.created_at, v.invitation_id {for_update}";
}

/// A choice of invitations; all conditions must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// With this status; every one but the revoked if there is none.
    pub status: Option<InvitationStatus>,
    /// An id, or folded text somewhere in the address.
    pub query: Option<(String, String)>,
}

/// What invitations are sorted by; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `created_at`
    CreatedAt,
    /// `email_address`
    EmailAddress,
    /// `expires_at`
    ExpiresAt,
}

impl Order {
    /// The order as `order_by` spells it.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "created_at" => Self::CreatedAt,
            "email_address" => Self::EmailAddress,
            "expires_at" => Self::ExpiresAt,
            _ => return None,
        })
    }
}

/// The invitation with this id.
pub fn by_id(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<Invitation>> {
    let row = conn.query_one(&INVITATION, &params![instance.as_str(), id.as_str()])?;
    row.as_ref().map(read).transpose()
}

/// Whether the instance has had any.
pub fn any(conn: &mut Conn<'_>, instance: &Id) -> Result<bool> {
    Ok(conn.query_one(&ANY_INVITATION, &params![instance.as_str()])?.is_some())
}

/// Writes a new invitation.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, invitation: &Invitation) -> Result<()> {
    tx.execute(
        &INSERT_INVITATION,
        &params![
            instance.as_str(),
            invitation.id.as_str(),
            invitation.email_address.as_str(),
            invitation.status.as_str(),
            &invitation.redirect_url,
            invitation.ticket.0.as_str(),
            invitation.public_metadata.as_str(),
            invitation.expires_at,
            invitation.created_at,
            invitation.updated_at,
        ],
    )?;
    Ok(())
}

/// Writes status and time of an invitation that was pending; false if it no longer was.
pub fn set_status(tx: &mut Conn<'_>, instance: &Id, invitation: &Invitation) -> Result<bool> {
    let changed = tx.execute(
        &SET_INVITATION_STATUS,
        &params![
            instance.as_str(),
            invitation.id.as_str(),
            invitation.status.as_str(),
            invitation.updated_at,
        ],
    )?;
    Ok(changed == 1)
}

/// The invitations of an address that can be accepted at `now`, oldest first, held until the
/// transaction ends.
pub fn pending_of(
    tx: &mut Conn<'_>,
    instance: &Id,
    email_address: &str,
    now: i64,
) -> Result<Vec<Invitation>> {
    let values = params![instance.as_str(), email_address, now];
    tx.query(&PENDING_OF, &values)?.iter().map(read).collect()
}

/// A part of the invitations that `filter` admits at `now`.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    filter: &Filter,
    now: i64,
    slice: Slice<Order>,
) -> Result<Vec<Invitation>> {
    let sql = conditions(instance, filter, now);
    let column = match slice.key {
        Order::CreatedAt => "created_at",
        Order::EmailAddress => "email_address",
        Order::ExpiresAt => "expires_at",
    };
    let direction = direction(slice.descending);
    let condition = sql.text.clone();
    let text = |limits: &str| {
        format!(
            "SELECT {COLUMNS} FROM \
             (SELECT v.invitation_id FROM {TABLE} WHERE {condition} \
              ORDER BY v.{column} {direction}, v.invitation_id {direction} {limits}) AS p \
             JOIN {TABLE} ON v.instance_id = $1 AND v.invitation_id = p.invitation_id \
             ORDER BY v.{column} {direction}, v.invitation_id {direction}"
        )
    };
    let rows = sql.page(conn, text, (slice.limit, slice.offset))?;
    rows.iter().map(read).collect()
}

/// How many invitations `filter` admits at `now`, exactly.
pub fn count(conn: &mut Conn<'_>, instance: &Id, filter: &Filter, now: i64) -> Result<i64> {
    conditions(instance, filter, now).count(conn, TABLE)
}

fn conditions(instance: &Id, filter: &Filter, now: i64) -> Where {
    let mut sql = Where::of("v", instance);
    if let Some((id, text)) = &filter.query {
        let (id, text) = (sql.bind(id.clone()), sql.bind(Param::Contains(text.clone())));
        sql.and(&format!("(v.invitation_id = {id} OR {{contains v.email_address {text}}})"));
    }
    match filter.status {
        None => sql.and("v.status <> 'revoked'"),
        Some(InvitationStatus::Pending) => {
            let now = sql.bind(now);
            sql.and(&format!("v.status = 'pending' AND v.expires_at > {now}"));
        }
        Some(InvitationStatus::Expired) => {
            let now = sql.bind(now);
            sql.and(&format!("v.status = 'pending' AND v.expires_at <= {now}"));
        }
        Some(InvitationStatus::Accepted) => sql.and("v.status = 'accepted'"),
        Some(InvitationStatus::Revoked) => sql.and("v.status = 'revoked'"),
    }
    sql
}

fn read(row: &Row) -> Result<Invitation> {
    let status = InvitationStatus::from_name(row.text(2)?)
        .ok_or_else(|| Error::internal("read an invitation", "its status is unknown"))?;
    Ok(Invitation {
        id: read_id(row, 0)?,
        email_address: row.text(1)?.to_owned(),
        status,
        redirect_url: row.opt_text(3)?.map(ToOwned::to_owned),
        ticket: Ticket(row.text(4)?.to_owned()),
        public_metadata: read_metadata(row, 5)?,
        expires_at: row.int(6)?,
        created_at: row.int(7)?,
        updated_at: row.int(8)?,
    })
}
