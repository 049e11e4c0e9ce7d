//! What runs beside the requests: keeping up with other servers, sending mail and webhooks,
//! letting time do to subscriptions what is due, collecting payments, sweeping.

mod billing;
mod mail;
mod payments;
mod webhooks;

use std::time::Duration;

use rollbook_mail::Mailer;
use rollbook_ops::Ctx;
use rollbook_store::billing::stripe_events;
use rollbook_store::{Conn, emails, outbox, webhook_deliveries};

pub use mail::{LEASE_MS, deliver};
pub use payments::collect;
pub use webhooks::{WEBHOOK_LEASE_MS, deliver_webhooks};

/// How long a key revoked by another process may still be good here.
const CATALOG_EVERY: Duration = Duration::from_millis(500);

const SWEEP_EVERY: Duration = Duration::from_mins(10);
const SWEEP_SLICE: i64 = 1000;

/// Longer than Stripe sends an event again, be it by an operator's hand.
const STRIPE_REPEATS_MS: i64 = 60 * 86_400_000;

/// How long the outbox keeps its events, and mailboxes what was sent.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Days; events are history after that.
    pub outbox_days: u32,
}

/// Runs until it is dropped.
pub async fn run(ctx: Ctx, retention: Retention, mailer: Mailer) {
    tokio::join!(
        follow_catalog(&ctx),
        sweep_outbox(&ctx, retention),
        billing::advance_for_ever(&ctx),
        mail::deliver_for_ever(&ctx, &mailer),
        webhooks::deliver_for_ever(&ctx),
        payments::collect_for_ever(&ctx),
    );
}

async fn follow_catalog(ctx: &Ctx) {
    loop {
        tokio::time::sleep(CATALOG_EVERY).await;
        if let Err(error) = ctx.refresh_catalog().await {
            tracing::warn!(%error, "failed to look for changed instances and keys");
        }
    }
}

async fn sweep_outbox(ctx: &Ctx, retention: Retention) {
    loop {
        if let Err(error) = prune(ctx, retention).await {
            tracing::warn!(%error, "failed to sweep the outbox");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

/// Deletes the events, the messages to endpoints with their log, and the mail
/// that is not to be sent any more, that are older than `retention`.
pub async fn prune(ctx: &Ctx, retention: Retention) -> rollbook_store::Result<()> {
    let now = ctx.clock.now();
    let before = now - i64::from(retention.outbox_days) * 86_400_000;
    ctx.db.write(move |tx| webhook_deliveries::give_up_disabled(tx, before, now)).await?;
    let webhooks = move |tx: &mut Conn<'_>| webhook_deliveries::prune(tx, before, SWEEP_SLICE);
    while ctx.db.write(webhooks).await? > 0 {}
    let heard = now - STRIPE_REPEATS_MS;
    while ctx.db.write(move |tx| stripe_events::prune(tx, heard, SWEEP_SLICE)).await? > 0 {}
    while ctx.db.write(move |tx| outbox::prune(tx, before, SWEEP_SLICE)).await? > 0 {}
    while ctx.db.write(move |tx| emails::prune(tx, before, SWEEP_SLICE)).await? > 0 {}
    Ok(())
}
