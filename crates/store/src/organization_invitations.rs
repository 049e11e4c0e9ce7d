//! Invitations to organizations; that one has expired is for the clock to say.

mod list;

use rollbook_domain::{InvitationStatus, OrganizationInvitation, Ticket};
use rollbook_wire::Id;

pub use self::list::{InvitationRow, count, page};
use crate::{Conn, Error, Result, Row, opt_id, params, read_id, read_metadata, statements};

/// The columns of [`read`], of an invitation that is called `i`.
const COLUMNS: &str = "i.invitation_id, i.organization_id, i.email_address, i.role, i.status, \
    i.inviter_id, i.redirect_url, i.ticket, i.public_metadata, i.private_metadata, i.expires_at, \
    i.created_at, i.updated_at";

statements! {
    INVITATION_BY_ID = "SELECT i.invitation_id, i.organization_id, i.email_address, i.role,
            i.status, i.inviter_id, i.redirect_url, i.ticket, i.public_metadata, i.private_metadata,
            i.expires_at, i.created_at, i.updated_at
        FROM organization_invitations AS i WHERE i.instance_id = $1 AND i.invitation_id = $2";

    INSERT_INVITATION = "INSERT INTO organization_invitations (instance_id, invitation_id,
            organization_id, email_address, role, status, inviter_id, redirect_url, ticket,
            public_metadata, private_metadata, expires_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

    SET_STATUS = "UPDATE organization_invitations SET status = $3, updated_at = $4
        WHERE instance_id = $1 AND invitation_id = $2";

    PENDING_TO = "SELECT 1 FROM organization_invitations
        WHERE instance_id = $1 AND email_address = $2 AND organization_id = $3
            AND status = 'pending' AND expires_at > $4 LIMIT 1";

    COUNT_PENDING = "SELECT COUNT(*) FROM organization_invitations
        WHERE instance_id = $1 AND organization_id = $2 AND status = 'pending' AND expires_at > $3";

    FORGET_INVITER = "UPDATE organization_invitations SET inviter_id = NULL
        WHERE instance_id = $1 AND inviter_id = $2";

    DELETE_INVITATIONS = "DELETE FROM organization_invitations
        WHERE instance_id = $1 AND organization_id = $2";

    /// For `doctor`: invitations to nothing, or by nobody.
    ORPHANED_INVITATIONS = "SELECT i.invitation_id FROM organization_invitations AS i
        WHERE i.instance_id = $1 AND (NOT EXISTS (SELECT 1 FROM organizations AS o
                WHERE o.instance_id = i.instance_id AND o.organization_id = i.organization_id)
            OR (i.inviter_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users AS u
                WHERE u.instance_id = i.instance_id AND u.user_id = i.inviter_id)))
        LIMIT $2";
}

/// The invitation with this id.
pub fn by_id(
    conn: &mut Conn<'_>,
    instance: &Id,
    id: &Id,
) -> Result<Option<OrganizationInvitation>> {
    let row = conn.query_one(&INVITATION_BY_ID, &params![instance.as_str(), id.as_str()])?;
    row.as_ref().map(read).transpose()
}

/// The same with those it speaks of.
pub fn row(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<InvitationRow>> {
    list::one(conn, instance, id)
}

/// Writes a new invitation, to an organization that the transaction holds.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, invitation: &OrganizationInvitation) -> Result<()> {
    tx.execute(
        &INSERT_INVITATION,
        &params![
            instance.as_str(),
            invitation.id.as_str(),
            invitation.organization_id.as_str(),
            invitation.email_address.as_str(),
            invitation.role.as_str(),
            invitation.status.as_str(),
            invitation.inviter_id.as_ref().map(Id::as_str),
            &invitation.redirect_url,
            invitation.ticket.0.as_str(),
            invitation.public_metadata.as_str(),
            invitation.private_metadata.as_str(),
            invitation.expires_at,
            invitation.created_at,
            invitation.updated_at,
        ],
    )?;
    Ok(())
}

/// Writes status and time of a changed invitation, to an organization that the transaction holds.
pub fn set_status(
    tx: &mut Conn<'_>,
    instance: &Id,
    invitation: &OrganizationInvitation,
) -> Result<()> {
    tx.execute(
        &SET_STATUS,
        &params![
            instance.as_str(),
            invitation.id.as_str(),
            invitation.status.as_str(),
            invitation.updated_at,
        ],
    )?;
    Ok(())
}

/// Whether the address has an invitation to the organization that can be accepted.
pub fn is_pending(
    conn: &mut Conn<'_>,
    instance: &Id,
    organization: &Id,
    email_address: &str,
    now: i64,
) -> Result<bool> {
    let values = params![instance.as_str(), email_address, organization.as_str(), now];
    Ok(conn.query_one(&PENDING_TO, &values)?.is_some())
}

/// How many invitations to the organization can be accepted.
pub fn count_pending(
    conn: &mut Conn<'_>,
    instance: &Id,
    organization: &Id,
    now: i64,
) -> Result<i64> {
    let values = params![instance.as_str(), organization.as_str(), now];
    conn.query_one(&COUNT_PENDING, &values)?.map_or(Ok(0), |row| row.int(0))
}

/// Forgets that a user has invited others.
pub fn forget_inviter(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    tx.execute(&FORGET_INVITER, &params![instance.as_str(), user.as_str()])?;
    Ok(())
}

/// Deletes all invitations to an organization.
pub fn delete_of_organization(tx: &mut Conn<'_>, instance: &Id, organization: &Id) -> Result<()> {
    tx.execute(&DELETE_INVITATIONS, &params![instance.as_str(), organization.as_str()])?;
    Ok(())
}

/// Invitations to or by what does not exist; for `doctor`.
pub fn orphans(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let rows = conn.query(&ORPHANED_INVITATIONS, &params![instance.as_str(), limit])?;
    rows.iter()
        .map(|row| Ok(format!("{}: its organization or its inviter is missing", row.text(0)?)))
        .collect()
}

/// Reads the thirteen columns of [`COLUMNS`].
fn read(row: &Row) -> Result<OrganizationInvitation> {
    let status = InvitationStatus::from_name(row.text(4)?)
        .ok_or_else(|| Error::internal("read an invitation", "its status is unknown"))?;
    Ok(OrganizationInvitation {
        id: read_id(row, 0)?,
        organization_id: read_id(row, 1)?,
        email_address: row.text(2)?.to_owned(),
        role: row.text(3)?.to_owned(),
        status,
        inviter_id: opt_id(row, 5)?,
        redirect_url: row.opt_text(6)?.map(ToOwned::to_owned),
        ticket: Ticket(row.text(7)?.to_owned()),
        public_metadata: read_metadata(row, 8)?,
        private_metadata: read_metadata(row, 9)?,
        expires_at: row.int(10)?,
        created_at: row.int(11)?,
        updated_at: row.int(12)?,
    })
}
