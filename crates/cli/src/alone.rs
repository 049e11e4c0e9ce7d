//! The lock of an embedded store.

use std::fs::File;

use anyhow::{Context, Result};
use rollbook_store::{SqliteSettings, StoreSettings};

use crate::options::Settings;

/// A lock that one process at a time has on an embedded store: a server would not hear of
/// another's changes, and answer from memory what is no longer true.
///
/// `otherwise` says what to do when a server or an import has it. On PostgreSQL there is none.
pub(crate) fn lock(settings: &Settings, otherwise: &str) -> Result<Option<File>> {
    let StoreSettings::Sqlite(SqliteSettings { path: Some(path), .. }) = &settings.store else {
        return Ok(None);
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("failed to create {}", folder.display()))?;
    }
    let mut lock = path.clone().into_os_string();
    lock.push(".lock");
    let file = File::create(lock).context("failed to open the lock of the store")?;
    file.try_lock()
        .with_context(|| format!("another process uses {}: {otherwise}", path.display()))?;
    Ok(Some(file))
}
