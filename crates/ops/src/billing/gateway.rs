//! Who collects payments: an operator by hand, or a company by its own machinery.

use rollbook_domain::billing::PaymentStatus;

/// A way of collecting payments.
///
/// A payment is written down as pending in the transaction that makes it due. The gateway
/// takes it from there and reports what became of it with [`settle`](super::settle), which may
/// be said twice: that is all there is between a gateway and subscriptions.
pub trait PaymentGateway: Send + Sync {
    /// What payments made through it are marked with.
    fn name(&self) -> &'static str;

    /// How its payments are called on the wire: `card` or `link`.
    fn payment_type(&self) -> &'static str;
}

/// The operator sends invoices and marks them paid.
#[derive(Debug, Clone, Copy)]
pub struct Manual;

impl PaymentGateway for Manual {
    fn name(&self) -> &'static str {
        "manual"
    }

    fn payment_type(&self) -> &'static str {
        "link"
    }
}

/// The gateway of an instance.
pub(super) fn gateway() -> &'static dyn PaymentGateway {
    &Manual
}

/// What a gateway reports of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// It came in.
    Paid,
    /// It will not come in; the item is past due at once.
    Failed,
}

impl Settlement {
    pub(super) fn status(self) -> PaymentStatus {
        match self {
            Self::Paid => PaymentStatus::Paid,
            Self::Failed => PaymentStatus::Failed,
        }
    }
}
