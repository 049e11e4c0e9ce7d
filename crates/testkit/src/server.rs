//! A whole server in this process, for one test.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rollbook_embed::{Embed, Embedded};
use rollbook_images::{ImageStoreSettings, Images};
use rollbook_ops::instances::{self, CreateInstance, UpdateInstance};
use rollbook_ops::{Clock, Ctx, Tenant};
use rollbook_store::outbox::{self, Pending};
use rollbook_store::{Conn, MasterKey, StoreSettings, users, webhook_endpoints};
use rollbook_wire::Id;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Client, Engine};

/// Where every server's clock stands at first: 2026-01-15T12:00:00Z.
pub const START: i64 = 1_768_478_400_000;

/// The operator's token of every server.
pub const OPERATOR_TOKEN: &str = "operator-token-of-the-tests";

/// Tests of an OAuth provider that never answers take this long.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(4);

/// Tests of a payment gateway that never answers take this long.
const STRIPE_TIMEOUT: Duration = Duration::from_secs(1);

/// What the master keys of servers that share the database are made of, and of those elsewhere.
const MASTER_KEY: u8 = 0x5a;
const OTHER_MASTER_KEY: u8 = 0x6b;

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
    embed: Embed,
    folder: Arc<TempDir>,
    running: Option<Embedded>,
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
        let embed = embed(store, Clock::manual(START));
        let (running, ctx, url) = run(&embed).await;
        let created = instances::create(&ctx, instance).await.expect("an instance");
        let secret_key = created.key.secret.to_string();
        Some(Self {
            clock: embed.clock.clone(),
            ctx,
            client: Client::new(url.clone(), Some(&secret_key)),
            url,
            instance_id: created.instance.id,
            secret_key,
            engine,
            embed,
            folder,
            running: Some(running),
        })
    }

    /// A server with nothing in its store, which has another master key and other pictures,
    /// but this one's clock and public URL; its client has the key of this one's instance.
    ///
    /// `None` if the engine is left out on purpose.
    pub async fn elsewhere(&self, engine: Engine) -> Option<Self> {
        let folder = Arc::new(tempfile::tempdir().expect("a temporary folder"));
        let embed = Embed {
            master_key: MasterKey::new([OTHER_MASTER_KEY; 32]),
            public_url: Some(self.ctx.public_url.clone()),
            ..embed(engine.empty_store(&folder).await?, self.clock.clone())
        };
        let (running, ctx, url) = run(&embed).await;
        Some(Self {
            clock: self.clock.clone(),
            ctx,
            client: Client::new(url.clone(), Some(&self.secret_key)),
            url,
            instance_id: self.instance_id.clone(),
            secret_key: self.secret_key.clone(),
            engine,
            embed,
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
        match &self.embed.store {
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
        let (running, ctx, url) = run(&self.embed).await;
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
        let (running, ctx, url) = run(&self.embed).await;
        Self {
            clock: self.clock.clone(),
            ctx,
            client: Client::new(url.clone(), Some(&self.secret_key)),
            url,
            instance_id: self.instance_id.clone(),
            secret_key: self.secret_key.clone(),
            engine: self.engine,
            embed: self.embed.clone(),
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
        let Some(running) = self.running.take() else { return };
        running.stop().await;
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

fn embed(store: StoreSettings, clock: Clock) -> Embed {
    Embed {
        store,
        images: Images::open(&ImageStoreSettings::Memory).expect("a store for pictures"),
        clock,
        operator_token: Some(OPERATOR_TOKEN.to_owned()),
        master_key: MasterKey::new([MASTER_KEY; 32]),
        public_url: None,
        provider_timeout: PROVIDER_TIMEOUT,
        gateway_timeout: STRIPE_TIMEOUT,
        background: false,
    }
}

async fn run(embed: &Embed) -> (Embedded, Ctx, String) {
    let running = embed.clone().start().await.expect("a server");
    let (ctx, url) = (running.ctx.clone(), running.url.clone());
    (running, ctx, url)
}
