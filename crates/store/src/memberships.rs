//! Which users belong to which organizations, and as what.

mod list;

use rollbook_domain::{Membership, User};
use rollbook_wire::Id;

pub use self::list::{count, page};
use crate::organizations::StoredOrganization;
use crate::{Conn, Result, Row, params, read_id, read_metadata, statements};

/// The columns of [`read`], of a membership that is called `m`.
const COLUMNS: &str = "m.membership_id, m.organization_id, m.user_id, m.role, m.public_metadata, \
    m.private_metadata, m.created_at, m.updated_at";

statements! {
    MEMBERSHIP_OF = "SELECT m.membership_id, m.organization_id, m.user_id, m.role,
            m.public_metadata, m.private_metadata, m.created_at, m.updated_at
        FROM organization_memberships AS m
        WHERE m.instance_id = $1 AND m.organization_id = $2 AND m.user_id = $3";

    /// No row is inserted when the user is a member already.
    INSERT_MEMBERSHIP = "INSERT INTO organization_memberships (instance_id, organization_id,
            user_id, membership_id, role, public_metadata, private_metadata, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";

    SAVE_MEMBERSHIP = "UPDATE organization_memberships SET role = $4, public_metadata = $5,
            private_metadata = $6, updated_at = $7
        WHERE instance_id = $1 AND organization_id = $2 AND user_id = $3";

    DELETE_MEMBERSHIP = "DELETE FROM organization_memberships
        WHERE instance_id = $1 AND organization_id = $2 AND user_id = $3";

    DELETE_OF_USER = "DELETE FROM organization_memberships WHERE instance_id = $1 AND user_id = $2";

    DELETE_OF_ORGANIZATION = "DELETE FROM organization_memberships
        WHERE instance_id = $1 AND organization_id = $2";

    MEMBERSHIPS_OF_USER = "SELECT m.membership_id, m.organization_id, m.user_id, m.role,
            m.public_metadata, m.private_metadata, m.created_at, m.updated_at
        FROM organization_memberships AS m WHERE m.instance_id = $1 AND m.user_id = $2
        ORDER BY m.organization_id";

    MEMBERSHIPS_OF_ORGANIZATION = "SELECT m.membership_id, m.organization_id, m.user_id, m.role,
            m.public_metadata, m.private_metadata, m.created_at, m.updated_at
        FROM organization_memberships AS m WHERE m.instance_id = $1 AND m.organization_id = $2
        ORDER BY m.user_id";

    /// A member with one of the roles, other than one user.
    ANOTHER_WITH_ROLE = "SELECT user_id FROM organization_memberships
        WHERE instance_id = $1 AND organization_id = $2 AND role {in $3} AND user_id <> $4 LIMIT 1";

    /// For `doctor`: memberships of nobody or in nothing.
    ORPHANED_MEMBERSHIPS = "SELECT m.membership_id FROM organization_memberships AS m
        WHERE m.instance_id = $1 AND (NOT EXISTS (SELECT 1 FROM users AS u
                WHERE u.instance_id = m.instance_id AND u.user_id = m.user_id)
            OR NOT EXISTS (SELECT 1 FROM organizations AS o
                WHERE o.instance_id = m.instance_id AND o.organization_id = m.organization_id))
        LIMIT $2";
}

/// A membership with those it connects.
#[derive(Debug, Clone)]
pub struct MembershipRow {
    /// The membership.
    pub membership: Membership,
    /// What it is in.
    pub organization: StoredOrganization,
    /// Whose it is.
    pub user: User,
}

/// The membership of a user in an organization.
pub fn of(
    conn: &mut Conn<'_>,
    instance: &Id,
    organization: &Id,
    user: &Id,
) -> Result<Option<Membership>> {
    let found = conn.query_one(
        &MEMBERSHIP_OF,
        &params![instance.as_str(), organization.as_str(), user.as_str()],
    )?;
    found.as_ref().map(read).transpose()
}

/// Writes a new membership; false if the user is a member already.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, membership: &Membership) -> Result<bool> {
    let inserted = tx.execute(
        &INSERT_MEMBERSHIP,
        &params![
            instance.as_str(),
            membership.organization_id.as_str(),
            membership.user_id.as_str(),
            membership.id.as_str(),
            membership.role.as_str(),
            membership.public_metadata.as_str(),
            membership.private_metadata.as_str(),
            membership.created_at,
            membership.updated_at,
        ],
    )?;
    Ok(inserted == 1)
}

/// Writes a changed membership, whose organization the transaction holds.
pub fn save(tx: &mut Conn<'_>, instance: &Id, membership: &Membership) -> Result<()> {
    tx.execute(
        &SAVE_MEMBERSHIP,
        &params![
            instance.as_str(),
            membership.organization_id.as_str(),
            membership.user_id.as_str(),
            membership.role.as_str(),
            membership.public_metadata.as_str(),
            membership.private_metadata.as_str(),
            membership.updated_at,
        ],
    )?;
    Ok(())
}

/// Deletes the membership of a user in an organization.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, organization: &Id, user: &Id) -> Result<()> {
    tx.execute(
        &DELETE_MEMBERSHIP,
        &params![instance.as_str(), organization.as_str(), user.as_str()],
    )?;
    Ok(())
}

/// All memberships of a user.
pub fn all_of_user(conn: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<Vec<Membership>> {
    let rows = conn.query(&MEMBERSHIPS_OF_USER, &params![instance.as_str(), user.as_str()])?;
    rows.iter().map(read).collect()
}

/// All memberships in an organization, in the order of the users' ids.
pub fn all_of_organization(
    conn: &mut Conn<'_>,
    instance: &Id,
    organization: &Id,
) -> Result<Vec<Membership>> {
    let values = params![instance.as_str(), organization.as_str()];
    conn.query(&MEMBERSHIPS_OF_ORGANIZATION, &values)?.iter().map(read).collect()
}

/// Ends all memberships of a user.
pub fn delete_of_user(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    tx.execute(&DELETE_OF_USER, &params![instance.as_str(), user.as_str()])?;
    Ok(())
}

/// Ends all memberships in an organization.
pub fn delete_of_organization(tx: &mut Conn<'_>, instance: &Id, organization: &Id) -> Result<()> {
    tx.execute(&DELETE_OF_ORGANIZATION, &params![instance.as_str(), organization.as_str()])?;
    Ok(())
}

/// Whether anyone but `user` has one of these roles in the organization.
pub fn has_another(
    conn: &mut Conn<'_>,
    instance: &Id,
    organization: &Id,
    roles: Vec<String>,
    user: Option<&Id>,
) -> Result<bool> {
    // No user has an empty id.
    let user = user.map_or("", Id::as_str);
    let found = conn.query_one(
        &ANOTHER_WITH_ROLE,
        &params![instance.as_str(), organization.as_str(), roles, user],
    )?;
    Ok(found.is_some())
}

/// Memberships of users or in organizations that do not exist; for `doctor`.
pub fn orphans(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let rows = conn.query(&ORPHANED_MEMBERSHIPS, &params![instance.as_str(), limit])?;
    rows.iter()
        .map(|row| Ok(format!("{}: its user or its organization is missing", row.text(0)?)))
        .collect()
}

/// Reads the eight columns of [`COLUMNS`].
fn read(row: &Row) -> Result<Membership> {
    Ok(Membership {
        id: read_id(row, 0)?,
        organization_id: read_id(row, 1)?,
        user_id: read_id(row, 2)?,
        role: row.text(3)?.to_owned(),
        public_metadata: read_metadata(row, 4)?,
        private_metadata: read_metadata(row, 5)?,
        created_at: row.int(6)?,
        updated_at: row.int(7)?,
    })
}
