//! The threads of one store, and the wait until all have ended.

use std::thread::Builder;

use tokio::sync::{Mutex, mpsc};

use crate::{Error, Result};

/// Starts threads and waits for them without blocking.
pub(crate) struct Threads {
    alive: parking_lot::Mutex<Option<mpsc::Sender<()>>>,
    ended: Mutex<mpsc::Receiver<()>>,
}

impl Threads {
    pub(crate) fn new() -> Self {
        let (alive, ended) = mpsc::channel(1);
        Self { alive: parking_lot::Mutex::new(Some(alive)), ended: Mutex::new(ended) }
    }

    /// Starts a thread; it counts as alive until `body` has returned and been dropped.
    pub(crate) fn start(&self, name: &str, body: impl FnOnce() + Send + 'static) -> Result<()> {
        let alive = self.alive.lock().clone();
        Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                body();
                drop(alive);
            })
            .map_err(Error::unavailable)?;
        Ok(())
    }

    /// Waits until every thread has ended; they must have been told to.
    pub(crate) async fn ended(&self) {
        self.alive.lock().take();
        while self.ended.lock().await.recv().await.is_some() {}
    }
}
