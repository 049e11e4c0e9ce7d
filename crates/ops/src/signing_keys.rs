//! The keys that sign an instance's tokens: made when first needed, rotated, retired.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use rollbook_domain::Problem;
use rollbook_store::signing_keys::{self as store, SigningKey};
use rollbook_store::{Conn, instances};
use rollbook_tokens::{Jwk, PrivateKey, PublicKey};
use rollbook_wire::{Code, Id, Prefix};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use crate::{Ctx, Error, Result, Tenant};

/// The keys of the instances that were needed lately, opened.
///
/// As good as the [`Catalog`](crate::Catalog): another server's rotation is known here when
/// the catalog is read anew.
#[derive(Default)]
pub struct SigningKeys {
    cached: RwLock<Cached>,
    /// One key is made at a time: it takes a core for some tenths of a second.
    making: Arc<Mutex<()>>,
}

#[derive(Default)]
struct Cached {
    catalog_version: i64,
    sets: HashMap<Id, Arc<KeySet>>,
}

/// The keys of an instance that are in force; there is always one.
pub struct KeySet {
    /// Oldest first; the last one signs.
    public: Vec<(Id, PublicKey)>,
    signing: PrivateKey,
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.public.iter().map(|(id, _)| id)).finish()
    }
}

impl KeySet {
    /// What verifies tokens, newest first.
    pub fn jwks(&self) -> Vec<Jwk> {
        self.public.iter().rev().map(|(id, key)| key.jwk(id.as_str())).collect()
    }

    /// The key with this `kid`.
    pub(crate) fn public(&self, kid: &str) -> Option<PublicKey> {
        self.public.iter().find(|(id, _)| id.as_str() == kid).map(|(_, key)| key.clone())
    }

    /// The key that signs, and its `kid`.
    pub(crate) fn signing(&self) -> (Option<&str>, &PrivateKey) {
        (self.public.last().map(|(id, _)| id.as_str()), &self.signing)
    }
}

/// A signing key as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownKey {
    /// The `kid` of tokens.
    pub id: Id,
    /// PEM, which verifies without a network.
    pub public_key: String,
    /// Whether new tokens are signed with it.
    pub signs: bool,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub retired_at: Option<i64>,
}

/// The keys of an instance; the first one is made now if there is none.
pub async fn key_set(ctx: &Ctx, tenant: &Tenant) -> Result<Arc<KeySet>> {
    let id = &tenant.instance.id;
    // Before the store is read: what is cached may be newer than this says, never older.
    let version = ctx.catalog.version();
    if let Some(set) = ctx.signing_keys.get(version, id) {
        return Ok(set);
    }
    let set = match read(ctx, id).await? {
        Some(set) => set,
        None => make_first(ctx, id).await?,
    };
    ctx.signing_keys.put(version, id, &set);
    Ok(set)
}

/// All keys of an instance, oldest first, retired ones too.
pub async fn list(ctx: &Ctx, tenant: &Tenant) -> Result<Vec<ShownKey>> {
    key_set(ctx, tenant).await?;
    let id = tenant.instance.id.clone();
    let keys = ctx.db.read(move |conn| store::of_instance(conn, &id)).await?;
    let signs = keys.iter().rfind(|key| key.retired_at.is_none()).map(|key| key.id.clone());
    keys.iter().map(|key| show(key, signs.as_ref() == Some(&key.id))).collect()
}

/// Makes a key that signs from now on; tokens of the others stay good until those are retired.
pub async fn create(ctx: &Ctx, tenant: &Tenant) -> Result<ShownKey> {
    let turn = Arc::clone(&ctx.signing_keys.making).lock_owned().await;
    let (instance, key) = (tenant.instance.id.clone(), make(ctx, turn).await?);
    let written = ctx
        .db
        .write(move |tx| {
            hold(tx, &instance)?;
            // Of keys made in the same millisecond, or by a clock that went back, the newest signs.
            let latest = store::of_instance(tx, &instance)?.last().map(|key| key.created_at);
            let mut key = key.clone();
            key.created_at = latest.map_or(key.created_at, |latest| key.created_at.max(latest + 1));
            store::insert(tx, &instance, &key)?;
            Ok::<_, Error>(key)
        })
        .await?;
    ctx.reload_catalog().await?;
    show(&written, true)
}

/// Retires a key: its tokens are refused from now on. The one that signs cannot be retired.
pub async fn retire(ctx: &Ctx, tenant: &Tenant, key: &Id) -> Result<ShownKey> {
    let (instance, id, now) = (tenant.instance.id.clone(), key.clone(), ctx.clock.now());
    let retired = ctx
        .db
        .write(move |tx| {
            hold(tx, &instance)?;
            let keys = store::of_instance(tx, &instance)?;
            let in_force = || keys.iter().filter(|key| key.retired_at.is_none());
            let found = in_force().find(|key| key.id == id);
            let found =
                found.ok_or_else(|| Error::not_found("signing key in force", id.as_str()))?;
            if in_force().next_back().is_some_and(|last| last.id == id) {
                let text = "The key that signs cannot be retired; create another one first.";
                return Err(Error::refused(Problem::new(Code::BadRequest, text)));
            }
            store::retire(tx, &instance, &id, now)?;
            Ok(SigningKey { retired_at: Some(now), ..found.clone() })
        })
        .await?;
    ctx.reload_catalog().await?;
    show(&retired, false)
}

/// Two rotations of an instance at once follow each other.
fn hold(tx: &mut Conn<'_>, instance: &Id) -> Result<()> {
    instances::lock(tx, instance)?
        .map(drop)
        .ok_or_else(|| Error::not_found("instance", instance.as_str()))
}

async fn read(ctx: &Ctx, instance: &Id) -> Result<Option<Arc<KeySet>>> {
    let id = instance.clone();
    let mut keys = ctx.db.read(move |conn| store::of_instance(conn, &id)).await?;
    keys.retain(|key| key.retired_at.is_none());
    let Some(last) = keys.last() else { return Ok(None) };
    let private = zeroize::Zeroizing::new(last.open(&ctx.vault)?);
    let signing = PrivateKey::from_pkcs8(&private).map_err(unusable)?;
    let public =
        keys.iter().map(|key| Ok((key.id.clone(), public_of(key)?))).collect::<Result<_>>()?;
    Ok(Some(Arc::new(KeySet { public, signing })))
}

/// Of two servers, or requests, that need the first key at once, one makes it for both.
async fn make_first(ctx: &Ctx, instance: &Id) -> Result<Arc<KeySet>> {
    let turn = Arc::clone(&ctx.signing_keys.making).lock_owned().await;
    if let Some(set) = read(ctx, instance).await? {
        return Ok(set);
    }
    let (id, key) = (instance.clone(), make(ctx, turn).await?);
    ctx.db
        .write(move |tx| {
            hold(tx, &id)?;
            if store::any(tx, &id)? {
                return Ok(());
            }
            store::insert(tx, &id, &key)?;
            Ok::<_, Error>(())
        })
        .await?;
    let set = read(ctx, instance).await?;
    set.ok_or_else(|| Error::internal("make a signing key", "it is gone"))
}

/// The turn is over when the key is made, though nobody may wait for it any more.
async fn make(ctx: &Ctx, turn: OwnedMutexGuard<()>) -> Result<SigningKey> {
    let (seed, (made, making)) = (ctx.entropy.bytes(), oneshot::channel());
    let thread = std::thread::Builder::new().name("signing-key".to_owned());
    let work = move || {
        // Nobody waits if the caller has gone.
        let _ = made.send(PrivateKey::generate(seed));
        drop(turn);
    };
    thread.spawn(work).map_err(unusable)?;
    let private = making.await.map_err(unusable)?.map_err(unusable)?;
    let public = PrivateKey::from_pkcs8(&private).map_err(unusable)?.public();
    let public = serde_json::to_string(&public).map_err(unusable)?;
    let now = ctx.clock.now();
    let id = ctx.entropy.id(Prefix::SigningKey, now);
    Ok(SigningKey::seal(&ctx.vault, id, public, &private, now)?)
}

fn show(key: &SigningKey, signs: bool) -> Result<ShownKey> {
    Ok(ShownKey {
        id: key.id.clone(),
        public_key: public_of(key)?.pem().map_err(unusable)?,
        signs,
        created_at: key.created_at,
        retired_at: key.retired_at,
    })
}

fn public_of(key: &SigningKey) -> Result<PublicKey> {
    serde_json::from_str(&key.public).map_err(unusable)
}

fn unusable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal("use a signing key", source)
}

impl SigningKeys {
    fn get(&self, version: i64, instance: &Id) -> Option<Arc<KeySet>> {
        let cached = self.cached.read();
        (cached.catalog_version == version).then(|| cached.sets.get(instance).cloned()).flatten()
    }

    fn put(&self, version: i64, instance: &Id, set: &Arc<KeySet>) {
        let mut cached = self.cached.write();
        if cached.catalog_version < version {
            *cached = Cached { catalog_version: version, sets: HashMap::new() };
        }
        if cached.catalog_version == version {
            cached.sets.insert(instance.clone(), Arc::clone(set));
        }
    }
}
