//! Statements, payments and credits.

use serde::Serialize;

use super::{Money, Payer, Proration};
use crate::Id;

/// `commerce_statement`: all payments of a payer in a month.
#[derive(Debug, Clone, Serialize)]
pub struct Statement {
    /// `commerce_statement`
    pub object: &'static str,
    /// `stmt_…`
    pub id: Id,
    /// `ins_…`
    pub instance_id: Id,
    /// Milliseconds: its creation.
    pub timestamp: i64,
    /// Who pays.
    pub payer: Payer,
    /// `open` in its month, `closed` after it.
    pub status: &'static str,
    /// Of all payments.
    pub totals: StatementTotals,
    /// One per day.
    pub groups: Vec<StatementGroup>,
}

/// The sums of a statement.
#[derive(Debug, Clone, Serialize)]
pub struct StatementTotals {
    /// After credits.
    pub grand_total: Money,
    /// Before credits.
    pub subtotal: Money,
    /// What plans cost.
    pub base_fee: Money,
    /// Always nothing.
    pub tax_total: Money,
}

/// `commerce_statement_group`: the payments of a day.
#[derive(Debug, Clone, Serialize)]
pub struct StatementGroup {
    /// `commerce_statement_group`
    pub object: &'static str,
    /// Milliseconds: the day's beginning, UTC.
    pub timestamp: i64,
    /// Newest first.
    pub items: Vec<PaymentAttempt>,
}

/// `commerce_payment`
#[derive(Debug, Clone, Serialize)]
pub struct PaymentAttempt {
    /// `commerce_payment`
    pub object: &'static str,
    /// `cpa_…`
    pub id: Id,
    /// `cpay_…`
    pub payment_id: Id,
    /// `ins_…`
    pub instance_id: Id,
    /// `checkout` or `recurring`.
    pub charge_type: &'static str,
    /// `cpayee_…`
    pub payee_id: Id,
    /// Who is paid.
    pub payee: Payee,
    /// `cpayer_…`
    pub payer_id: Id,
    /// Who pays.
    pub payer: Payer,
    /// `csub_item_…`
    pub subscription_item_id: Id,
    /// What is to be paid.
    pub amount: Money,
    /// How it came about.
    pub totals: Totals,
    /// `cpm_…`
    pub payment_method_id: Id,
    /// How it is paid.
    pub payment_method: PaymentMethod,
    /// `stmt_…`
    pub statement_id: Id,
    /// At the gateway.
    pub gateway_external_id: Option<String>,
    /// At the gateway.
    pub gateway_external_url: Option<String>,
    /// `pending`, `paid` or `failed`.
    pub status: &'static str,
    /// Milliseconds.
    pub paid_at: Option<i64>,
    /// Milliseconds.
    pub failed_at: Option<i64>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Who is paid.
#[derive(Debug, Clone, Serialize)]
pub struct Payee {
    /// `cpayee_…`
    pub id: Id,
    /// Such as `manual`.
    pub gateway_type: &'static str,
    /// Empty: none is kept.
    pub gateway_external_id: &'static str,
    /// `active`
    pub gateway_status: &'static str,
}

/// How the amount of a payment came about.
#[derive(Debug, Clone, Serialize)]
pub struct Totals {
    /// Before credits.
    pub subtotal: Money,
    /// What the plan costs.
    pub base_fee: Money,
    /// Always nothing.
    pub tax_total: Money,
    /// After credits.
    pub grand_total: Money,
    /// Null where there are none.
    pub credits: Option<Credits>,
}

/// What was taken off.
#[derive(Debug, Clone, Serialize)]
pub struct Credits {
    /// For the unused time of the plan before.
    pub proration: Option<Proration>,
    /// From the payer's balance.
    pub payer: Option<PayerCredit>,
    /// Both.
    pub total: Money,
}

/// What was taken from the payer's balance.
#[derive(Debug, Clone, Serialize)]
pub struct PayerCredit {
    /// What is left of it.
    pub remaining_balance: Money,
    /// What was taken.
    pub applied_amount: Money,
}

/// `commerce_payment_method`
#[derive(Debug, Clone, Serialize)]
pub struct PaymentMethod {
    /// `commerce_payment_method`
    pub object: &'static str,
    /// `cpm_…`
    pub id: Id,
    /// `cpayer_…`
    pub payer_id: Id,
    /// `card`, `link` or `payer-credits`.
    pub payment_type: &'static str,
    /// Such as `manual`.
    pub gateway: &'static str,
    /// Such as `pm_…`; empty where none is known.
    pub gateway_external_id: String,
    /// Always null.
    pub gateway_external_account_id: Option<()>,
    /// Of a card.
    pub last4: Option<String>,
    /// `active`
    pub status: &'static str,
    /// Of a card, such as `visa`.
    pub card_type: Option<String>,
}

/// `commerce_credit_balance`
#[derive(Debug, Clone, Serialize)]
pub struct CreditBalance {
    /// `commerce_credit_balance`
    pub object: &'static str,
    /// Null for a payer who never had any.
    pub balance: Option<Money>,
}

/// `commerce_credit_ledger`
#[derive(Debug, Clone, Serialize)]
pub struct CreditLedgerEntry {
    /// `commerce_credit_ledger`
    pub object: &'static str,
    /// `cled_…`
    pub id: Id,
    /// `cpayer_…`
    pub payer_id: Id,
    /// Negative where the balance went down.
    pub amount: Money,
    /// `grant`, `deduction` or `payment`.
    pub source_type: &'static str,
    /// The entry itself, or the payment attempt.
    pub source_id: Id,
    /// The caller's words.
    pub note: Option<String>,
    /// RFC 3339, unlike every other instant of an answer.
    pub created_at: String,
}
