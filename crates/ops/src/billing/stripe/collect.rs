//! Collect a payment: ask for it, keep its id, and only then have it made.
//!
//! What is asked for moves no money until it is confirmed, and what is confirmed succeeds once at
//! most. So a crash, a lost answer or two servers at once may leave a request that nobody
//! confirms, but never a second payment.

use std::sync::Arc;

use rollbook_domain::billing::{Card, Gateway, PaidWith, PaymentAttempt, PaymentStatus};
use rollbook_store::billing::payment_jobs::{self as jobs, Claimed};
use rollbook_store::billing::{payment_attempts as attempts, stripe_customers};
use rollbook_stripe::{Account, NewIntent, PaymentIntent, PaymentMethod, Verdict, charged};
use rollbook_wire::Id;

use super::account::{account, opened};
use super::customers::{Trouble, ensure};
use crate::backoff::backoff_ms;
use crate::billing::gateway::Settlement;
use crate::billing::settle::{hold, report};
use crate::{Ctx, Error, Result, Tenant, instances};

/// Payments under way at a time.
const AT_ONCE: i64 = 8;

/// How long others leave a claimed payment alone: six answers, with the client's patience for
/// each, and what the clocks of two servers may differ by.
const LEASE_MS: i64 = 120_000;

/// How soon a payment is looked at again: the first pause, and the longest.
const PAUSES_MS: (i64, i64) = (10_000, 6 * 3_600_000);

/// What is left to do about a payment.
enum Next {
    Nothing,
    /// To be looked at again, since this keeps it.
    Again(String),
}

/// Claims some payments that are due to be looked at, of one instance or of any.
pub async fn claim_payments(ctx: &Ctx, only: Option<&Id>) -> Result<Vec<Claimed>> {
    let now = ctx.clock.now();
    if ctx.db.read(jobs::next_due).await?.is_none_or(|due| due > now) {
        return Ok(Vec::new());
    }
    let only = only.cloned();
    let claim = move |tx: &mut rollbook_store::Conn<'_>| {
        jobs::claim(tx, only.as_ref(), now, now + LEASE_MS, AT_ONCE)
    };
    Ok(ctx.db.write(claim).await?)
}

/// Does what is to be done about a payment that was claimed.
pub async fn collect_payment(ctx: &Ctx, claimed: Claimed) -> Result<()> {
    let id = claimed.payment_attempt_id.as_str();
    let next = match look(ctx, &claimed).await {
        Ok(next) => next,
        Err(Trouble::Stripe(error)) => {
            tracing::warn!(payment_attempt = id, %error, "Stripe did not help with a payment");
            Next::Again(error.to_string())
        }
        Err(Trouble::Ours(error)) => {
            tracing::error!(payment_attempt = id, %error, "failed to collect a payment");
            Next::Again("failed here; the log says why".to_owned())
        }
    };
    let at = ctx.clock.now() + backoff_ms(claimed.attempts, ctx.entropy.bytes(), PAUSES_MS);
    ctx.db
        .write(move |tx| {
            match &next {
                Next::Nothing => jobs::close(tx, &claimed)?,
                Next::Again(why) => jobs::retry(tx, &claimed, at, why)?,
            };
            Ok(())
        })
        .await
}

async fn look(ctx: &Ctx, claimed: &Claimed) -> Result<Next, Trouble> {
    let again = |why: &str| Ok(Next::Again(why.to_owned()));
    // Deleted, with all that it had.
    let Ok(tenant) = instances::get(ctx, &claimed.instance_id) else { return Ok(Next::Nothing) };
    let billing = tenant.instance.settings.billing;
    if !billing.enabled || billing.gateway != Gateway::Stripe {
        return again("Stripe is not the instance's gateway");
    }
    let Some(stripe) = opened(ctx, &tenant.instance.id).await? else {
        return again("no Stripe account is set up");
    };
    let (instance, id) = (claimed.instance_id.clone(), claimed.payment_attempt_id.clone());
    let attempt = ctx.db.read(move |conn| attempts::by_id(conn, &instance, &id)).await?;
    let Some(attempt) = attempt else { return Ok(Next::Nothing) };
    let till = Till { ctx, tenant: &tenant, account: account(&stripe) };
    match attempt.status {
        PaymentStatus::Paid => Ok(Next::Nothing),
        PaymentStatus::Pending => till.collect(&attempt).await,
        PaymentStatus::Failed => till.take_back(&attempt).await,
    }
}

/// Where a payment is made.
struct Till<'a> {
    ctx: &'a Ctx,
    tenant: &'a Arc<Tenant>,
    account: Account<'a>,
}

impl Till<'_> {
    /// Has an open payment made.
    async fn collect(&self, attempt: &PaymentAttempt) -> Result<Next, Trouble> {
        let client = &self.ctx.stripe;
        let mut intent = match &attempt.gateway_external_id {
            Some(id) => client.intent(self.account, id).await?,
            None => match self.ask_for(attempt).await? {
                Ok(intent) => intent,
                Err(next) => return Ok(next),
            },
        };
        if intent.verdict() == Verdict::Unconfirmed {
            intent = match client.confirm_intent(self.account, &intent.id).await {
                // The payment itself tells what kind of no it is.
                Err(rollbook_stripe::Error::Refused { status: 402, .. }) => {
                    client.intent(self.account, &intent.id).await?
                }
                confirmed => confirmed?,
            };
        }
        match intent.verdict() {
            Verdict::Paid => {
                self.report(attempt, Settlement::Paid).await?;
                Ok(Next::Nothing)
            }
            Verdict::Failed(why) => {
                self.report(attempt, Settlement::Failed(Some(why))).await?;
                self.cancel(attempt, &intent).await
            }
            Verdict::Unconfirmed | Verdict::Open => {
                Ok(Next::Again("the payment is not decided yet".to_owned()))
            }
        }
    }

    /// Sees to it that a payment that is not wanted any more is not made.
    async fn take_back(&self, attempt: &PaymentAttempt) -> Result<Next, Trouble> {
        let Some(id) = &attempt.gateway_external_id else { return Ok(Next::Nothing) };
        let intent = self.ctx.stripe.intent(self.account, id).await?;
        if intent.verdict() == Verdict::Paid {
            self.report(attempt, Settlement::Paid).await?;
            return Ok(Next::Nothing);
        }
        self.cancel(attempt, &intent).await
    }

    async fn cancel(
        &self,
        attempt: &PaymentAttempt,
        intent: &PaymentIntent,
    ) -> Result<Next, Trouble> {
        if intent.is_canceled() {
            return Ok(Next::Nothing);
        }
        let canceled = self.ctx.stripe.cancel_intent(self.account, &intent.id).await?;
        // Made in this very moment.
        if canceled.verdict() == Verdict::Paid {
            self.report(attempt, Settlement::Paid).await?;
        }
        Ok(Next::Nothing)
    }

    /// Asks for a payment with the payer's default means, and keeps its id.
    async fn ask_for(
        &self,
        attempt: &PaymentAttempt,
    ) -> Result<Result<PaymentIntent, Next>, Trouble> {
        let again = |why: &str| Ok(Err(Next::Again(why.to_owned())));
        let (client, account) = (&self.ctx.stripe, self.account);
        let id = ensure(self.ctx, self.tenant, &attempt.owner, account).await?;
        let customer = client.customer(account, &id).await?;
        if customer.deleted {
            let (instance, id) = (self.tenant.instance.id.clone(), id.clone());
            let forget = move |tx: &mut rollbook_store::Conn<'_>| {
                stripe_customers::delete(tx, &instance, &id)
            };
            self.ctx.db.write(forget).await?;
            return again("the customer was deleted at Stripe");
        }
        let Some(method) = customer.default_payment_method() else {
            return again("the customer has no default payment method");
        };
        let method = client.payment_method(account, method).await?;
        let (total, currency) = (attempt.total(), attempt.subtotal.currency);
        let amount = charged(currency.code(), currency.minor_digits(), total.amount);
        let Some(amount) = amount else {
            let why = Settlement::Failed(Some("amount_not_supported".to_owned()));
            self.report(attempt, why).await?;
            return Ok(Err(Next::Nothing));
        };
        let key = format!("{}-{}-{}", self.tenant.instance.id, attempt.id, method.id);
        let new = NewIntent {
            customer: &id,
            method: &method,
            amount,
            currency: currency.code(),
            payment_attempt: attempt.id.as_str(),
            idempotency_key: &key,
        };
        let intent = client.create_intent(account, new).await?;
        let is_wanted = self.keep(attempt, &intent, &method).await?;
        // Given up meanwhile: the next look takes it back.
        if is_wanted { Ok(Ok(intent)) } else { again("it was given up") }
    }

    /// Writes down what a payment is called at Stripe; false if it is not wanted any more.
    async fn keep(
        &self,
        attempt: &PaymentAttempt,
        intent: &PaymentIntent,
        method: &PaymentMethod,
    ) -> Result<bool> {
        let (ctx, tenant, id) = (self.ctx.clone(), Arc::clone(self.tenant), attempt.id.clone());
        let (external_id, url) = (intent.id.clone(), intent.page());
        let card = method.card.as_ref();
        let paid_with = PaidWith {
            external_id: method.id.clone(),
            card: card.map(|card| Card { brand: card.brand.clone(), last4: card.last4.clone() }),
        };
        let db = &self.ctx.db;
        db.write(move |tx| {
            let Some((mut account, mut attempt)) = hold(&ctx, tx, &tenant, &id)? else {
                return Ok(false);
            };
            attempt.gateway_external_id = Some(external_id.clone());
            attempt.gateway_external_url = Some(url.clone());
            attempt.paid_with = Some(paid_with.clone());
            attempts::save(tx, &tenant.instance.id, &attempt)?;
            account.tell(tx)?;
            Ok::<_, Error>(attempt.status == PaymentStatus::Pending)
        })
        .await
    }

    async fn report(&self, attempt: &PaymentAttempt, settlement: Settlement) -> Result<()> {
        let (ctx, tenant, id) = (self.ctx.clone(), Arc::clone(self.tenant), attempt.id.clone());
        let db = &self.ctx.db;
        db.write(move |tx| {
            // Deleted with its payer.
            let Some((mut account, mut attempt)) = hold(&ctx, tx, &tenant, &id)? else {
                return Ok(());
            };
            report(&mut account, tx, &mut attempt, &settlement, ctx.clock.now())
        })
        .await
    }
}
