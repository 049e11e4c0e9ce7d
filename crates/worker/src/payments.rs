//! Collects payments that are due: each by one server at a time, and none without end.

use std::time::Duration;

use rollbook_ops::billing::{claim_payments, collect_payment};
use rollbook_ops::{Ctx, Error};
use rollbook_wire::Id;
use tokio::task::JoinSet;

const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(crate) async fn collect_for_ever(ctx: &Ctx) {
    loop {
        match collect(ctx, None).await {
            Ok(0) => tokio::time::sleep(LOOK_EVERY).await,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "failed to look for payments to collect");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// Sees to some payments of one instance or of all; answers how many.
///
/// Zero means that nothing is due now, be it that there is none, that it waits for another look,
/// or that someone else sees to it.
pub async fn collect(ctx: &Ctx, only: Option<&Id>) -> Result<usize, Error> {
    let claimed = claim_payments(ctx, only).await?;
    let n_claimed = claimed.len();
    let mut looks = JoinSet::new();
    for one in claimed {
        let ctx = ctx.clone();
        looks.spawn(async move { collect_payment(&ctx, one).await });
    }
    let mut done = Ok(n_claimed);
    while let Some(look) = looks.join_next().await {
        let look = look.map_err(|e| Error::internal("collect a payment", e)).flatten();
        done = done.and_then(|n| look.map(|()| n));
    }
    done
}
