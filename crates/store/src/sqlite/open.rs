//! Where the store lies, and the connections to it.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::exec::driver;
use crate::settings::{SqliteSettings, Synchronous};
use crate::{Error, Result};

/// How long to wait for another process, such as a command beside the server.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Enough for every statement there is and the usual shapes of lists.
const CACHED_STATEMENTS: usize = 192;

/// What the WAL file shrinks to when it starts anew.
const WAL_KEPT_BYTES: u64 = 64 << 20;

/// The file of a store; a temporary one is deleted with the last user of this.
pub(super) struct Place {
    path: PathBuf,
    synchronous: &'static str,
    cache_kib: i64,
    _folder: Option<TempDir>,
}

impl Place {
    /// Makes the folder and an empty file where they are missing.
    pub(super) fn prepare(settings: &SqliteSettings) -> Result<Self> {
        let cache_kib = i64::from(settings.cache_mb) * 1024;
        let Some(path) = &settings.path else {
            let folder = tempfile::Builder::new().prefix("rollbook-").tempdir();
            let folder = folder.map_err(Error::unavailable)?;
            let path = folder.path().join("rollbook.db");
            create_private(&path).map_err(Error::unavailable)?;
            return Ok(Self { path, synchronous: "OFF", cache_kib, _folder: Some(folder) });
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::unavailable)?;
        }
        create_private(path).map_err(Error::unavailable)?;
        let synchronous = match settings.synchronous {
            Synchronous::Full => "FULL",
            Synchronous::Normal => "NORMAL",
        };
        Ok(Self { path: path.clone(), synchronous, cache_kib, _folder: None })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The connection that writes, and whose commits never checkpoint.
    pub(super) fn open_writer(&self) -> Result<Connection> {
        let connection = self.open(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let set_up = || {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "journal_size_limit", WAL_KEPT_BYTES.cast_signed())?;
            connection.pragma_update(None, "synchronous", self.synchronous)?;
            connection.pragma_update(None, "wal_autocheckpoint", 0)
        };
        set_up().map_err(|source| match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                Error::Locked(std::sync::Arc::new(source))
            }
            _ => driver(source),
        })?;
        Ok(connection)
    }

    /// A connection that cannot write.
    pub(super) fn open_reader(&self) -> Result<Connection> {
        self.open(OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    fn open(&self, mode: OpenFlags) -> Result<Connection> {
        let connection =
            Connection::open_with_flags(&self.path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                .map_err(driver)?;
        let set_up = || {
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
            connection.pragma_update(None, "cache_size", -self.cache_kib)?;
            connection.pragma_update(None, "temp_store", "MEMORY")?;
            connection.pragma_update(None, "trusted_schema", false)?;
            connection.pragma_update(None, "foreign_keys", false)
        };
        set_up().map_err(driver)?;
        Ok(connection)
    }
}

/// Makes the file, for its owner's eyes only; SQLite gives its companions the same mode.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
