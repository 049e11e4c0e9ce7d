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

use rollbook_store::Db;
use rollbook_wire::Id;

use crate::{Ctx, Error, Result, Tenant};

/// The instance with this id.
pub fn get(ctx: &Ctx, id: &Id) -> Result<Arc<Tenant>> {
    ctx.catalog.by_id(id).ok_or_else(|| not_found(id))
}

/// After very many rows came; what came is in, whatever becomes of this.
pub(crate) async fn gather_statistics(db: &Db) {
    if let Err(error) = rollbook_store::instances::gather_statistics(db).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "the database could not count what its tables hold now");
    }
}

fn not_found(id: &Id) -> Error {
    Error::not_found("instance", id.as_str())
}
