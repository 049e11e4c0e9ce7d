//! Which users belong to which organizations.

use rollbook_wire::Id;

use crate::{Conn, Result, params, statements};

statements! {
    INSERT = "INSERT INTO organization_memberships
            (instance_id, organization_id, user_id, created_at)
        VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

    DELETE_ALL = "DELETE FROM organization_memberships WHERE instance_id = $1 AND user_id = $2";
}

/// Makes a user a member of an organization.
pub fn insert(
    tx: &mut Conn<'_>,
    instance: &Id,
    organization: &str,
    user: &Id,
    now: i64,
) -> Result<()> {
    tx.execute(&INSERT, &params![instance.as_str(), organization, user.as_str(), now])?;
    Ok(())
}

/// Ends all memberships of a user.
pub fn delete_all(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    tx.execute(&DELETE_ALL, &params![instance.as_str(), user.as_str()])?;
    Ok(())
}
