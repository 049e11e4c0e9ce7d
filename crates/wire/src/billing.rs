//! Billing as it travels: plans, prices, subscriptions, statements, payments, credits.
//!
//! Members named `legacy` are those that API versions before 2025-11-10 have besides.

mod payment;
mod plan;
mod subscription;

use serde::Serialize;

pub use self::payment::{
    CreditBalance, CreditLedgerEntry, Credits, Payee, PayerCredit, PaymentAttempt, PaymentMethod,
    Statement, StatementGroup, StatementTotals, Totals,
};
pub use self::plan::{Feature, LegacyPlan, Plan, Price};
pub use self::subscription::{
    CurrentItem, LegacyItem, NextPayment, Payer, PriceTransition, Proration, Subscription,
    SubscriptionItem, Transition,
};

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Money {
    /// In the currency's smallest unit.
    pub amount: i64,
    /// For people, such as `$49.99`.
    pub amount_formatted: String,
    /// ISO 4217.
    pub currency: &'static str,
    /// Such as `$`.
    pub currency_symbol: String,
}
