//! Encryption of the few secrets that must be readable again.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use rand::TryRng as _;
use rand::rngs::SysRng;
use zeroize::Zeroizing;

use crate::{Db, Error, MasterKey, Result, meta};

/// The first byte of what [`Vault::seal`] makes.
const FORMAT: u8 = 1;

const NONCE_LEN: usize = 24;

/// Where the wrapped data key lies.
const KEY: &str = "vault_key";

const WRAPPING: &[u8] = b"rollbook data key";

type Random = Arc<dyn Fn(&mut [u8]) -> Result<()> + Send + Sync>;

/// Seals and opens secrets with the store's data key; clones share it.
///
/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), a random 24-byte nonce per
/// secret. The data key is 256 bits, made once per store and kept there only
/// wrapped by the [`MasterKey`].
#[derive(Clone)]
pub struct Vault {
    data_key: Arc<Zeroizing<[u8; 32]>>,
    random: Random,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

/// Fills a buffer from the operating system's randomness.
pub fn system_random(buffer: &mut [u8]) -> Result<()> {
    SysRng
        .try_fill_bytes(buffer)
        .map_err(|source| Error::internal("draw randomness", source.to_string()))
}

impl Vault {
    /// The vault of a store, whose data key is made by whoever comes first.
    ///
    /// `random` must be fit for keys, as [`system_random`] is.
    ///
    /// # Errors
    ///
    /// [`Error::WrongMasterKey`] if the store's data key was wrapped by another.
    pub async fn unlock(
        db: &Db,
        master: &MasterKey,
        random: impl Fn(&mut [u8]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Self> {
        let stored = db.read(|conn| meta::get(conn, KEY)).await?;
        let wrapped = if let Some(wrapped) = stored {
            wrapped
        } else {
            let mut data_key = Zeroizing::new([0_u8; 32]);
            random(data_key.as_mut_slice())?;
            let wrapped = wrap(master, &data_key, &random)?;
            db.write(move |tx| {
                meta::insert(tx, KEY, &wrapped)?;
                meta::get(tx, KEY)
            })
            .await?
            .ok_or_else(|| Error::internal("read the data key", "it is gone"))?
        };
        Ok(Self { data_key: Arc::new(unwrap(master, &wrapped)?), random: Arc::new(random) })
    }

    /// Whether the store has a data key already, which only its master key unlocks.
    pub async fn exists(db: &Db) -> Result<bool> {
        Ok(db.read(|conn| meta::get(conn, KEY)).await?.is_some())
    }

    /// Wraps the data key by another master key; what is sealed stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::WrongMasterKey`] if `old` is not the present one.
    pub async fn change_master_key(&self, db: &Db, old: &MasterKey, new: &MasterKey) -> Result<()> {
        let wrapped = wrap(new, &self.data_key, self.random.as_ref())?;
        let old = old.clone();
        db.write(move |tx| {
            let present = meta::lock(tx, KEY)?.ok_or(Error::WrongMasterKey)?;
            unwrap(&old, &present)?;
            meta::set(tx, KEY, &wrapped)
        })
        .await
    }

    /// Encrypts `plain` for `context`, which must be given again to open it.
    ///
    /// The context is not in the result: it says whose secret this is and of
    /// what kind, so that a row put in another's place does not open.
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        seal(&self.data_key, context, plain, self.random.as_ref())
    }

    /// Decrypts what [`Vault::seal`] made for this `context`.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if it was sealed for another context or is damaged.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        open_sealed(&self.data_key, context, sealed)
            .ok_or_else(|| Error::Corrupt(Arc::new(Damaged)))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a secret does not open: it is damaged or was sealed for something else")]
struct Damaged;

fn seal(
    key: &[u8; 32],
    context: &[u8],
    plain: &[u8],
    random: &dyn Fn(&mut [u8]) -> Result<()>,
) -> Result<Vec<u8>> {
    let mut nonce = [0_u8; NONCE_LEN];
    random(&mut nonce)?;
    let encrypted = XChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context })
        .map_err(|source| Error::internal("seal a secret", source.to_string()))?;
    let mut sealed = Vec::with_capacity(1 + NONCE_LEN + encrypted.len());
    sealed.push(FORMAT);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&encrypted);
    Ok(sealed)
}

fn open_sealed(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let rest = sealed.strip_prefix(&[FORMAT])?;
    let (nonce, encrypted) = rest.split_first_chunk::<NONCE_LEN>()?;
    XChaCha20Poly1305::new(&Key::from(*key))
        .decrypt(&XNonce::from(*nonce), Payload { msg: encrypted, aad: context })
        .ok()
}

/// `v1:KEY_ID:BASE64`: which master key, and the data key sealed with it.
fn wrap(
    master: &MasterKey,
    data_key: &[u8; 32],
    random: &dyn Fn(&mut [u8]) -> Result<()>,
) -> Result<String> {
    let sealed = seal(master.bytes(), WRAPPING, data_key, random)?;
    Ok(format!("v1:{}:{}", master.id(), STANDARD.encode(sealed)))
}

fn unwrap(master: &MasterKey, wrapped: &str) -> Result<Zeroizing<[u8; 32]>> {
    let (id, sealed) = wrapped
        .strip_prefix("v1:")
        .and_then(|rest| rest.split_once(':'))
        .and_then(|(id, sealed)| Some((id, STANDARD.decode(sealed).ok()?)))
        .ok_or_else(|| Error::Corrupt(Arc::new(Damaged)))?;
    if id != master.id() {
        return Err(Error::WrongMasterKey);
    }
    let data_key = open_sealed(master.bytes(), WRAPPING, &sealed).map(Zeroizing::new);
    let data_key = data_key.and_then(|key| <[u8; 32]>::try_from(key.as_slice()).ok());
    data_key.map(Zeroizing::new).ok_or_else(|| Error::Corrupt(Arc::new(Damaged)))
}
