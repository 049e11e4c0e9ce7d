//! What Stripe tells: checked, taken once, and done in the transaction that notes it.

use std::sync::Arc;

use rollbook_domain::Problem;
use rollbook_domain::billing::Owner;
use rollbook_store::Conn;
use rollbook_store::billing::{
    payment_jobs, stripe_customers, stripe_events, subscription_items as items,
};
use rollbook_stripe::{Event, PaymentIntent, Subject, Verdict, verify};
use rollbook_wire::{Code, Id};

use super::account::{none, opened};
use crate::billing::account::Account;
use crate::billing::advance::catch_up;
use crate::billing::gateway::Settlement;
use crate::billing::settle::{charge_again, hold, report};
use crate::{Ctx, Error, Result, Tenant};

/// Takes an event: `signature` is the header `Stripe-Signature`, `body` what was sent, byte by byte.
///
/// One that is not about anything of ours is taken, too: Stripe is not to send it again.
pub async fn stripe_event(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    signature: &str,
    body: &[u8],
) -> Result<()> {
    let instance = &tenant.instance.id;
    let account = opened(ctx, instance).await?;
    let secret = account.and_then(|account| account.webhook_secret);
    let secret = secret.ok_or_else(|| none(instance))?;
    let now = ctx.clock.now();
    if verify(signature, body, &secret, now.div_euclid(1000)).is_err() {
        let text = "The signature does not belong to this body and time.";
        return Err(Error::refused(Problem::new(Code::AuthenticationInvalid, text)));
    }
    let event = Event::parse(body).map_err(|_| {
        Error::refused(Problem::new(Code::BadRequest, "The body is no event of Stripe."))
    })?;
    let (ctx_, tenant) = (ctx.clone(), Arc::clone(tenant));
    ctx.db
        .write(move |tx| {
            let instance = &tenant.instance.id;
            crate::users::hold(tx, instance)?;
            if !stripe_events::hear(tx, instance, &event.id, now)? {
                return Ok(());
            }
            match &event.subject {
                Subject::Payment(intent) => payment(&ctx_, tx, &tenant, intent, now),
                Subject::Customer { id, has_other_method } => {
                    customer(&ctx_, tx, &tenant, (id, *has_other_method), now)
                }
                Subject::CustomerDeleted(id) => Ok(stripe_customers::delete(tx, instance, id)?),
                Subject::Other => Ok(()),
            }
        })
        .await
}

fn payment(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    tenant: &Arc<Tenant>,
    intent: &PaymentIntent,
    now: i64,
) -> Result<()> {
    let settlement = match intent.verdict() {
        Verdict::Paid => Settlement::Paid,
        Verdict::Failed(why) => Settlement::Failed(Some(why)),
        Verdict::Unconfirmed | Verdict::Open => return Ok(()),
    };
    let Some(id) = intent.payment_attempt().and_then(|id| id.parse::<Id>().ok()) else {
        return Ok(());
    };
    let Some((mut account, mut attempt)) = hold(ctx, tx, tenant, &id)? else { return Ok(()) };
    // Anyone with the same Stripe account may write any name on a payment.
    if attempt.gateway_external_id.as_deref() != Some(&intent.id) {
        return Ok(());
    }
    report(&mut account, tx, &mut attempt, &settlement, now)?;
    Ok(payment_jobs::wake(tx, &tenant.instance.id, &attempt.owner.id, now)?)
}

/// A customer with another means of payment: what waits for one is looked at now, and what
/// failed for want of a better is charged again.
fn customer(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    tenant: &Arc<Tenant>,
    (id, has_other_method): (&str, bool),
    now: i64,
) -> Result<()> {
    let instance = &tenant.instance.id;
    let Some(owner) = stripe_customers::owner(tx, instance, id)? else { return Ok(()) };
    payment_jobs::wake(tx, instance, &owner, now)?;
    let owner = items::of_owner(tx, instance, &owner)?.into_iter().map(|item| item.owner).next();
    let Some(owner) = owner.filter(|_| has_other_method) else { return Ok(()) };
    charge_late(ctx, tx, tenant, &owner, now)
}

fn charge_late(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    tenant: &Arc<Tenant>,
    owner: &Owner,
    now: i64,
) -> Result<()> {
    let mut account = Account::lock(ctx, tx, tenant, owner)?;
    catch_up(&mut account, tx, now)?;
    if let Some(item) = account.running().cloned() {
        charge_again(&mut account, tx, item, now)?;
    }
    account.tell(tx)
}
