//! Organizations: one row each, whose record is all but what changes with its members.

mod list;

use rollbook_domain::Organization;
use rollbook_wire::Id;

pub use self::list::{count, page};
use crate::{Conn, Db, Error, Param, Result, Row, params, statements};

/// The columns of [`StoredOrganization::read`], of an organization that is called `o`.
pub(crate) const COLUMNS: &str = "o.record, o.created_by, o.members_count, o.last_active_at";

statements! {
    ORGANIZATION_BY_ID = "SELECT record, created_by, members_count, last_active_at
        FROM organizations WHERE instance_id = $1 AND organization_id = $2";

    ORGANIZATION_BY_SLUG = "SELECT record, created_by, members_count, last_active_at
        FROM organizations WHERE instance_id = $1 AND slug = $2";

    LOCK_ORGANIZATION = "SELECT record, created_by, members_count, last_active_at
        FROM organizations WHERE instance_id = $1 AND organization_id = $2 {for_update}";

    /// All that the deletion of a user changes.
    LOCK_OF_USER = "SELECT record, created_by, members_count, last_active_at
        FROM organizations WHERE instance_id = $1 AND (created_by = $2 OR organization_id IN
            (SELECT organization_id FROM organization_memberships
             WHERE instance_id = $1 AND user_id = $2))
        ORDER BY organization_id {for_update}";

    /// No row is inserted when the slug is taken.
    INSERT_ORGANIZATION = "INSERT INTO organizations (instance_id, organization_id, record, slug,
            name, search, created_at, created_by, members_count)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) ON CONFLICT DO NOTHING";

    /// No row is changed when another organization has the slug; see [`save`].
    SAVE_ORGANIZATION = "UPDATE organizations SET record = $3, slug = $4, name = $5, search = $6,
            created_at = $7 WHERE instance_id = $1 AND organization_id = $2";

    CLAIM_SLUG = "SELECT 1 FROM organizations
        WHERE instance_id = $1 AND slug = $2 AND organization_id <> $3";

    COUNT_MEMBERS = "UPDATE organizations SET members_count = members_count + $3
        WHERE instance_id = $1 AND organization_id = $2";

    COUNT_CREATED = "SELECT COUNT(*) FROM organizations WHERE instance_id = $1 AND created_by = $2";

    FORGET_CREATOR = "UPDATE organizations SET created_by = NULL
        WHERE instance_id = $1 AND created_by = $2";

    NOTE_ACTIVITY = "UPDATE organizations SET last_active_at = $3
        WHERE instance_id = $1 AND organization_id = $2
            AND (last_active_at IS NULL OR last_active_at < $3)";

    DELETE_ORGANIZATION = "DELETE FROM organizations WHERE instance_id = $1 AND organization_id = $2";

    /// For `doctor`: counts that are wrong, and creators that are gone.
    WRONG_ORGANIZATIONS = "SELECT organization_id FROM organizations AS o WHERE o.instance_id = $1
        AND (o.members_count <> (SELECT COUNT(*) FROM organization_memberships AS m
                WHERE m.instance_id = o.instance_id AND m.organization_id = o.organization_id)
            OR (o.created_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users AS u
                WHERE u.instance_id = o.instance_id AND u.user_id = o.created_by))) LIMIT $2";
}

/// An organization as a row holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredOrganization {
    /// The record.
    pub organization: Organization,
    /// `user_…`; none when the creator is gone.
    pub created_by: Option<Id>,
    /// Exact.
    pub members_count: i64,
    /// Latest activity of a session in it.
    pub last_active_at: Option<i64>,
}

impl StoredOrganization {
    /// Reads the four columns of [`COLUMNS`], of which `first` is the first.
    pub(crate) fn read(row: &Row, first: usize) -> Result<Self> {
        let organization = serde_json::from_str(row.text(first)?)
            .map_err(|source| Error::internal("read an organization's record", source))?;
        Ok(Self {
            organization,
            created_by: crate::opt_id(row, first + 1)?,
            members_count: row.int(first + 2)?,
            last_active_at: row.opt_int(first + 3)?,
        })
    }
}

/// The organization with this id.
pub async fn by_id(db: &Db, instance: &Id, id: &Id) -> Result<Option<StoredOrganization>> {
    let row = db.one(&ORGANIZATION_BY_ID, &params![instance.as_str(), id.as_str()]).await?;
    row.map(|row| StoredOrganization::read(&row, 0)).transpose()
}

/// The same within a transaction or a snapshot.
pub fn find(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<StoredOrganization>> {
    let row = conn.query_one(&ORGANIZATION_BY_ID, &params![instance.as_str(), id.as_str()])?;
    row.map(|row| StoredOrganization::read(&row, 0)).transpose()
}

/// The organization with this slug.
pub async fn by_slug(db: &Db, instance: &Id, slug: &str) -> Result<Option<StoredOrganization>> {
    let row = db.one(&ORGANIZATION_BY_SLUG, &params![instance.as_str(), slug]).await?;
    row.map(|row| StoredOrganization::read(&row, 0)).transpose()
}

/// Whether there is an organization with this id.
pub fn exists(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<bool> {
    let found = conn.query_one(&ORGANIZATION_BY_ID, &params![instance.as_str(), id.as_str()])?;
    Ok(found.is_some())
}

/// The organization with this id, held against other writers until the transaction ends.
pub fn lock(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<StoredOrganization>> {
    let row = tx.query_one(&LOCK_ORGANIZATION, &params![instance.as_str(), id.as_str()])?;
    row.map(|row| StoredOrganization::read(&row, 0)).transpose()
}

/// What a user made or is a member of, in the order of their ids, held like [`lock`].
pub fn lock_of_user(
    tx: &mut Conn<'_>,
    instance: &Id,
    user: &Id,
) -> Result<Vec<StoredOrganization>> {
    let rows = tx.query(&LOCK_OF_USER, &params![instance.as_str(), user.as_str()])?;
    rows.iter().map(|row| StoredOrganization::read(row, 0)).collect()
}

/// Writes a new organization without members; false if its slug is taken.
pub fn insert(
    tx: &mut Conn<'_>,
    instance: &Id,
    organization: &Organization,
    created_by: Option<&Id>,
) -> Result<bool> {
    let mut values = columns(instance, organization)?;
    values.push(created_by.map(Id::as_str).into());
    Ok(tx.execute(&INSERT_ORGANIZATION, &values)? == 1)
}

/// Writes a changed organization, which the transaction holds; false if its slug is taken.
pub fn save(tx: &mut Conn<'_>, instance: &Id, organization: &Organization) -> Result<bool> {
    let (id, slug) = (organization.id.as_str(), organization.slug.as_str());
    if tx.query_one(&CLAIM_SLUG, &params![instance.as_str(), slug, id])?.is_some() {
        return Ok(false);
    }
    tx.execute(&SAVE_ORGANIZATION, &columns(instance, organization)?)?;
    Ok(true)
}

/// Notes that so many members came, or went.
pub fn count_members(tx: &mut Conn<'_>, instance: &Id, id: &Id, change: i64) -> Result<()> {
    tx.execute(&COUNT_MEMBERS, &params![instance.as_str(), id.as_str(), change])?;
    Ok(())
}

/// How many organizations a user has made that still exist.
pub fn count_created(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<i64> {
    let row = tx.query_one(&COUNT_CREATED, &params![instance.as_str(), user.as_str()])?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// Forgets that a user has made organizations.
pub fn forget_creator(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    tx.execute(&FORGET_CREATOR, &params![instance.as_str(), user.as_str()])?;
    Ok(())
}

/// Notes that a session was active in an organization.
pub fn note_activity(tx: &mut Conn<'_>, instance: &Id, id: &Id, now: i64) -> Result<()> {
    tx.execute(&NOTE_ACTIVITY, &params![instance.as_str(), id.as_str(), now])?;
    Ok(())
}

/// Deletes an organization; what hangs on it is deleted by its own table.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<()> {
    tx.execute(&DELETE_ORGANIZATION, &params![instance.as_str(), id.as_str()])?;
    Ok(())
}

/// Organizations whose count or creator is wrong; for `doctor`.
pub fn wrong(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let rows = conn.query(&WRONG_ORGANIZATIONS, &params![instance.as_str(), limit])?;
    rows.iter()
        .map(|row| Ok(format!("{}: its members or its creator are others", row.text(0)?)))
        .collect()
}

/// The parameters `$1` to `$7` of the statements that write an organization.
fn columns<'a>(instance: &'a Id, organization: &'a Organization) -> Result<Vec<Param<'a>>> {
    let record = serde_json::to_string(organization)
        .map_err(|source| Error::internal("write an organization's record", source))?;
    Ok(params![
        instance.as_str(),
        organization.id.as_str(),
        record,
        organization.slug.as_str(),
        organization.folded_name(),
        organization.search_text(),
        organization.created_at,
    ]
    .into())
}
