//! Operations on memberships of organizations.

mod body;
mod create;
mod delete;
mod list;
mod metadata;
mod update;
mod write;

pub use self::body::{Member, render};
pub(crate) use self::body::{Told, tell};
pub use self::create::{CreateMembership, create};
pub(crate) use self::create::{NewMember, add, already_a_member, check_room};
pub use self::delete::delete;
pub(crate) use self::delete::leave_all;
pub use self::list::list;
pub use self::metadata::write_metadata;
pub use self::update::update;
