//! A Rollbook in this process, with an instance of its own for each test.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let clerk = rollbook_sdk::testing::start().await?;
//! let ada = clerk.users().create().username("ada_lovelace").send().await?;
//! assert_eq!(clerk.users().count().send().await?.total_count, 1);
//! # let _ = ada;
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! The first call of a process starts the server, on a thread of its own and a free port of
//! 127.0.0.1; each call makes a new, empty instance that no other sees. Nothing else needs to be
//! installed or running, and nothing is left behind.

use std::ops::Deref;
use std::sync::{OnceLock, mpsc};

use rollbook_embed::{Embed, Instances};
use serde::Serialize;
use tokio::runtime::{Builder, Handle};

use crate::{Clerk, InstanceId, RetryConfig, Secret, params};

/// A client of a new instance.
///
/// # Errors
///
/// [`TestingError`] if the server could not be started, for instance because no port is free.
pub async fn start() -> Result<Instance, TestingError> {
    let server = server()?;
    let instances = server.instances.clone();
    let created = on(server, async move { instances.create().await });
    let created = created.await?.map_err(TestingError::new)?;
    let secret_key = Secret::from(created.secret_key);
    let clerk = Clerk::builder()
        .bearer_auth(secret_key.clone())
        .server_url(&*server.url)
        .retries(RetryConfig::none())
        .http_client(plain_http()?)
        .build()
        .map_err(TestingError::new)?;
    let id = created.id.to_string().into();
    Ok(Instance { clerk, id, secret_key, server, wire_id: created.id })
}

/// A new instance, to be used as the [`Clerk`] it is; dropped, it is deleted.
#[derive(Debug)]
pub struct Instance {
    clerk: Clerk,
    id: InstanceId,
    wire_id: rollbook_wire::Id,
    secret_key: Secret,
    server: &'static Server,
}

impl Instance {
    /// `ins_…`
    pub fn id(&self) -> &InstanceId {
        &self.id
    }

    /// Where the server is, for programs that are given `CLERK_API_URL`.
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// The instance's key, for programs that are given `CLERK_SECRET_KEY`.
    pub fn secret_key(&self) -> &Secret {
        &self.secret_key
    }

    /// Changes the instance's settings by a JSON merge patch, such as
    /// `json!({ "billing": { "enabled": true } })`; what there is to set is in Rollbook's contract,
    /// under `/admin/v1/instances/{instance_id}/settings`.
    ///
    /// # Errors
    ///
    /// [`TestingError`] if the patch is no object or no setting.
    pub async fn settings(&self, patch: impl Serialize) -> Result<(), TestingError> {
        let patch = params::object(patch, "settings").map_err(TestingError::new)?;
        let (instances, id) = (self.server.instances.clone(), self.wire_id.clone());
        let updated = on(self.server, async move { instances.settings(&id, patch).await });
        updated.await?.map_err(TestingError::new)
    }
}

impl Deref for Instance {
    type Target = Clerk;

    fn deref(&self) -> &Clerk {
        &self.clerk
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let (instances, id) = (self.server.instances.clone(), self.wire_id.clone());
        // Nobody waits for it; at the end of the process all is gone anyway.
        self.server.handle.spawn(async move { instances.delete(&id).await });
    }
}

/// The server could not be started, or refused.
#[derive(Debug, thiserror::Error)]
#[error("the server for tests failed")]
pub struct TestingError {
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl TestingError {
    fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}

/// The one of this process.
struct Server {
    instances: Instances,
    url: String,
    handle: Handle,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("url", &self.url).finish_non_exhaustive()
    }
}

fn server() -> Result<&'static Server, TestingError> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    SERVER.get_or_init(run).as_ref().map_err(|text| TestingError::new(text.clone()))
}

/// On a thread and a runtime of its own: those of a test end with the test.
fn run() -> Result<Server, String> {
    let (tell, told) = mpsc::channel();
    let thread = std::thread::Builder::new().name("rollbook".to_owned());
    let serve = move || {
        let runtime = match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(tell.send(Err(error.to_string()))),
        };
        runtime.block_on(async {
            let started = match Embed::in_memory() {
                Ok(embed) => embed.start().await,
                Err(error) => Err(error),
            };
            let (server, _embedded) = match started {
                Ok(embedded) => {
                    let (instances, url) = (embedded.instances(), embedded.url.clone());
                    (Ok(Server { instances, url, handle: Handle::current() }), Some(embedded))
                }
                Err(error) => (Err(chain(&error)), None),
            };
            let _ = tell.send(server);
            std::future::pending::<()>().await;
        });
    };
    thread.spawn(serve).map_err(|error| error.to_string())?;
    told.recv().map_err(|error| error.to_string())?
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

/// Runs something on the server's runtime.
async fn on<T: Send + 'static>(
    server: &Server,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, TestingError> {
    server.handle.spawn(work).await.map_err(TestingError::new)
}

/// One for each instance, since a connection ends with the runtime of the test that made it, and
/// without certificates, which take longer to read than all the rest.
fn plain_http() -> Result<reqwest::Client, TestingError> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    http.build().map_err(TestingError::new)
}
