//! Where users live: SQLite or PostgreSQL behind one set of statements.
//!
//! Knows nothing of rules ("may this user…"), of HTTP, mail or webhooks. SQL
//! text lives here and nowhere else.

pub mod billing;
pub mod ceremonies;
mod conn;
pub mod credentials;
mod db;
pub mod emails;
mod error;
pub mod images;
pub mod instances;
mod job;
mod master_key;
pub mod memberships;
mod meta;
mod migrate;
pub mod oauth_access_tokens;
mod origin;
pub mod outbox;
pub mod passkeys;
mod postgres;
mod queue;
pub mod roles;
#[cfg(test)]
mod scratch;
pub mod sessions;
mod settings;
mod sqlite;
mod statement;
mod threads;
pub mod users;
mod value;
mod vault;
pub mod verifications;

pub use crate::conn::Conn;
pub use crate::db::{Db, DbStats};
pub use crate::error::{Error, Result};
pub use crate::master_key::MasterKey;
pub use crate::origin::Origin;
pub use crate::settings::{
    DatabaseUrl, PostgresSettings, SqliteSettings, StoreSettings, Synchronous,
};
pub(crate) use crate::statement::statements;
pub use crate::statement::{Dialect, Statement};
pub(crate) use crate::value::params;
pub use crate::value::{Param, Row};
pub use crate::vault::{Vault, system_random};
