//! What webhooks share within a server: the sender, a bell, and counts.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use rollbook_webhooks::Sender;
use tokio::sync::Notify;

/// The part of the context that is about webhooks.
#[derive(Debug)]
pub struct Webhooks {
    /// Sends messages.
    pub sender: Sender,
    /// For the metrics.
    pub counts: Counts,
    /// Whether there may be an endpoint at all.
    listened: AtomicBool,
    bell: Notify,
}

/// What became of messages since the start; and how many are still to be sent.
#[derive(Debug, Default)]
pub struct Counts {
    /// Still to be delivered, as of lately.
    pub pending: AtomicI64,
    /// Attempts that delivered.
    pub delivered: AtomicI64,
    /// Attempts that did not.
    pub failed: AtomicI64,
}

impl Webhooks {
    /// Nothing sent yet.
    pub fn new(sender: Sender) -> Self {
        Self {
            sender,
            counts: Counts::default(),
            listened: AtomicBool::new(false),
            bell: Notify::new(),
        }
    }

    /// Notes whether any instance has an endpoint; if none has, events ring no bell.
    pub fn set_listened(&self, listened: bool) {
        self.listened.store(listened, Ordering::Relaxed);
    }

    pub(crate) fn is_listened(&self) -> bool {
        self.listened.load(Ordering::Relaxed)
    }

    /// There may be something to send.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// Waits for somebody to ring; a ring before the call counts.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }
}
