//! Where a test's server keeps its data.

use rollbook_store::{SqliteSettings, StoreSettings};
use tempfile::TempDir;

use crate::postgres;

/// One of the two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A database file in a temporary folder, as real as in production.
    Sqlite,
    /// The cluster that `ROLLBOOK_TEST_POSTGRES` names.
    Postgres,
}

impl Engine {
    /// A place for one server's data; `None` if this engine is to be left out.
    pub(crate) async fn store(self, folder: &TempDir) -> Option<StoreSettings> {
        match self {
            Self::Sqlite => Some(StoreSettings::Sqlite(SqliteSettings {
                cache_mb: 4,
                readers: 2,
                ..SqliteSettings::at(folder.path().join("rollbook.db"))
            })),
            Self::Postgres => postgres::settings().await.map(StoreSettings::Postgres),
        }
    }

    /// The same, but with nothing in it on either engine.
    pub(crate) async fn empty_store(self, folder: &TempDir) -> Option<StoreSettings> {
        match self {
            Self::Sqlite => self.store(folder).await,
            Self::Postgres => postgres::empty().await.map(StoreSettings::Postgres),
        }
    }
}
