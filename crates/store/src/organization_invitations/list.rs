//! Lists of invitations: a choice as SQL, by ids first and then the rows of the page alone.

use rollbook_domain::{
    InvitationFilter, InvitationOrder, InvitationStatus, OrganizationInvitation, Slice, User,
};
use rollbook_wire::Id;

use super::{COLUMNS, read};
use crate::filter::{Where, direction};
use crate::organizations::{self, StoredOrganization};
use crate::{Conn, Error, Param, Result, Row, params};

const TABLE: &str = "organization_invitations AS i";

/// An invitation with those it speaks of.
#[derive(Debug, Clone)]
pub struct InvitationRow {
    /// The invitation.
    pub invitation: OrganizationInvitation,
    /// What it invites to.
    pub organization: StoredOrganization,
    /// Who invited.
    pub inviter: Option<User>,
}

/// A part of the invitations that `filter` admits at `now`.
///
/// By creation, an index alone chooses the page of an instance, an organization
/// or an address, whatever its offset.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    filter: &InvitationFilter,
    now: i64,
    slice: Slice<InvitationOrder>,
) -> Result<Vec<InvitationRow>> {
    let sql = conditions(instance, filter, now);
    let column = match slice.key {
        InvitationOrder::CreatedAt => "created_at",
        InvitationOrder::EmailAddress => "email_address",
    };
    let direction = direction(slice.descending);
    let (condition, organization) = (sql.text.clone(), organizations::COLUMNS);
    let text = |limits: &str| {
        format!(
            "SELECT {COLUMNS}, {organization}, u.record FROM \
             (SELECT i.invitation_id FROM {TABLE} WHERE {condition} \
              ORDER BY i.{column} {direction}, i.invitation_id {direction} {limits}) AS p \
             JOIN {TABLE} ON i.instance_id = $1 AND i.invitation_id = p.invitation_id \
             JOIN organizations AS o ON o.instance_id = $1 \
                 AND o.organization_id = i.organization_id \
             LEFT JOIN users AS u ON u.instance_id = $1 AND u.user_id = i.inviter_id \
             ORDER BY i.{column} {direction}, i.invitation_id {direction}"
        )
    };
    let rows = sql.page(conn, text, (slice.limit, slice.offset))?;
    rows.iter().map(row).collect()
}

/// One invitation with those it speaks of.
pub(super) fn one(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<InvitationRow>> {
    let organization = organizations::COLUMNS;
    let text = format!(
        "SELECT {COLUMNS}, {organization}, u.record FROM {TABLE} \
         JOIN organizations AS o ON o.instance_id = $1 AND o.organization_id = i.organization_id \
         LEFT JOIN users AS u ON u.instance_id = $1 AND u.user_id = i.inviter_id \
         WHERE i.instance_id = $1 AND i.invitation_id = $2"
    );
    let rows = conn.query_text(&text, &params![instance.as_str(), id.as_str()])?;
    rows.first().map(row).transpose()
}

/// How many invitations `filter` admits at `now`, exactly.
pub fn count(
    conn: &mut Conn<'_>,
    instance: &Id,
    filter: &InvitationFilter,
    now: i64,
) -> Result<i64> {
    conditions(instance, filter, now).count(conn, TABLE)
}

fn conditions(instance: &Id, filter: &InvitationFilter, now: i64) -> Where {
    let mut sql = Where::of("i", instance);
    if let Some(id) = &filter.organization_id {
        sql.one_of("i.organization_id", &[id.to_string()]);
    }
    if let Some(addresses) = &filter.email_address {
        sql.one_of("i.email_address", addresses);
    }
    if let Some(query) = &filter.query {
        let text = sql.bind(Param::Contains(query.clone()));
        sql.and(&format!("{{contains i.email_address {text}}}"));
    }
    if !filter.status.is_empty() {
        // Written out: PostgreSQL cannot tell the type of a value that no condition uses.
        let now = now.to_string();
        let alternatives: Vec<String> =
            filter.status.iter().map(|status| has_status(*status, &now)).collect();
        sql.and(&format!("({})", alternatives.join(" OR ")));
    }
    sql
}

fn has_status(status: InvitationStatus, now: &str) -> String {
    match status {
        InvitationStatus::Pending => format!("(i.status = 'pending' AND i.expires_at > {now})"),
        InvitationStatus::Expired => format!("(i.status = 'pending' AND i.expires_at <= {now})"),
        InvitationStatus::Accepted => "i.status = 'accepted'".to_owned(),
        InvitationStatus::Revoked => "i.status = 'revoked'".to_owned(),
    }
}

fn row(row: &Row) -> Result<InvitationRow> {
    let inviter: Option<User> = row
        .opt_text(17)?
        .map(serde_json::from_str)
        .transpose()
        .map_err(|source| Error::internal("read a user's record", source))?;
    Ok(InvitationRow {
        invitation: read(row)?,
        organization: StoredOrganization::read(row, 13)?,
        inviter,
    })
}
