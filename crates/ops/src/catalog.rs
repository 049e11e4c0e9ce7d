//! Instances and keys in memory, so that proving a caller asks no store.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;
use rollbook_domain::Instance;
use rollbook_store::instances::SecretKey;
use rollbook_wire::Id;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

static EPOCHS: AtomicU64 = AtomicU64::new(1);

/// An instance as it is served.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// With its settings.
    pub instance: Instance,
    /// Different for every version of the settings.
    pub epoch: u64,
}

/// The instances and keys of the store, as of [`Catalog::version`].
#[derive(Debug, Default)]
pub struct Catalog {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    version: i64,
    tenants: HashMap<Id, Arc<Tenant>>,
    keys: Vec<SecretKey>,
    /// By the first eight bytes of the hash; the rest is compared in constant time.
    by_hash: HashMap<[u8; 8], ([u8; 32], Arc<Tenant>)>,
}

/// SHA-256 of a secret key: the secrets are random, so a fast hash is enough.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// What is kept of the operator's token.
pub fn operator_hash(token: &str) -> [u8; 32] {
    hash(token)
}

/// Whether `token` is the operator's, in constant time.
pub fn operator_matches(stored: &[u8; 32], token: &str) -> bool {
    stored.ct_eq(&hash(token)).into()
}

fn head(hash: &[u8; 32]) -> [u8; 8] {
    let mut head = [0; 8];
    head.copy_from_slice(hash.first_chunk::<8>().unwrap_or(&[0; 8]));
    head
}

impl Catalog {
    /// The instance that this secret key opens, if it opens any.
    pub fn open(&self, secret: &str) -> Option<Arc<Tenant>> {
        let hash = hash(secret);
        let state = self.state.read();
        let (stored, tenant) = state.by_hash.get(&head(&hash))?;
        bool::from(stored.ct_eq(&hash)).then(|| Arc::clone(tenant))
    }

    /// The instance with this id.
    pub fn by_id(&self, id: &Id) -> Option<Arc<Tenant>> {
        self.state.read().tenants.get(id).cloned()
    }

    /// All instances, oldest first.
    pub fn all(&self) -> Vec<Arc<Tenant>> {
        let mut all: Vec<_> = self.state.read().tenants.values().cloned().collect();
        all.sort_by(|a, b| {
            (a.instance.created_at, &a.instance.id).cmp(&(b.instance.created_at, &b.instance.id))
        });
        all
    }

    /// The keys of an instance, oldest first.
    pub fn keys_of(&self, instance: &Id) -> Vec<SecretKey> {
        let state = self.state.read();
        state.keys.iter().filter(|key| key.instance_id == *instance).cloned().collect()
    }

    /// Which state of the store this is.
    pub fn version(&self) -> i64 {
        self.state.read().version
    }

    /// Takes over the state of the store, unless a newer one is here.
    pub(crate) fn load(&self, version: i64, instances: Vec<Instance>, keys: Vec<SecretKey>) {
        let mut state = self.state.write();
        if version < state.version {
            return;
        }
        let tenants: HashMap<Id, Arc<Tenant>> = instances
            .into_iter()
            .map(|instance| {
                // An unchanged instance keeps its epoch, and with it the cached bodies.
                let tenant = match state.tenants.get(&instance.id) {
                    Some(old) if old.instance == instance => Arc::clone(old),
                    _ => {
                        Arc::new(Tenant { epoch: EPOCHS.fetch_add(1, Ordering::Relaxed), instance })
                    }
                };
                (tenant.instance.id.clone(), tenant)
            })
            .collect();
        let by_hash = keys
            .iter()
            .filter(|key| key.revoked_at.is_none())
            .filter_map(|key| {
                let hash: [u8; 32] = key.hash.as_slice().try_into().ok()?;
                let tenant = tenants.get(&key.instance_id)?;
                Some((head(&hash), (hash, Arc::clone(tenant))))
            })
            .collect();
        *state = State { version, tenants, keys, by_hash };
    }
}
