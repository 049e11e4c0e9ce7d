//! Tells endpoints what happened: at least once, each stream in its order, and
//! no endpoint at the expense of another.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rollbook_ops::webhooks::{self as ops, Ready};
use rollbook_ops::{Ctx, Error};
use rollbook_store::webhook_deliveries::{self as store, Due};
use rollbook_webhooks::{Attempt, SEND_WITHIN_S};
use rollbook_wire::Id;
use tokio::task::JoinSet;

/// How soon events of other servers, and messages that are due again, are noticed.
const POLL_EVERY: Duration = Duration::from_millis(500);

const COUNT_EVERY: Duration = Duration::from_secs(10);

/// How long others leave a claimed message alone: what an attempt may take, and
/// what the clocks of two servers may differ by, less the time of a commit.
pub const WEBHOOK_LEASE_MS: i64 = 2 * 1000 * SEND_WITHIN_S;

/// Messages under way to one endpoint at a time.
const AT_ONCE: usize = 8;

/// To one whose last attempt failed, so that endpoints that hang hold little.
const AT_ONCE_FAILING: usize = 1;

/// Messages under way in all.
const AT_ONCE_IN_ALL: usize = 256;

pub(crate) async fn deliver_for_ever(ctx: &Ctx) {
    tokio::join!(
        async {
            let mut courier = Courier::new(ctx);
            loop {
                if let Err(error) = courier.round().await {
                    tracing::warn!(%error, "failed to look for webhooks to send");
                }
                courier.rest().await;
            }
        },
        count_for_ever(ctx)
    );
}

/// Sends all that is due in one instance, and what becomes due by that; answers
/// how many attempts were made.
pub async fn deliver_webhooks(ctx: &Ctx, instance: &Id) -> Result<usize, Error> {
    let mut courier = Courier { only: Some(instance.clone()), ..Courier::new(ctx) };
    let mut n_attempts = 0;
    loop {
        let n_begun = courier.round().await?;
        n_attempts += n_begun;
        if n_begun == 0 && courier.tasks.is_empty() {
            return Ok(n_attempts);
        }
        courier.one_done().await;
    }
}

async fn count_for_ever(ctx: &Ctx) {
    loop {
        match ctx.db.read(store::n_under_way).await {
            Ok(n) => ctx.webhooks.counts.pending.store(n, Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "failed to count webhooks"),
        }
        tokio::time::sleep(COUNT_EVERY).await;
    }
}

type Endpoint = (Id, Id);

/// Attempts under way, by endpoint.
struct Courier {
    ctx: Ctx,
    tasks: JoinSet<Endpoint>,
    under_way: HashMap<Endpoint, usize>,
    /// Nobody else's are sent.
    only: Option<Id>,
}

impl Courier {
    fn new(ctx: &Ctx) -> Self {
        Self { ctx: ctx.clone(), tasks: JoinSet::new(), under_way: HashMap::new(), only: None }
    }

    /// Begins every attempt that is due and that there is room for; says how many.
    async fn round(&mut self) -> Result<usize, Error> {
        while ops::decide(&self.ctx).await? {}
        let mut n_begun = 0;
        for due in ops::due(&self.ctx).await? {
            let room = self.room(&due);
            if room == 0 || self.only.as_ref().is_some_and(|only| *only != due.instance_id) {
                continue;
            }
            let limit = i64::try_from(room).unwrap_or(1);
            for ready in ops::claim(&self.ctx, &due, WEBHOOK_LEASE_MS, limit).await? {
                self.begin(ready);
                n_begun += 1;
            }
        }
        Ok(n_begun)
    }

    fn room(&self, due: &Due) -> usize {
        let most = if due.is_failing { AT_ONCE_FAILING } else { AT_ONCE };
        let endpoint = (due.instance_id.clone(), due.endpoint_id.clone());
        let under_way = self.under_way.get(&endpoint).copied().unwrap_or_default();
        let in_all = AT_ONCE_IN_ALL.saturating_sub(self.tasks.len());
        most.saturating_sub(under_way).min(in_all)
    }

    fn begin(&mut self, ready: Ready) {
        let claimed = &ready.claimed;
        let endpoint = (claimed.instance_id.clone(), claimed.endpoint_id.clone());
        *self.under_way.entry(endpoint.clone()).or_default() += 1;
        let ctx = self.ctx.clone();
        self.tasks.spawn(async move {
            let id = ready.message.id.clone();
            if let Err(error) = attempt(&ctx, ready).await {
                tracing::warn!(%error, message = %id, "failed to note an attempt to send a webhook");
            }
            endpoint
        });
    }

    /// Waits for one attempt to end, if any is under way.
    async fn one_done(&mut self) {
        match self.tasks.join_next().await {
            Some(Ok(endpoint)) => {
                if let Some(n) = self.under_way.get_mut(&endpoint) {
                    *n -= 1;
                    if *n == 0 {
                        self.under_way.remove(&endpoint);
                    }
                }
            }
            // Whose it was is not known; what is not counted any more can only be too few.
            Some(Err(error)) => {
                tracing::error!(%error, "an attempt to send a webhook panicked");
                self.under_way.clear();
            }
            None => {}
        }
    }

    /// Waits until there may be something to do.
    async fn rest(&mut self) {
        let webhooks = self.ctx.clone();
        if self.tasks.is_empty() {
            tokio::select! {
                () = webhooks.webhooks.rung() => {}
                () = tokio::time::sleep(POLL_EVERY) => {}
            }
        } else {
            tokio::select! {
                () = webhooks.webhooks.rung() => {}
                () = tokio::time::sleep(POLL_EVERY) => {}
                () = self.one_done() => {}
            }
        }
    }
}

async fn attempt(ctx: &Ctx, ready: Ready) -> Result<(), Error> {
    let began_at = ctx.clock.now();
    let made = match &ready.target {
        Ok(target) => {
            let sender = &ctx.webhooks.sender;
            sender.send(target, &ready.message, &ready.secrets, began_at.div_euclid(1000)).await
        }
        Err(reason) => Attempt::not_made(reason.clone()),
    };
    ops::settle(ctx, ready.claimed, made, began_at).await
}
