//! Invitations to the application.

mod accept;
mod create;
mod list;
mod revoke;

pub(crate) use self::accept::accept;
pub use self::create::{CreateInvitation, Template, create, create_bulk};
pub(crate) use self::create::{Existing, add, check};
pub use self::list::{count, list};
pub use self::revoke::revoke;

/// The most invitations of one request.
pub const MAX_BULK: usize = 10;
