//! Roles and permissions of organizations.
//!
//! An instance without a single role has the built-in ones; the first change of any
//! writes them all. Whoever writes here holds the instance alone, whoever relies on
//! a role holds it together with others.

use rollbook_domain::{Permission, Role};
use rollbook_wire::Id;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Conn, Error, Result, params, statements};

statements! {
    ALL_ROLES = "SELECT record FROM organization_roles WHERE instance_id = $1";

    SAVE_ROLE = "INSERT INTO organization_roles (instance_id, role_id, record) VALUES ($1, $2, $3)
        ON CONFLICT (instance_id, role_id) DO UPDATE SET record = excluded.record";

    DELETE_ROLE = "DELETE FROM organization_roles WHERE instance_id = $1 AND role_id = $2";

    ALL_PERMISSIONS = "SELECT record FROM organization_permissions WHERE instance_id = $1";

    SAVE_PERMISSION = "INSERT INTO organization_permissions (instance_id, permission_id, record)
        VALUES ($1, $2, $3)
        ON CONFLICT (instance_id, permission_id) DO UPDATE SET record = excluded.record";

    DELETE_PERMISSION = "DELETE FROM organization_permissions
        WHERE instance_id = $1 AND permission_id = $2";

    HAS_MEMBERS = "SELECT 1 FROM organization_memberships
        WHERE instance_id = $1 AND role = $2 LIMIT 1";

    HAS_INVITATIONS = "SELECT 1 FROM organization_invitations
        WHERE instance_id = $1 AND role = $2 AND status = 'pending' AND expires_at > $3 LIMIT 1";

    RENAME_IN_MEMBERSHIPS = "UPDATE organization_memberships SET role = $3
        WHERE instance_id = $1 AND role = $2";

    RENAME_IN_INVITATIONS = "UPDATE organization_invitations SET role = $3
        WHERE instance_id = $1 AND role = $2";

    CREATED_AT = "SELECT created_at FROM instances WHERE instance_id = $1";
}

/// Every role of an instance, in no order; empty until one was changed.
pub fn all(conn: &mut Conn<'_>, instance: &Id) -> Result<Vec<Role>> {
    conn.query(&ALL_ROLES, &params![instance.as_str()])?
        .iter()
        .map(|row| read(row.text(0)?))
        .collect()
}

/// Writes a role, new or changed.
pub fn save(tx: &mut Conn<'_>, instance: &Id, role: &Role) -> Result<()> {
    let record = write(role)?;
    tx.execute(&SAVE_ROLE, &params![instance.as_str(), role.id.as_str(), record])?;
    Ok(())
}

/// Deletes a role.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, role: &Id) -> Result<()> {
    tx.execute(&DELETE_ROLE, &params![instance.as_str(), role.as_str()])?;
    Ok(())
}

/// Whether any member has the role with this key.
pub fn has_members(tx: &mut Conn<'_>, instance: &Id, key: &str) -> Result<bool> {
    Ok(tx.query_one(&HAS_MEMBERS, &params![instance.as_str(), key])?.is_some())
}

/// Whether an invitation that can be accepted at `now` names the role with this key.
pub fn has_invitations(tx: &mut Conn<'_>, instance: &Id, key: &str, now: i64) -> Result<bool> {
    Ok(tx.query_one(&HAS_INVITATIONS, &params![instance.as_str(), key, now])?.is_some())
}

/// Gives members and invitations the new key of their role.
pub fn rename(tx: &mut Conn<'_>, instance: &Id, from: &str, to: &str) -> Result<()> {
    for statement in [&RENAME_IN_MEMBERSHIPS, &RENAME_IN_INVITATIONS] {
        tx.execute(statement, &params![instance.as_str(), from, to])?;
    }
    Ok(())
}

/// Every permission of an instance that is not the system's, in no order.
pub fn permissions(conn: &mut Conn<'_>, instance: &Id) -> Result<Vec<Permission>> {
    conn.query(&ALL_PERMISSIONS, &params![instance.as_str()])?
        .iter()
        .map(|row| read(row.text(0)?))
        .collect()
}

/// Writes a permission, new or changed.
pub fn save_permission(tx: &mut Conn<'_>, instance: &Id, permission: &Permission) -> Result<()> {
    let record = write(permission)?;
    tx.execute(&SAVE_PERMISSION, &params![instance.as_str(), permission.id.as_str(), record])?;
    Ok(())
}

/// Deletes a permission.
pub fn delete_permission(tx: &mut Conn<'_>, instance: &Id, permission: &Id) -> Result<()> {
    tx.execute(&DELETE_PERMISSION, &params![instance.as_str(), permission.as_str()])?;
    Ok(())
}

/// When the instance was made, and with it what is built in; 0 if it is gone.
pub fn built_in_at(conn: &mut Conn<'_>, instance: &Id) -> Result<i64> {
    conn.query_one(&CREATED_AT, &params![instance.as_str()])?.map_or(Ok(0), |row| row.int(0))
}

fn read<T: DeserializeOwned>(record: &str) -> Result<T> {
    serde_json::from_str(record).map_err(|source| Error::internal("read a role's record", source))
}

fn write(record: &impl Serialize) -> Result<String> {
    serde_json::to_string(record).map_err(|source| Error::internal("write a role's record", source))
}
