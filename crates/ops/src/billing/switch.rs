//! Put a payer on a price: at once, or when what it has comes to its end.

use rollbook_domain::billing::{
    ChargeType, CreditSource, DAY_MS, Money, PaymentAttempt, PaymentStatus, Period, Phase, Plan,
    Price, SubscriptionItem, Unused,
};
use rollbook_store::Conn;
use rollbook_store::billing::payment_attempts;
use rollbook_wire::Prefix;

use super::account::Account;
use super::credits;
use crate::Result;

/// What came of it.
pub(super) struct Switched {
    pub(super) item: SubscriptionItem,
    pub(super) is_immediate: bool,
    pub(super) charge: Option<PaymentAttempt>,
    /// What ran before, as it is now.
    pub(super) previous: Option<SubscriptionItem>,
}

/// Puts the payer on `price`.
///
/// What is dearer by the month begins at once, and the unused days of what was paid count
/// towards it; what is not begins when the paid period ends. From nothing and from a free
/// trial everything begins at once. `trial` lets the plan's free trial come first.
pub(super) fn switch(
    account: &mut Account,
    tx: &mut Conn<'_>,
    (plan, price, period): (&Plan, &Price, Period),
    trial: bool,
    at: i64,
) -> Result<Switched> {
    account.abandon_upcoming(tx, at)?;
    let Some(mut before) = account.running().cloned() else {
        return begin(account, tx, (plan, price, period), (None, trial), at);
    };
    let old_price = account.catalogue.price(tx, &before.price_id)?;
    let dearer = price.monthly(period) > old_price.monthly(before.period)
        || price.currency != old_price.currency;
    let end = before
        .period_end
        .filter(|_| !dearer && !before.is_free_trial && before.past_due_at.is_none());
    if let Some(end) = end {
        before.canceled_at = before.canceled_at.or(Some(at));
        account.put(tx, before.clone(), "subscriptionItem.canceled", at)?;
        let id = account.ctx.entropy.id(Prefix::SubscriptionItem, at);
        let mut item = SubscriptionItem::new(id, account.owner.clone(), price, period, at);
        item.phase = Phase::Upcoming;
        item.anchor = end;
        item.period_start = end;
        account.put(tx, item.clone(), "subscriptionItem.upcoming", at)?;
        return Ok(Switched { item, is_immediate: false, charge: None, previous: Some(before) });
    }
    let unused = unused(account, tx, &before, &old_price, price, at)?;
    account.close_payments(tx, &before, at)?;
    before.canceled_at = before.canceled_at.or(Some(at));
    before.past_due_at = None;
    before.end(at);
    account.put(tx, before.clone(), "subscriptionItem.ended", at)?;
    let mut switched = begin(account, tx, (plan, price, period), (unused, trial), at)?;
    switched.previous = Some(before);
    Ok(switched)
}

fn begin(
    account: &mut Account,
    tx: &mut Conn<'_>,
    (plan, price, period): (&Plan, &Price, Period),
    (unused, trial): (Option<Unused>, bool),
    at: i64,
) -> Result<Switched> {
    let id = account.ctx.entropy.id(Prefix::SubscriptionItem, at);
    let mut item = SubscriptionItem::new(id, account.owner.clone(), price, period, at);
    let had_trial = account.items.iter().any(|item| item.had_free_trial);
    let trial_days = plan.free_trial_days.filter(|_| trial && !had_trial && !price.is_free());
    let mut charge = None;
    if let Some(days) = trial_days {
        item.is_free_trial = true;
        item.had_free_trial = true;
        item.period_end = Some(at + i64::from(days) * DAY_MS);
    } else if price.for_period(period).is_some_and(|money| money.amount > 0) {
        item.credit = unused;
        item.begin_period(0);
        charge = account.charge(tx, &mut item, ChargeType::Checkout, at)?;
    }
    // More was left than the new plan costs now: the rest is the payer's.
    if let Some(unused) = unused {
        let cost = price.for_period(period).map_or(0, |money| money.amount);
        let used = if trial_days.is_some() { 0 } else { unused.amount.min(cost) };
        let rest = Money::new(unused.amount - used, price.currency);
        credits::give(account, tx, rest, (CreditSource::Proration, &item.id), at)?;
    }
    account.put(tx, item.clone(), "subscriptionItem.active", at)?;
    Ok(Switched { item, is_immediate: true, charge, previous: None })
}

/// What the rest of a paid period is worth towards a price of the same currency.
fn unused(
    account: &Account,
    tx: &mut Conn<'_>,
    item: &SubscriptionItem,
    old: &Price,
    new: &Price,
    at: i64,
) -> Result<Option<Unused>> {
    let Some(end) = item.period_end else { return Ok(None) };
    if item.is_free_trial || old.currency != new.currency {
        return Ok(None);
    }
    let latest = payment_attempts::latest_of_item(tx, account.instance(), &item.id)?;
    let paid = latest.filter(|attempt| {
        attempt.status == PaymentStatus::Paid && attempt.created_at >= item.period_start
    });
    let unused =
        paid.map(|attempt| Unused::of(attempt.subtotal.amount, item.period_start, end, at));
    Ok(unused.filter(|unused| unused.amount > 0))
}
