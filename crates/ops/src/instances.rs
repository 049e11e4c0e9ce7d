//! Operations on instances and their secret keys.

mod create;
mod delete;
mod fork;
mod keys;
mod update;

pub use self::create::{CreateInstance, Created, create, ensure_first, first};
pub use self::delete::{delete, reset};
pub use self::fork::fork;
pub use self::keys::{NewKey, create_key, revoke_key, rotate_key};
pub use self::update::{UpdateInstance, update};

use std::sync::Arc;

use rollbook_wire::Id;

use crate::{Ctx, Error, Result, Tenant};

/// The instance with this id.
pub fn get(ctx: &Ctx, id: &Id) -> Result<Arc<Tenant>> {
    ctx.catalog.by_id(id).ok_or_else(|| not_found(id))
}

fn not_found(id: &Id) -> Error {
    Error::not_found("instance", id.as_str())
}
