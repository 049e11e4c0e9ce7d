//! Operations on organizations.

mod body;
mod create;
mod delete;
mod image;
mod list;
mod metadata;
mod update;
mod write;

use rollbook_domain::Problem;
use rollbook_wire::Code;

pub use self::body::{Found, Include, find, get, render};
pub(crate) use self::body::{full, hidden, view};
pub use self::create::{CreateOrganization, create};
pub use self::delete::{Deleted, delete};
pub use self::image::{delete_logo, set_logo};
pub use self::list::list;
pub use self::metadata::write_metadata;
pub use self::update::{UpdateOrganization, update};
pub(crate) use self::write::{lock, not_found};
use crate::{Error, Result, Tenant};

/// Refuses unless the instance has organizations.
pub fn require_enabled(tenant: &Tenant) -> Result<()> {
    if tenant.instance.settings.organizations.enabled {
        return Ok(());
    }
    Err(Error::refused(Problem::new(
        Code::OrganizationNotEnabledInInstance,
        "Organizations are not enabled for the instance.",
    )))
}
