//! Roles in organizations: the one place that knows which there are.

mod body;
mod create;
mod delete;
mod update;
mod write;

pub(crate) use self::body::permissions;
pub use self::body::{by_id, get, list};
pub use self::create::{CreateRole, create};
pub use self::delete::delete;
pub use self::update::{UpdateRole, assign_permission, remove_permission, update};
pub(crate) use self::write::{Held, change, key_taken};

use rollbook_domain::{Problem, Role};
use rollbook_store::{Conn, roles};
use rollbook_wire::{Code, Id};

use crate::{Error, Result};

/// The role with this key, such as `org:admin`.
///
/// It stays as it is until the transaction ends if that holds the instance.
pub fn find(conn: &mut Conn<'_>, instance: &Id, key: &str) -> Result<Option<Role>> {
    Ok(all(conn, instance)?.into_iter().find(|role| role.key == key))
}

/// The role with the key that a caller gave as `role`; 404 if there is none.
pub fn required(conn: &mut Conn<'_>, instance: &Id, key: &str) -> Result<Role> {
    find(conn, instance, key)?.ok_or_else(|| {
        Error::refused(Problem::param(
            Code::ResourceNotFound,
            "role",
            format!("No role of organizations was found with key {key}."),
        ))
    })
}

/// Every role of the instance, the built-in ones included, in no order.
///
/// There are as many as `max_allowed_roles` says, so all are read at once.
pub fn all(conn: &mut Conn<'_>, instance: &Id) -> Result<Vec<Role>> {
    let own = roles::all(conn, instance)?;
    let created_at = if own.is_empty() { roles::built_in_at(conn, instance)? } else { 0 };
    Ok(built_in_or(own, created_at))
}

/// An instance that has no role of its own has those that are built in.
fn built_in_or(own: Vec<Role>, created_at: i64) -> Vec<Role> {
    if own.is_empty() { Role::built_in(created_at).to_vec() } else { own }
}

/// Of several, the one with this key.
pub fn named<'a>(roles: &'a [Role], key: &str) -> Option<&'a Role> {
    roles.iter().find(|role| role.key == key)
}

/// The keys of those whose holders can run an organization.
pub fn elevated(roles: &[Role]) -> Vec<String> {
    roles.iter().filter(|role| role.is_elevated()).map(|role| role.key.clone()).collect()
}
