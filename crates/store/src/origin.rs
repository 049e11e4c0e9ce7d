//! On whose request a transaction runs, for the events that it writes.

use std::sync::Arc;

use tokio::task::JoinHandle;

tokio::task_local! {
    static ORIGIN: Arc<Origin>;
}

/// The request behind a transaction, as far as events tell of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address that the request came from.
    pub client_ip: Option<String>,
    /// What its sender calls itself.
    pub user_agent: Option<String>,
}

impl Origin {
    /// Runs `request`; every transaction that it submits knows where it comes from.
    ///
    /// A task, and not an argument of every operation, because nothing but
    /// events ever asks.
    pub async fn scope<F: Future>(self, request: F) -> F::Output {
        ORIGIN.scope(Arc::new(self), request).await
    }

    /// Spawns what must be finished although the request may be gone, on its behalf still.
    pub fn spawn<F>(work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        match Self::current() {
            Some(origin) => tokio::spawn(ORIGIN.scope(origin, work)),
            None => tokio::spawn(work),
        }
    }

    pub(crate) fn current() -> Option<Arc<Self>> {
        ORIGIN.try_with(Arc::clone).ok()
    }
}
