//! What time does to subscriptions: trials and periods end, payments become late.

use std::sync::Arc;

use rollbook_domain::billing::{ChargeType, Due, Phase, SubscriptionItem};
use rollbook_store::Conn;
use rollbook_store::billing::subscription_items as items;
use rollbook_wire::Id;

use super::account::Account;
use crate::backoff::backoff_ms;
use crate::{Ctx, Result, instances};

/// How soon an item is looked at again to which nothing could be done: the first pause, and the
/// longest.
const PAUSES_MS: (i64, i64) = (5_000, 3_600_000);

/// Items looked at in one go.
const SLICE: i64 = 100;

/// Does to some subscriptions of an instance, or of all, what is due by now; says how many items
/// were looked at.
///
/// Each payer has a transaction of its own that holds it and looks again, so that several servers
/// may do this at once, and a server that dies in between leaves nothing half done.
pub async fn advance(ctx: &Ctx, only: Option<&Id>) -> Result<usize> {
    let now = ctx.clock.now();
    let only = only.cloned();
    let due = ctx.db.read(move |conn| items::due(conn, only.as_ref(), now, SLICE)).await?;
    let n_due = due.len();
    for (instance, id, failures) in due {
        // Deleted, or turned off, since: its items wait until billing is on again.
        let Ok(tenant) = instances::get(ctx, &instance) else { continue };
        let (ctx_, id_) = (ctx.clone(), id.clone());
        let done = ctx
            .db
            .write(move |tx| {
                let Some(item) = items::by_id(tx, &tenant.instance.id, &id_)? else {
                    return Ok(());
                };
                let mut account = Account::lock(&ctx_, tx, &Arc::clone(&tenant), &item.owner)?;
                catch_up(&mut account, tx, now)?;
                account.tell(tx)
            })
            .await;
        if let Err(error) = done {
            // One payer must not keep the others waiting.
            tracing::error!(%error, item = %id, "failed to advance a subscription");
            let pause = backoff_ms(failures + 1, ctx.entropy.bytes(), PAUSES_MS);
            let note = move |tx: &mut Conn<'_>| items::failed(tx, &instance, &id, now + pause);
            ctx.db.write(note).await?;
        }
    }
    Ok(n_due)
}

/// Does everything that is due by `now`, in the order in which it became due.
pub(super) fn catch_up(account: &mut Account, tx: &mut Conn<'_>, now: i64) -> Result<()> {
    // What ends at a moment comes before what begins at it.
    let first =
        |item: &SubscriptionItem| item.due().map(|(at, _)| (at, item.phase == Phase::Upcoming));
    loop {
        let due = account.items.iter().filter(|item| item.due().is_some_and(|(at, _)| at <= now));
        let Some(item) = due.min_by_key(|item| first(item)).cloned() else { return Ok(()) };
        let Some((at, due)) = item.due() else { return Ok(()) };
        step(account, tx, item, (at, due))?;
    }
}

fn step(
    account: &mut Account,
    tx: &mut Conn<'_>,
    mut item: SubscriptionItem,
    (at, due): (i64, Due),
) -> Result<()> {
    match due {
        Due::TrialEnding => {
            item.trial_end_announced = true;
            account.put(tx, item, "subscriptionItem.freeTrialEnding", at)
        }
        Due::PastDue => {
            item.past_due_at = Some(at);
            account.put(tx, item, "subscriptionItem.pastDue", at)
        }
        Due::Start => {
            item.phase = Phase::Running;
            let price = account.catalogue.price(tx, &item.price_id)?;
            if price.for_period(item.period).is_some_and(|money| money.amount > 0) {
                item.begin_period(0);
                account.charge(tx, &mut item, ChargeType::Recurring, at)?;
            }
            account.put(tx, item, "subscriptionItem.active", at)
        }
        // Who has not paid for the last period gets no other.
        Due::PeriodEnd if item.canceled_at.is_some() || item.past_due_at.is_some() => {
            account.close_payments(tx, &item, at)?;
            item.past_due_at = None;
            item.end(at);
            account.put(tx, item, "subscriptionItem.ended", at)
        }
        Due::PeriodEnd if item.is_free_trial => {
            item.is_free_trial = false;
            item.anchor = at;
            item.begin_period(0);
            account.charge(tx, &mut item, ChargeType::Recurring, at)?;
            account.put(tx, item, "subscriptionItem.active", at)
        }
        Due::PeriodEnd => {
            let next = item.n_periods.saturating_add(1);
            item.begin_period(next);
            account.charge(tx, &mut item, ChargeType::Recurring, at)?;
            account.put(tx, item, "subscriptionItem.updated", at)
        }
    }
}
