//! The operator's key, which unlocks the store's own.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use rand::TryRng as _;
use rand::rngs::SysRng;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{Error, Result};

/// 256 bits that never lie in the store.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads 64 hexadecimal digits, or base64 of 32 bytes in either alphabet.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let bytes = if text.len() == 64 {
            hex::decode(text).ok()
        } else {
            [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
                .iter()
                .find_map(|alphabet| alphabet.decode(text).ok())
        };
        let bytes = Zeroizing::new(bytes.unwrap_or_default());
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| {
            Error::Misconfigured(
                "the master key must be 32 bytes, as base64 or 64 hexadecimal digits".to_owned(),
            )
        })?;
        Ok(Self::new(key))
    }

    /// The key in the file at `path`, or a new one that is written there for
    /// its owner's eyes only; of two processes that try at once one wins.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        let unusable = |error: std::io::Error| {
            Error::Misconfigured(format!(
                "cannot use the master key file {}: {error}",
                path.display()
            ))
        };
        match fs::read_to_string(path) {
            Ok(text) => {
                warn_if_shared(path);
                Self::parse(&Zeroizing::new(text))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                create(path).map_err(unusable)?;
                Self::parse(&Zeroizing::new(fs::read_to_string(path).map_err(unusable)?))
            }
            Err(error) => Err(unusable(error)),
        }
    }

    /// A name for the key, from which it cannot be found.
    pub(crate) fn id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"rollbook master key id");
        hash.update(self.bytes());
        hex::encode(hash.finalize()).chars().take(16).collect()
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Writes a new key beside `path` and links it there, so that nobody ever
/// reads half a key, and nobody's key is overwritten.
fn create(path: &Path) -> std::io::Result<()> {
    let mut key = Zeroizing::new([0_u8; 32]);
    SysRng.try_fill_bytes(key.as_mut_slice()).map_err(std::io::Error::other)?;
    let text = Zeroizing::new(format!("{}\n", STANDARD.encode(key.as_slice())));

    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!(
        ".master-key-{:016x}",
        SysRng.try_next_u64().map_err(std::io::Error::other)?
    ));
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    // A key that secrets are sealed with must not be lost with the power.
    fs::File::open(folder)?.sync_all()
}

#[cfg(unix)]
fn warn_if_shared(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    if fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0) {
        tracing::warn!(path = %path.display(), "others may read the master key file {}", path.display());
    }
}

#[cfg(not(unix))]
fn warn_if_shared(_: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_hexadecimal_and_base64() {
        let bytes = [0xfb_u8; 32];
        for text in [hex::encode(bytes), STANDARD.encode(bytes), URL_SAFE_NO_PAD.encode(bytes)] {
            assert_eq!(MasterKey::parse(&text).unwrap().bytes(), &bytes, "{text}");
        }
        for wrong in ["", "abc", &hex::encode([1_u8; 31]), &STANDARD.encode([1_u8; 33])] {
            assert!(MasterKey::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_file_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/master.key");
        let first = MasterKey::load_or_create(&path).unwrap();
        let second = MasterKey::load_or_create(&path).unwrap();
        assert_eq!(first.bytes(), second.bytes());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "a draft is left");
    }

    #[test]
    fn a_damaged_key_file_is_refused_rather_than_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        fs::write(&path, "not a key").unwrap();
        assert!(MasterKey::load_or_create(&path).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "not a key");
    }
}
