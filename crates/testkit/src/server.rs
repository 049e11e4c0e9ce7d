//! A whole server in this process, for one test.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rollbook_breaches::Breaches;
use rollbook_http::{Api, Front, HttpSettings, Metrics, TraceIds};
use rollbook_images::{ImagePool, ImageStoreSettings, Images};
use rollbook_ops::billing::stripe_client;
use rollbook_ops::instances::{self, CreateInstance, UpdateInstance};
use rollbook_ops::webhooks::Webhooks;
use rollbook_ops::{
    Bodies, Catalog, Clock, Ctx, Entropy, Oauth, Parts, SigningKeys, Tenant, operator_hash,
};
use rollbook_password::HashPool;
use rollbook_store::outbox::{self, Pending};
use rollbook_store::{
    Conn, Db, MasterKey, StoreSettings, Vault, system_random, users, webhook_endpoints,
};
use rollbook_webhooks::{Reach, Sender};
use rollbook_wire::Id;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::{Client, Engine};

/// Where every server's clock stands at first: 2026-01-15T12:00:00Z.
pub const START: i64 = 1_768_478_400_000;

/// The operator's token of every server.
pub const OPERATOR_TOKEN: &str = "operator-token-of-the-tests";

/// Rendered users kept in memory on the embedded engine, as in production.
const CACHE_BYTES: u64 = 8 << 20;

/// Tests of an OAuth provider that never answers take this long.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(4);

/// Tests of a payment gateway that never answers take this long.
const STRIPE_TIMEOUT: Duration = Duration::from_secs(1);

/// As in production.
const DIRECTORY_BYTES: usize = 64 << 20;

const HASH_QUEUE: usize = 256;
const IMAGE_QUEUE: usize = 32;

/// A running server with an instance of its own.
///
/// Everything is as `rollbook serve` assembles it, except for the clock, which
/// stands at [`START`] until it is advanced, and pictures, which are kept in
/// memory. To be ended with [`Server::end`]; dropped, it stops, too, but leaves
/// its rows in the shared PostgreSQL database.
pub struct Server {
    /// Its time.
    pub clock: Clock,
    /// What its operations work with; straight to the store where a test needs that.
    pub ctx: Ctx,
    /// `http://127.0.0.1:PORT`
    pub url: String,
    /// `ins_…`
    pub instance_id: Id,
    /// `sk_test_…` of the instance.
    pub secret_key: String,
    engine: Engine,
    client: Client,
    store: StoreSettings,
    images: Images,
    folder: Arc<TempDir>,
    running: Option<Running>,
}

struct Running {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Server {
    /// A server with a permissive development instance; `None` if the engine is
    /// left out on purpose.
    pub async fn start(engine: Engine) -> Option<Self> {
        Self::start_with(engine, CreateInstance::default()).await
    }

    /// A server with an instance of another kind.
    pub async fn start_with(engine: Engine, instance: CreateInstance) -> Option<Self> {
        let folder = Arc::new(tempfile::tempdir().expect("a temporary folder"));
        let store = engine.store(&folder).await?;
        let images = Images::open(&ImageStoreSettings::Memory).expect("a store for pictures");
        let clock = Clock::manual(START);
        let (ctx, url, running) = run(&store, &images, &clock).await;
        let created = instances::create(&ctx, instance).await.expect("an instance");
        let secret_key = created.key.secret.to_string();
        Some(Self {
            clock,
            ctx,
            client: Client::new(url.clone(), Some(&secret_key)),
            url,
            instance_id: created.instance.id,
            secret_key,
            engine,
            store,
            images,
            folder,
            running: Some(running),
        })
    }

    /// The engine it runs on.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// A client with the instance's secret key.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// A client with the operator's token.
    pub fn operator(&self) -> Client {
        self.client.with_token(Some(OPERATOR_TOKEN))
    }

    /// The instance as it is served now.
    pub fn tenant(&self) -> Arc<Tenant> {
        self.ctx.catalog.by_id(&self.instance_id).expect("the instance is there")
    }

    /// The database file, on the embedded engine; its log lies beside it.
    pub fn database_file(&self) -> Option<PathBuf> {
        match self.engine {
            Engine::Sqlite => Some(self.folder.path().join("rollbook.db")),
            Engine::Postgres => None,
        }
    }

    /// The address of the shared database, on PostgreSQL.
    pub fn database_url(&self) -> Option<&str> {
        match &self.store {
            StoreSettings::Sqlite(_) => None,
            StoreSettings::Postgres(postgres) => Some(&postgres.url),
        }
    }

    /// Creates a user through the API; the body of the answer.
    pub async fn create_user(&self, body: Value) -> Value {
        self.client.post("/v1/users").json(body).send().await.ok()
    }

    /// The body of a user through the API.
    pub async fn get_user(&self, id: &str) -> Value {
        self.client.get(&format!("/v1/users/{id}")).send().await.ok()
    }

    /// Changes the instance's settings by a JSON merge patch.
    pub async fn settings(&self, patch: Value) {
        let Value::Object(patch) = patch else { panic!("a merge patch of settings is an object") };
        let params = UpdateInstance { name: None, settings: Some(patch) };
        let updated = instances::update(&self.ctx, &self.instance_id, params).await;
        updated.expect("valid settings");
    }

    /// The instance's events, oldest first, those of one user in the order of their happening.
    pub async fn outbox(&self) -> Vec<Pending> {
        let instance = self.instance_id.clone();
        let events = self.ctx.db.read(move |conn| outbox::all_of(conn, &instance)).await;
        events.expect("the outbox")
    }

    /// Kind and subject of the instance's events, sorted.
    pub async fn events(&self) -> Vec<(String, String)> {
        let events = self.outbox().await;
        let mut events: Vec<_> = events.into_iter().map(|e| (e.kind, e.subject_id)).collect();
        events.sort();
        events
    }

    /// Runs a transaction on the store.
    pub async fn write<T, F>(&self, writing: F) -> T
    where
        F: FnMut(&mut Conn<'_>) -> rollbook_store::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.ctx.db.write(writing).await.expect("a transaction")
    }

    /// Stops the server as a signal would and starts one anew on the same
    /// data, at another port; clients made before are of no use afterwards.
    pub async fn restart(&mut self) {
        self.stop().await;
        let (ctx, url, running) = run(&self.store, &self.images, &self.clock).await;
        self.ctx = ctx;
        self.client = Client::new(url.clone(), Some(&self.secret_key));
        self.url = url;
        self.running = Some(running);
    }

    /// A second server for the same instance on the same PostgreSQL database,
    /// with the same clock; to be ended before this one.
    ///
    /// What is changed on one's instance is known to the other after
    /// `ctx.refresh_catalog()`, which in production runs twice a second.
    pub async fn second(&self) -> Self {
        assert_eq!(self.engine, Engine::Postgres, "one process owns an embedded database");
        let (ctx, url, running) = run(&self.store, &self.images, &self.clock).await;
        Self {
            clock: self.clock.clone(),
            ctx,
            client: Client::new(url.clone(), Some(&self.secret_key)),
            url,
            instance_id: self.instance_id.clone(),
            secret_key: self.secret_key.clone(),
            engine: self.engine,
            store: self.store.clone(),
            images: self.images.clone(),
            folder: Arc::clone(&self.folder),
            running: Some(running),
        }
    }

    async fn check_index(&self) {
        let instance = self.instance_id.clone();
        let checked = self.ctx.db.read(move |conn| {
            let mut found = users::orphans(conn, &instance, 100)?;
            found.extend(webhook_endpoints::orphans(conn, &instance, 100)?);
            for row in users::rows_after(conn, &instance, "", 1000)? {
                found.extend(users::check_index(conn, &instance, &row)?);
            }
            Ok::<_, rollbook_store::Error>(found)
        });
        let found = checked.await.expect("a store to check");
        assert!(found.is_empty(), "index rows and records disagree: {found:?}");
    }

    /// Stops the server without touching what it keeps.
    pub async fn stop(&mut self) {
        let Some(Running { stop, serving }) = self.running.take() else { return };
        // The other end is gone only if serving has ended already.
        let _ = stop.send(());
        serving.await.expect("the server ends in peace");
        self.ctx.db.clone().close().await;
    }

    /// Stops the server and, on the shared database, deletes its instance.
    ///
    /// Panics if the index rows disagree with the records, as `rollbook doctor` would say.
    pub async fn end(mut self) {
        if self.running.is_some() {
            self.check_index().await;
        }
        if self.engine == Engine::Postgres {
            // A test may have deleted it already.
            let _ = instances::delete(&self.ctx, &self.instance_id).await;
        }
        self.stop().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.serving.abort();
        }
    }
}

async fn run(store: &StoreSettings, images: &Images, clock: &Clock) -> (Ctx, String, Running) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let ctx = context(store, images.clone(), clock.clone(), url.clone()).await;

    let metrics = Arc::new(Metrics::new());
    let operator = Some(operator_hash(OPERATOR_TOKEN));
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
    (ctx, url, Running { stop, serving })
}

async fn context(store: &StoreSettings, images: Images, clock: Clock, public_url: String) -> Ctx {
    let db = Db::open(store).await.expect("a store");
    db.keep_directories(DIRECTORY_BYTES).expect("a thread");
    // No test is about the moment in which users are read.
    while !db.is_warm() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // The same for all, for there is one sealed data key in the shared database.
    let master_key = MasterKey::parse(&"5a".repeat(32)).expect("a master key");
    let vault = Vault::unlock(&db, &master_key, system_random).await.expect("a vault");
    let cache_bytes = match store {
        StoreSettings::Sqlite(_) => CACHE_BYTES,
        StoreSettings::Postgres(_) => 0,
    };
    let parts = Parts {
        db,
        vault,
        clock,
        entropy: Entropy::System,
        bodies: Bodies::new(cache_bytes),
        passwords: HashPool::new(1, HASH_QUEUE).expect("a hashing thread"),
        breaches: Breaches::Common,
        oauth: Oauth::new(PROVIDER_TIMEOUT).expect("a client of OAuth providers"),
        stripe: stripe_client(STRIPE_TIMEOUT).expect("a client of Stripe"),
        catalog: Catalog::default(),
        signing_keys: SigningKeys::default(),
        images,
        upload_pool: ImagePool::new(NonZeroUsize::MIN, IMAGE_QUEUE).expect("a picture thread"),
        image_pool: ImagePool::new(NonZeroUsize::MIN, IMAGE_QUEUE).expect("a picture thread"),
        webhooks: Webhooks::new(Sender::new(Reach::Anywhere).expect("a sender of webhooks")),
        public_url,
    };
    Ctx::new(parts).await.expect("a context")
}
