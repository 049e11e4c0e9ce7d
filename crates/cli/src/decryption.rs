//! Reading files that may be encrypted with age.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use age::{DecryptError, Decryptor, Identity, IdentityFile, scrypt};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use crate::encryption::passphrase;

/// What every age file begins with.
const MARK: &[u8] = b"age-encryption.org/";

/// The most work that a passphrase may cost, as a power of two: a few seconds and gigabytes.
///
/// By default it is what this machine does in some seconds, so that a file of a fast machine
/// could not be opened on a slow one.
const MOST_WORK: u8 = 22;

/// What opens a file, if it is encrypted.
#[derive(Args)]
pub(crate) struct Decryption {
    /// The passphrase of an encrypted export, in the first line of this file
    #[arg(long, value_name = "FILE", conflicts_with = "identity")]
    passphrase_file: Option<PathBuf>,
    /// The age key of an encrypted export, as age-keygen writes it
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

/// Keys that were read once, for files that are read several times.
pub(crate) struct Keys(Vec<Box<dyn Identity>>);

/// Whether a file that begins like this is encrypted.
pub(crate) fn is_encrypted(beginning: &[u8]) -> bool {
    beginning.starts_with(MARK)
}

impl Decryption {
    /// Whether there is anything to open files with.
    pub(crate) fn is_given(&self) -> bool {
        self.passphrase_file.is_some() || self.identity.is_some()
    }

    /// Reads passphrase or key.
    pub(crate) fn keys(&self) -> Result<Keys> {
        Ok(Keys(match (&self.passphrase_file, &self.identity) {
            (Some(path), _) => {
                let mut identity = scrypt::Identity::new(passphrase(path)?);
                identity.set_max_work_factor(MOST_WORK);
                vec![Box::new(identity)]
            }
            (None, Some(path)) => identities(path)
                .with_context(|| format!("failed to read the key in {}", path.display()))?,
            (None, None) => Vec::new(),
        }))
    }
}

fn identities(path: &Path) -> Result<Vec<Box<dyn Identity>>> {
    let read = IdentityFile::from_buffer(BufReader::new(File::open(path)?))?.into_identities()?;
    if read.is_empty() {
        bail!("there is none");
    }
    Ok(read.into_iter().map(|one| one as Box<dyn Identity>).collect())
}

impl Keys {
    /// The file from its beginning, opened if it is encrypted.
    pub(crate) fn open(&self, path: &Path) -> Result<Box<dyn BufRead>> {
        let mut file = BufReader::new(File::open(path)?);
        if !is_encrypted(file.fill_buf()?) {
            return Ok(Box::new(file));
        }
        if self.0.is_empty() {
            bail!("it is encrypted: give --passphrase-file or --identity");
        }
        let decryptor = Decryptor::new_buffered(file).map_err(worded)?;
        let keys = self.0.iter().map(|key| &**key as &dyn Identity);
        Ok(Box::new(BufReader::new(decryptor.decrypt(keys).map_err(worded)?)))
    }
}

fn worded(error: DecryptError) -> anyhow::Error {
    match error {
        DecryptError::NoMatchingKeys
        | DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed => {
            anyhow!("neither passphrase nor key given opens it")
        }
        DecryptError::Io(error) => error.into(),
        error => anyhow!(error),
    }
}
