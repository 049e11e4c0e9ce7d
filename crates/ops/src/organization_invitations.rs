//! Operations on invitations to organizations.

mod accept;
mod body;
mod create;
mod list;
mod revoke;
mod write;

pub use self::accept::accept;
pub use self::body::{Invitation, get, render, render_with_organization};
pub use self::create::{CreateInvitation, MAX_BULK, create};
pub use self::list::{list, list_of_user};
pub use self::revoke::revoke;
