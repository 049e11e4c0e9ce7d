//! Which engine to use and how, as plain values that the command line fills in.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::{Error, Result};

/// Everything [`Db::open`](crate::Db::open) needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreSettings {
    /// The embedded engine.
    Sqlite(SqliteSettings),
    /// A PostgreSQL server.
    Postgres(PostgresSettings),
}

/// When a commit counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// Once it is on the disk: an answered write survives a loss of power.
    #[default]
    Full,
    /// Once it is with the operating system: a loss of power may take the last
    /// answered writes, a crash of the process may not.
    Normal,
}

/// How to run the embedded engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteSettings {
    /// The file, made when missing; none for a store that is gone when closed.
    pub path: Option<PathBuf>,
    /// When a commit counts as done.
    pub synchronous: Synchronous,
    /// The most page cache of one connection, in mebibytes; it is taken as needed.
    pub cache_mb: u32,
    /// Threads for lists and counts, and connections for point reads.
    pub readers: usize,
}

impl SqliteSettings {
    /// A store in the file at `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: Some(path.into()), ..Self::in_memory() }
    }

    /// A store that is empty at the start and gone at the end; for tests.
    ///
    /// It lies in a private temporary folder and is never synced, so that it
    /// runs the very code of a real one at the speed of memory.
    pub fn in_memory() -> Self {
        Self { path: None, synchronous: Synchronous::Full, cache_mb: 32, readers: cores() }
    }
}

/// How to reach a PostgreSQL server.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresSettings {
    /// `postgres://…`, with libpq's parameters; holds the password.
    pub url: String,
    /// Connections for transactions that write, one thread each.
    pub write_connections: usize,
    /// Connections for lists and counts, one thread each.
    pub read_connections: usize,
    /// Connections that all point reads share.
    pub point_connections: usize,
    /// After this long the server gives a statement up.
    pub statement_timeout: Duration,
}

impl PostgresSettings {
    /// The defaults for the server at `url`.
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            write_connections: 8,
            read_connections: cores().max(2),
            point_connections: cores().clamp(1, 4),
            statement_timeout: Duration::from_secs(30),
        }
    }
}

impl fmt::Debug for PostgresSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresSettings")
            .field("url", &"…")
            .field("write_connections", &self.write_connections)
            .field("read_connections", &self.read_connections)
            .field("point_connections", &self.point_connections)
            .field("statement_timeout", &self.statement_timeout)
            .finish()
    }
}

/// What `--database` names.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`
    Sqlite(PathBuf),
    /// `sqlite::memory:`
    SqliteInMemory,
    /// `postgres://…` or `postgresql://…`, whole.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH`, `sqlite::memory:`, `postgres://…` or `postgresql://…`.
    pub fn parse(text: &str) -> Result<Self> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
        match path {
            Some(":memory:") => Ok(Self::SqliteInMemory),
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(_) | None => Err(Error::Misconfigured(
                "the database must be sqlite:PATH or postgres://USER@HOST:PORT/NAME".to_owned(),
            )),
        }
    }

    /// The default settings for this database.
    pub fn settings(&self) -> StoreSettings {
        match self {
            Self::Sqlite(path) => StoreSettings::Sqlite(SqliteSettings::at(path)),
            Self::SqliteInMemory => StoreSettings::Sqlite(SqliteSettings::in_memory()),
            Self::Postgres(url) => StoreSettings::Postgres(PostgresSettings::at(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::SqliteInMemory => f.write_str("sqlite::memory:"),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_file_memory_or_a_server() {
        let parse = |text| DatabaseUrl::parse(text).unwrap();
        assert_eq!(parse("sqlite:a/b.db"), DatabaseUrl::Sqlite("a/b.db".into()));
        assert_eq!(parse("sqlite:///a/b.db"), DatabaseUrl::Sqlite("/a/b.db".into()));
        assert_eq!(parse("sqlite::memory:"), DatabaseUrl::SqliteInMemory);
        assert_eq!(parse("postgres://h/d"), DatabaseUrl::Postgres("postgres://h/d".into()));
        for wrong in ["", "sqlite:", "mysql://h/d", "a.db"] {
            assert!(DatabaseUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_in_the_url_is_never_shown() {
        let url = DatabaseUrl::parse("postgres://u:hunter2@h/d").unwrap();
        let shown = format!("{url:?} {:?}", url.settings());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
