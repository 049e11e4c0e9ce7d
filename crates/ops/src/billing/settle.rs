//! What becomes of payments: said by the operator, or by the gateway that collects them.

use std::sync::Arc;

use rollbook_domain::Problem;
use rollbook_domain::billing::{
    CreditSource, Gateway, PaymentAttempt, PaymentStatus, Phase, SubscriptionItem,
};
use rollbook_store::Conn;
use rollbook_store::billing::payment_attempts as attempts;
use rollbook_wire::billing as wire;
use rollbook_wire::{Code, Id};

use super::account::Account;
use super::advance::catch_up;
use super::credits;
use super::gateway::Settlement;
use super::statements::render_attempt;
use crate::{Ctx, Error, Result, Tenant};

/// Notes what an operator says became of a payment; the same said twice is said once.
///
/// What a gateway collects may be given up, but not be said to be paid: it could be paid twice.
pub async fn settle(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    id: &Id,
    settlement: Settlement,
) -> Result<wire::PaymentAttempt> {
    with_attempt(ctx, tenant, id, move |account, tx, attempt, now| {
        let collected = account.tenant.instance.settings.billing.gateway;
        match (attempt.status, &settlement) {
            (PaymentStatus::Pending, Settlement::Paid)
                if attempt.gateway == collected && collected != Gateway::Manual =>
            {
                let name = collected.as_str();
                Err(conflict(format!("The payment is collected by {name}.")))
            }
            (PaymentStatus::Pending, _) => apply(account, tx, attempt, &settlement, now),
            (PaymentStatus::Paid, Settlement::Paid)
            | (PaymentStatus::Failed, Settlement::Failed(_)) => Ok(()),
            (status, _) => {
                let status = status.as_str();
                Err(conflict(format!("The payment attempt is {status} already.")))
            }
        }
    })
    .await
}

/// Makes the payment of a period that is past due anew, since the last attempt failed.
pub async fn retry_payment(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    id: &Id,
) -> Result<wire::PaymentAttempt> {
    with_attempt(ctx, tenant, id, |account, tx, attempt, now| {
        let item = account.items.iter().find(|item| item.id == attempt.subscription_item_id);
        let again = match item.cloned() {
            Some(item) => charge_again(account, tx, item, now)?,
            None => None,
        };
        *attempt = again.ok_or_else(|| {
            conflict("No payment of the subscription item is past due and failed.".to_owned())
        })?;
        Ok(())
    })
    .await
}

/// Holds the payer of an attempt, lets time do what is due, does `act`, and shows the attempt.
async fn with_attempt<F>(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    id: &Id,
    act: F,
) -> Result<wire::PaymentAttempt>
where
    F: Fn(&mut Account, &mut Conn<'_>, &mut PaymentAttempt, i64) -> Result<()> + Send + 'static,
{
    let (ctx_, tenant, id) = (ctx.clone(), Arc::clone(tenant), id.clone());
    ctx.db
        .write(move |tx| {
            let held = hold(&ctx_, tx, &tenant, &id)?;
            let Some((mut account, mut attempt)) = held else {
                return Err(Error::not_found("payment attempt", id.as_str()));
            };
            act(&mut account, tx, &mut attempt, ctx_.clock.now())?;
            account.tell(tx)?;
            Ok(render_attempt(&attempt, &tenant.instance.id, &account.payer))
        })
        .await
}

/// The attempt and its payer, held, after time did what is due.
pub(super) fn hold(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    tenant: &Arc<Tenant>,
    id: &Id,
) -> Result<Option<(Account, PaymentAttempt)>> {
    let instance = &tenant.instance.id;
    let Some(found) = attempts::by_id(tx, instance, id)? else { return Ok(None) };
    let mut account = Account::lock(ctx, tx, tenant, &found.owner)?;
    catch_up(&mut account, tx, ctx.clock.now())?;
    // Again, now that nobody else changes it.
    Ok(attempts::by_id(tx, instance, id)?.map(|attempt| (account, attempt)))
}

/// Notes what a gateway says became of a payment; it may say so twice, and late.
pub(super) fn report(
    account: &mut Account,
    tx: &mut Conn<'_>,
    attempt: &mut PaymentAttempt,
    settlement: &Settlement,
    now: i64,
) -> Result<()> {
    match (attempt.status, settlement) {
        (PaymentStatus::Pending, _) => apply(account, tx, attempt, settlement, now)?,
        (PaymentStatus::Failed, Settlement::Paid) if attempt.paid_late_at.is_none() => {
            paid_late(account, tx, attempt, now)?;
        }
        (PaymentStatus::Paid | PaymentStatus::Failed, _) => {}
    }
    account.tell(tx)
}

fn apply(
    account: &mut Account,
    tx: &mut Conn<'_>,
    attempt: &mut PaymentAttempt,
    settlement: &Settlement,
    now: i64,
) -> Result<()> {
    let item = account.items.iter().find(|item| item.id == attempt.subscription_item_id).cloned();
    let mut item = item.ok_or_else(|| Error::internal("settle a payment", "its item is gone"))?;
    let event = match settlement {
        Settlement::Paid => {
            attempt.status = PaymentStatus::Paid;
            attempt.updated_at = now;
            attempt.paid_at = Some(now);
            let was_late = item.past_due_at.take().is_some();
            item.payment_due_at = None;
            item.lifetime_paid.amount =
                item.lifetime_paid.amount.saturating_add(attempt.total().amount);
            attempts::save(tx, &account.instance().clone(), attempt)?;
            super::events::payment(account, tx, "paymentAttempt.updated", attempt, &item)?;
            if was_late { "subscriptionItem.active" } else { "subscriptionItem.updated" }
        }
        Settlement::Failed(reason) => {
            attempt.failed_reason.clone_from(reason);
            item.payment_due_at = None;
            item.past_due_at = item.past_due_at.or(Some(now));
            account.fail_payment(tx, &item, attempt, now)?;
            "subscriptionItem.pastDue"
        }
    };
    account.put(tx, item, event, now)
}

/// What came in for a payment that was given up is the payer's, and pays what is past due.
fn paid_late(
    account: &mut Account,
    tx: &mut Conn<'_>,
    attempt: &mut PaymentAttempt,
    now: i64,
) -> Result<()> {
    attempt.paid_late_at = Some(now);
    attempt.updated_at = now;
    attempts::save(tx, &account.instance().clone(), attempt)?;
    credits::give(account, tx, attempt.total(), (CreditSource::Payment, &attempt.id), now)?;
    let item = account.items.iter().find(|item| item.id == attempt.subscription_item_id).cloned();
    if let Some(item) = item {
        charge_again(account, tx, item, now)?;
    }
    Ok(())
}

/// Charges the running period of an item that is past due once more, if its last attempt failed.
pub(super) fn charge_again(
    account: &mut Account,
    tx: &mut Conn<'_>,
    mut item: SubscriptionItem,
    now: i64,
) -> Result<Option<PaymentAttempt>> {
    let is_late = item.phase == Phase::Running && item.past_due_at.is_some();
    let latest = attempts::latest_of_item(tx, account.instance(), &item.id)?;
    let failed = latest.filter(|latest| is_late && latest.status == PaymentStatus::Failed);
    let Some(failed) = failed else { return Ok(None) };
    let Some(attempt) = account.charge(tx, &mut item, failed.charge_type, now)? else {
        return Ok(None);
    };
    let event = if attempt.status == PaymentStatus::Paid {
        item.past_due_at = None;
        "subscriptionItem.active"
    } else {
        "subscriptionItem.updated"
    };
    account.put(tx, item, event, now)?;
    Ok(Some(attempt))
}

fn conflict(message: String) -> Error {
    Error::refused(Problem::new(Code::Conflict, message))
}
