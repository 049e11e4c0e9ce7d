//! Accounts at OAuth providers that users have connected.

mod add;
mod callback;
mod connect;
mod delete;
mod import;

pub use self::callback::{Callback, Finished, finish};
pub use self::connect::{ConnectExternalAccount, Started, connect};
pub use self::delete::delete;
pub(crate) use self::import::checked;
pub use self::import::{ImportExternalAccount, import};
