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
