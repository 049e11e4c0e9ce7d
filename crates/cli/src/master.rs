//! The master key: from the environment or a file, and changed while servers run.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rollbook_store::{Db, Error, MasterKey, Vault, system_random};

use crate::options::Settings;

fn file(settings: &Settings) -> PathBuf {
    settings.data_dir.join("master.key")
}

/// The key that a rotation is about to put in place of the file's.
fn next_file(settings: &Settings) -> PathBuf {
    settings.data_dir.join("master.key.next")
}

/// The key in force and the vault that it unlocks.
///
/// A rotation that was cut short after it had changed the store is brought to
/// its end here.
pub(crate) async fn unlock(settings: &Settings, db: &Db) -> Result<(MasterKey, Vault)> {
    if settings.master_key.is_none() && next_file(settings).exists() {
        // A rotation goes on, or was cut short; of a running one, await the end.
        let _lock = wait(settings)?;
        return unlock_locked(settings, db).await;
    }
    unlock_locked(settings, db).await
}

async fn unlock_locked(settings: &Settings, db: &Db) -> Result<(MasterKey, Vault)> {
    if let Some(text) = &settings.master_key {
        let key = MasterKey::parse(text)?;
        let vault = Vault::unlock(db, &key, system_random).await?;
        return Ok((key, vault));
    }
    let (path, next) = (file(settings), next_file(settings));
    if !path.exists() && Vault::exists(db).await? {
        bail!(
            "the master key that this store's secrets are encrypted with is missing: put it back \
             as {} or give it as ROLLBOOK_MASTER_KEY",
            path.display()
        );
    }
    let key = MasterKey::load_or_create(&path)?;
    match Vault::unlock(db, &key, system_random).await {
        Err(Error::WrongMasterKey) if next.exists() => {
            let key = MasterKey::load_or_create(&next)?;
            let vault = Vault::unlock(db, &key, system_random).await?;
            put_in_place(&next, &path)?;
            Ok((key, vault))
        }
        unlocked => Ok((key, unlocked?)),
    }
}

/// Wraps the store's data key by a new master key; running servers go on.
///
/// `new` is the key to use where the present one comes from the environment;
/// a file's successor is made here.
pub(crate) async fn rotate(settings: &Settings, new: Option<&str>) -> Result<String> {
    let _lock = lock(settings)?;
    let db = Db::open(&settings.store).await.context("failed to open the store")?;
    let (old, vault) = unlock_locked(settings, &db).await?;
    let told = match (&settings.master_key, new) {
        (Some(_), Some(new)) => {
            vault.change_master_key(&db, &old, &MasterKey::parse(new)?).await?;
            "The master key is changed: start every server with the new one from now on."
        }
        (None, None) => {
            let next = next_file(settings);
            // Of a rotation that never reached the store; nothing was wrapped by it.
            if next.exists() {
                std::fs::remove_file(&next).context("failed to remove a stale key file")?;
            }
            let key = MasterKey::load_or_create(&next)?;
            vault.change_master_key(&db, &old, &key).await?;
            put_in_place(&next, &file(settings))?;
            "The master key file is replaced."
        }
        (Some(_), None) => bail!(
            "the master key is configured, so its successor must be too: give --new-master-key \
             or ROLLBOOK_NEW_MASTER_KEY"
        ),
        (None, Some(_)) => bail!(
            "the master key comes from a file, whose successor is made by the rotation: \
             leave --new-master-key out"
        ),
    };
    db.close().await;
    Ok(told.to_owned())
}

/// Held while the key is being changed, so that no two changes mix.
fn lock(settings: &Settings) -> Result<File> {
    let file = lock_file(settings)?;
    file.try_lock().context("another process is changing the master key")?;
    Ok(file)
}

fn wait(settings: &Settings) -> Result<File> {
    let file = lock_file(settings)?;
    file.lock().context("failed to await a change of the master key")?;
    Ok(file)
}

fn lock_file(settings: &Settings) -> Result<File> {
    std::fs::create_dir_all(&settings.data_dir)
        .with_context(|| format!("failed to create {}", settings.data_dir.display()))?;
    File::create(settings.data_dir.join("master.key.lock"))
        .context("failed to open the lock of the master key")
}

fn put_in_place(next: &Path, file: &Path) -> Result<()> {
    std::fs::rename(next, file).context("failed to put the new master key file in place")?;
    // The rename itself must survive power loss: the old key opens nothing now.
    let folder = file.parent().unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .context("failed to make the new master key file durable")
}
