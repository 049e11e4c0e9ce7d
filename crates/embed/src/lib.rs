//! A whole server in this process, for tests: assembled as `rollbook serve` does it, on a free port.
//!
//! [`Embed::in_memory`] seals secrets with a key that everyone can read here, so this is for data
//! that nobody misses. Knows nothing about options, the environment or signals.

mod instances;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use rollbook_breaches::Breaches;
use rollbook_http::{Api, Front, HttpSettings, Metrics, TraceIds};
use rollbook_images::{ImagePool, ImageStoreSettings, Images};
use rollbook_mail::Mailer;
use rollbook_ops::billing::stripe_client;
use rollbook_ops::webhooks::Webhooks;
use rollbook_ops::{
    Bodies, Catalog, Clock, Ctx, Entropy, Oauth, Parts, SigningKeys, operator_hash,
};
use rollbook_password::HashPool;
use rollbook_store::{Db, MasterKey, SqliteSettings, StoreSettings, Vault, system_random};
use rollbook_webhooks::{Reach, Sender};
use rollbook_worker::Retention;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use instances::{Instances, NewInstance};

/// Rendered users kept in memory on the embedded engine, as in production.
const CACHE_BYTES: u64 = 8 << 20;

/// As in production, but for fewer users.
const DIRECTORY_BYTES: usize = 64 << 20;

/// Whom a test's server asks answers at once or not at all.
const FOREIGN_TIMEOUT: Duration = Duration::from_secs(5);

const HASH_QUEUE: usize = 256;
const IMAGE_QUEUE: usize = 32;

/// What a server in this process is made of.
#[derive(Clone)]
pub struct Embed {
    /// Where its data lie.
    pub store: StoreSettings,
    /// Where its pictures lie.
    pub images: Images,
    /// Its time.
    pub clock: Clock,
    /// Opens `/admin/v1`; none closes it.
    pub operator_token: Option<String>,
    /// What its secrets are sealed with.
    pub master_key: MasterKey,
    /// Where clients reach it, if that is not where it listens.
    pub public_url: Option<String>,
    /// How long an OAuth provider may take to answer.
    pub provider_timeout: Duration,
    /// How long a payment gateway may take to answer.
    pub gateway_timeout: Duration,
    /// Whether mail, webhooks and billing go on by themselves beside the requests.
    pub background: bool,
}

/// A server that answers until it is stopped or dropped.
pub struct Embedded {
    /// What its operations work with.
    pub ctx: Ctx,
    /// `http://127.0.0.1:PORT`
    pub url: String,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
    background: Option<JoinHandle<()>>,
}

/// A server could not be started.
#[derive(Debug, thiserror::Error)]
#[error("failed to {doing}")]
pub struct Error {
    doing: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl fmt::Debug for Embed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embed").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Embed {
    /// A store in memory that goes with the process, the machine's clock, no operator.
    ///
    /// # Errors
    ///
    /// [`Error`] if there is no place for pictures.
    pub fn in_memory() -> Result<Self, Error> {
        let store = SqliteSettings { readers: 2, cache_mb: 4, ..SqliteSettings::in_memory() };
        let images = Images::open(&ImageStoreSettings::Memory);
        Ok(Self {
            store: StoreSettings::Sqlite(store),
            images: images.map_err(failed("open the picture store"))?,
            clock: Clock::System,
            operator_token: None,
            master_key: MasterKey::new([0x5a; 32]),
            public_url: None,
            provider_timeout: FOREIGN_TIMEOUT,
            gateway_timeout: FOREIGN_TIMEOUT,
            background: true,
        })
    }

    /// Opens the store, listens on a free port of 127.0.0.1 and answers.
    ///
    /// Runs on the runtime it is called on, and ends with it.
    ///
    /// # Errors
    ///
    /// [`Error`] names what could not be opened.
    pub async fn start(self) -> Result<Embedded, Error> {
        let listener =
            TcpListener::bind("127.0.0.1:0").await.map_err(failed("find a free port"))?;
        let address = listener.local_addr().map_err(failed("read the address listened on"))?;
        let url = format!("http://{address}");
        let operator = self.operator_token.as_deref().map(operator_hash);
        let with_background = self.background;
        let public_url = self.public_url.clone().unwrap_or_else(|| url.clone());
        let ctx = self.context(public_url).await?;

        let metrics = Arc::new(Metrics::new());
        let api = Api::new(ctx.clone(), operator, Arc::clone(&metrics));
        let trace_ids = TraceIds::new(u128::from_ne_bytes(ctx.entropy.bytes()));
        let router = api.router();
        let front = Front::new(api, router, HttpSettings::default(), trace_ids, metrics);
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            rollbook_http::serve(listener, front, stopped).await;
        });
        let background = with_background.then(|| {
            let retention = Retention { outbox_days: 1 };
            tokio::spawn(rollbook_worker::run(ctx.clone(), retention, Mailer::Mailbox))
        });
        Ok(Embedded { ctx, url, stop: Some(stop), serving, background })
    }

    async fn context(self, public_url: String) -> Result<Ctx, Error> {
        let cache_bytes = match &self.store {
            StoreSettings::Sqlite(_) => CACHE_BYTES,
            StoreSettings::Postgres(_) => 0,
        };
        let db = Db::open(&self.store).await.map_err(failed("open the store"))?;
        db.keep_directories(DIRECTORY_BYTES).map_err(failed("start reading users"))?;
        // No test is about the moment in which users are read.
        while !db.is_warm() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let vault = Vault::unlock(&db, &self.master_key, system_random).await;
        let vault = vault.map_err(failed("unlock the vault"))?;
        let image_pool = || {
            ImagePool::new(NonZeroUsize::MIN, IMAGE_QUEUE).map_err(failed("start a picture thread"))
        };
        let parts = Parts {
            db,
            vault,
            clock: self.clock,
            entropy: Entropy::System,
            bodies: Bodies::new(cache_bytes),
            passwords: HashPool::new(1, HASH_QUEUE).map_err(failed("start a hashing thread"))?,
            breaches: Breaches::Common,
            oauth: Oauth::new(self.provider_timeout).map_err(failed("set up OAuth"))?,
            stripe: stripe_client(self.gateway_timeout).map_err(failed("set up Stripe"))?,
            catalog: Catalog::default(),
            signing_keys: SigningKeys::default(),
            images: self.images,
            upload_pool: image_pool()?,
            image_pool: image_pool()?,
            webhooks: Webhooks::new(
                Sender::new(Reach::Anywhere).map_err(failed("set up webhooks"))?,
            ),
            public_url,
        };
        Ctx::new(parts).await.map_err(failed("read the instances"))
    }
}

impl Embedded {
    /// Makes, changes and deletes its instances.
    pub fn instances(&self) -> Instances {
        Instances(self.ctx.clone())
    }

    /// Stops as a signal would: answers what is in flight and closes the store.
    pub async fn stop(mut self) {
        self.end_background().await;
        if let Some(stop) = self.stop.take() {
            // The other end is gone only if serving has ended already.
            let _ = stop.send(());
        }
        let _ = (&mut self.serving).await;
        self.ctx.db.clone().close().await;
    }

    async fn end_background(&mut self) {
        if let Some(background) = self.background.take() {
            background.abort();
            // It holds a context; the store closes once nobody does.
            let _ = background.await;
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.serving.abort();
        if let Some(background) = &self.background {
            background.abort();
        }
    }
}

fn failed<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    doing: &'static str,
) -> impl Fn(E) -> Error {
    move |source| Error { doing, source: source.into() }
}
