//! Lets time do to subscriptions what is due.

use std::time::Duration;

use rollbook_ops::Ctx;
use rollbook_ops::billing::advance;

const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(crate) async fn advance_for_ever(ctx: &Ctx) {
    loop {
        // Sleeps even when there may be more: what fails must not be tried without a pause.
        if let Err(error) = advance(ctx, None).await {
            tracing::warn!(%error, "failed to look for subscriptions to advance");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
