//! What was asked for, paid and credited.

use super::{Money, Payer};
use crate::model::{model, open_enum};
use crate::{InstanceId, PaymentAttemptId, StatementId, SubscriptionItemId};

model! {
    /// What was to be paid in a month.
    Statement {
        /// The statement's id.
        id: StatementId,
    } optional {
        /// `ins_…`
        instance_id: Option<InstanceId>,
        /// Milliseconds.
        timestamp: i64,
        /// Who pays.
        payer: Option<Payer>,
        /// `open` or `closed`.
        status: String,
        /// The sums.
        totals: Option<Totals>,
        /// The payments, by day.
        groups: Vec<StatementGroup>,
    }
}

model! {
    /// Payments of one day.
    StatementGroup {
        /// The payments.
        items: Vec<PaymentAttempt>,
    } optional {
        /// Milliseconds.
        timestamp: i64,
    }
}

model! {
    /// Sums.
    Totals {
        /// What is paid in the end.
        grand_total: Money,
    } optional {
        /// Before taxes.
        subtotal: Option<Money>,
        /// Of the plan.
        base_fee: Option<Money>,
        /// The taxes.
        tax_total: Option<Money>,
    }
}

open_enum! {
    /// What became of a payment.
    PaymentStatus {
        /// Neither.
        Pending = "pending",
        /// Paid.
        Paid = "paid",
        /// Not paid.
        Failed = "failed",
    }
}

model! {
    /// A payment, whether it came about or not.
    PaymentAttempt {
        /// The attempt's id.
        id: PaymentAttemptId,
        /// What became of it.
        status: PaymentStatus,
        /// How much.
        amount: Money,
    } optional {
        /// Of the payment.
        payment_id: String,
        /// `checkout` or `recurring`.
        charge_type: String,
        /// `cpayer_…`
        payer_id: String,
        /// Who pays.
        payer: Option<Payer>,
        /// What for.
        subscription_item_id: Option<SubscriptionItemId>,
        /// On which statement.
        statement_id: Option<StatementId>,
        /// The sums.
        totals: Option<Totals>,
        /// At the payment provider.
        gateway_external_id: Option<String>,
        /// At the payment provider.
        gateway_external_url: Option<String>,
        /// Milliseconds.
        paid_at: Option<i64>,
        /// Milliseconds.
        failed_at: Option<i64>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// What a payer has to its credit.
    CreditBalance {} optional {
        /// None if there was never a credit.
        balance: Option<Money>,
    }
}

model! {
    /// A change of a payer's credit.
    CreditLedgerEntry {
        /// The entry's id.
        id: String,
        /// By how much.
        amount: Money,
    } optional {
        /// `cpayer_…`
        payer_id: String,
        /// What it came from.
        source_type: String,
        /// What it came from.
        source_id: String,
        /// Why.
        note: Option<String>,
        /// RFC 3339.
        created_at: String,
    }
}
