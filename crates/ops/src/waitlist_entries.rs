//! The waitlist: who wants to be invited, and what became of it.

mod change;
mod create;
mod list;

pub(crate) use self::change::save;
pub use self::change::{delete, invite, reject};
pub use self::create::{NewEntry, create};
pub use self::list::list;

/// The most entries of one request.
pub const MAX_BULK: usize = 50;
