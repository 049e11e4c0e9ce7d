//! Accounts at OAuth providers that users have connected.

mod add;
mod delete;
mod import;

pub use self::delete::delete;
pub use self::import::{ImportExternalAccount, import};
