//! Where users live: SQLite or PostgreSQL behind one set of statements.
//!
//! Knows nothing of rules ("may this user…"), of HTTP, mail or webhooks. SQL
//! text lives here and nowhere else.

pub mod access_identifiers;
pub mod billing;
pub mod ceremonies;
mod conn;
pub mod credentials;
mod db;
mod directories;
pub mod emails;
mod error;
mod filter;
pub mod images;
pub mod imports;
pub mod instances;
pub mod invitations;
mod job;
pub mod jwt_templates;
mod many;
mod master_key;
pub mod memberships;
mod meta;
mod migrate;
pub mod oauth_access_tokens;
pub mod oauth_connections;
pub mod oauth_providers;
pub mod organization_invitations;
pub mod organizations;
mod origin;
pub mod outbox;
pub mod passkeys;
mod postgres;
mod queue;
pub mod redirect_urls;
pub mod roles;
#[cfg(test)]
mod scratch;
pub mod sessions;
mod settings;
pub mod signing_keys;
mod sqlite;
mod statement;
mod threads;
pub mod tickets;
pub mod transfer;
pub mod users;
mod value;
mod vault;
pub mod verifications;
pub mod waitlist_entries;
pub mod webhook_deliveries;
pub mod webhook_endpoints;

pub use crate::conn::Conn;
pub use crate::db::{Db, DbStats};
pub use crate::directories::DirectoryStats;
pub use crate::error::{Error, Result};
pub use crate::master_key::MasterKey;
pub use crate::migrate::schema_version;
pub use crate::origin::Origin;
pub use crate::settings::{
    DatabaseUrl, PostgresSettings, SqliteSettings, StoreSettings, Synchronous,
};
pub(crate) use crate::statement::statements;
pub use crate::statement::{Dialect, Statement};
pub use crate::value::{Param, Row};
pub(crate) use crate::value::{opt_id, params, read_id, read_metadata};
pub use crate::vault::{Vault, system_random};
