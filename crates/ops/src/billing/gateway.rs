//! Who collects payments: an operator by hand, or a company by its own machinery.

use rollbook_domain::Problem;
use rollbook_domain::billing::{Gateway, PaymentAttempt};
use rollbook_store::Conn;
use rollbook_store::billing::{payment_jobs, stripe_accounts};
use rollbook_wire::{Code, Id};

use crate::{Error, Result};

/// A way of collecting payments.
///
/// A payment is written down as pending in the transaction that makes it due. The gateway
/// takes it from there and reports what became of it, which may be said twice: that is all
/// there is between a gateway and subscriptions.
pub trait PaymentGateway: Send + Sync {
    /// How its payments are called on the wire: `card` or `link`.
    fn payment_type(&self) -> &'static str;

    /// A payment is due, in this transaction.
    fn take(
        &self,
        tx: &mut Conn<'_>,
        instance: &Id,
        attempt: &PaymentAttempt,
        now: i64,
    ) -> Result<()>;

    /// A payment that it took is not wanted any more, in this transaction.
    fn give_up(
        &self,
        tx: &mut Conn<'_>,
        instance: &Id,
        attempt: &PaymentAttempt,
        now: i64,
    ) -> Result<()>;
}

/// The operator sends invoices and marks them paid.
#[derive(Debug, Clone, Copy)]
pub struct Manual;

impl PaymentGateway for Manual {
    fn payment_type(&self) -> &'static str {
        "link"
    }

    fn take(&self, _: &mut Conn<'_>, _: &Id, _: &PaymentAttempt, _: i64) -> Result<()> {
        Ok(())
    }

    fn give_up(&self, _: &mut Conn<'_>, _: &Id, _: &PaymentAttempt, _: i64) -> Result<()> {
        Ok(())
    }
}

/// A worker asks Stripe for it.
#[derive(Debug, Clone, Copy)]
pub struct Stripe;

impl PaymentGateway for Stripe {
    fn payment_type(&self) -> &'static str {
        "card"
    }

    fn take(
        &self,
        tx: &mut Conn<'_>,
        instance: &Id,
        attempt: &PaymentAttempt,
        now: i64,
    ) -> Result<()> {
        Ok(payment_jobs::queue(tx, instance, &attempt.id, &attempt.owner.id, now)?)
    }

    fn give_up(
        &self,
        tx: &mut Conn<'_>,
        instance: &Id,
        attempt: &PaymentAttempt,
        now: i64,
    ) -> Result<()> {
        // Its job finds the payment closed, and takes it back.
        Ok(payment_jobs::wake(tx, instance, &attempt.owner.id, now)?)
    }
}

/// The gateway of this name.
pub(super) fn gateway(gateway: Gateway) -> &'static dyn PaymentGateway {
    match gateway {
        Gateway::Manual => &Manual,
        Gateway::Stripe => &Stripe,
    }
}

/// Refuses settings that have payments collected by who is not set up for it.
pub(crate) fn check(tx: &mut Conn<'_>, instance: &Id, wanted: Gateway) -> Result<()> {
    match wanted {
        Gateway::Stripe if !stripe_accounts::exists(tx, instance)? => {
            Err(Error::refused(Problem::param(
                Code::FormConditionalParamMissing,
                "gateway",
                "gateway can be stripe once the Stripe account of the instance is set up.",
            )))
        }
        Gateway::Stripe | Gateway::Manual => Ok(()),
    }
}

/// What a gateway reports of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It came in.
    Paid,
    /// It will not come in, for this reason if there is one to tell; the item is past due at once.
    Failed(Option<String>),
}
