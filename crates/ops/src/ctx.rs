//! What every operation works with.

use std::ops::Deref;
use std::sync::Arc;

use rollbook_breaches::Breaches;
use rollbook_images::{ImagePool, Images};
use rollbook_password::HashPool;
use rollbook_store::{Db, Vault, instances};

use crate::billing::StripeClient;
use crate::webhooks::Webhooks;
use crate::{Bodies, Catalog, Clock, Entropy, Oauth, Result, SigningKeys};

/// The context of an operation; a clone is the same context.
#[derive(Clone)]
pub struct Ctx(Arc<Parts>);

/// What a context is made of.
pub struct Parts {
    /// The store.
    pub db: Db,
    /// Opens and closes the secrets that are kept sealed.
    pub vault: Vault,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// Instances and keys; filled by [`Ctx::new`].
    pub catalog: Catalog,
    /// What signs tokens, opened when needed.
    pub signing_keys: SigningKeys,
    /// Rendered bodies.
    pub bodies: Bodies,
    /// Where passwords are hashed.
    pub passwords: HashPool,
    /// Where breached passwords are looked up.
    pub breaches: Breaches,
    /// Who asks OAuth providers.
    pub oauth: Oauth,
    /// Who asks Stripe for payments.
    pub stripe: StripeClient,
    /// Where pictures lie.
    pub images: Images,
    /// Where uploads are decoded and encoded anew.
    pub upload_pool: ImagePool,
    /// Where pictures are scaled and avatars drawn, for anybody who asks.
    pub image_pool: ImagePool,
    /// What webhooks share.
    pub webhooks: Webhooks,
    /// Where the server is reached from outside, without a trailing slash.
    pub public_url: String,
}

impl Ctx {
    /// A context whose catalog holds what the store holds.
    pub async fn new(parts: Parts) -> Result<Self> {
        let ctx = Self(Arc::new(parts));
        ctx.reload_catalog().await?;
        Ok(ctx)
    }

    /// Reads instances and keys anew.
    pub async fn reload_catalog(&self) -> Result<()> {
        let (version, (instances, keys)) = self
            .db
            .read(|conn| {
                Ok::<_, crate::Error>((instances::catalog_version(conn)?, instances::all(conn)?))
            })
            .await?;
        self.catalog.load(version, instances, keys);
        Ok(())
    }

    /// Reads instances and keys anew if another process has changed them.
    ///
    /// To be called every half second or so: that is how long a key revoked
    /// elsewhere may still be good here.
    pub async fn refresh_catalog(&self) -> Result<()> {
        let version = self.db.read(|conn| Ok::<_, crate::Error>(instances::catalog_version(conn)?));
        if version.await? == self.catalog.version() { Ok(()) } else { self.reload_catalog().await }
    }
}

impl Deref for Ctx {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
