//! Payments, the statements that list them, and credits.

use rollbook_wire::Id;
use serde::{Deserialize, Serialize};

use super::{DAY_MS, Gateway, Money, Owner, Unused};
use crate::Millis;

/// How long a payment may stay open before it is late.
pub const PAYMENT_TERM_MS: i64 = 7 * DAY_MS;

/// What a payment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeType {
    /// The first of an item.
    Checkout,
    /// A later one.
    Recurring,
}

impl ChargeType {
    /// As it is spelled.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checkout => "checkout",
            Self::Recurring => "recurring",
        }
    }
}

/// What became of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// It is open.
    Pending,
    /// It is paid.
    Paid,
    /// It will not be paid.
    Failed,
}

impl PaymentStatus {
    /// As it is spelled.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Failed => "failed",
        }
    }

    /// The status that is spelled so.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Paid, Self::Failed].into_iter().find(|status| status.as_str() == text)
    }
}

/// A means of payment at a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidWith {
    /// Its id there.
    pub external_id: String,
    /// If it is a card.
    pub card: Option<Card>,
}

/// What may be told of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Such as `visa`.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
}

/// An attempt at a payment, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentAttempt {
    /// `cpa_…`
    pub id: Id,
    /// `stmt_…`
    pub statement_id: Id,
    /// `csub_item_…`
    pub subscription_item_id: Id,
    /// Who pays.
    pub owner: Owner,
    /// What for.
    pub charge_type: ChargeType,
    /// What the period costs, before credits.
    pub subtotal: Money,
    /// Taken off for the unused time of the plan before.
    pub proration: Option<Unused>,
    /// Taken off from the payer's balance.
    pub from_balance: i64,
    /// What is left of that balance.
    pub balance_after: i64,
    /// The gateway that collects it.
    pub gateway: Gateway,
    /// What the gateway makes it with, once it is known.
    #[serde(default)]
    pub paid_with: Option<PaidWith>,
    /// What became of it.
    pub status: PaymentStatus,
    /// When it is late.
    pub due_at: Millis,
    /// When it was paid.
    pub paid_at: Option<Millis>,
    /// When it failed.
    pub failed_at: Option<Millis>,
    /// Why, in the gateway's word.
    #[serde(default)]
    pub failed_reason: Option<String>,
    /// When it was paid all the same, for the good of the payer's balance.
    #[serde(default)]
    pub paid_late_at: Option<Millis>,
    /// Its id at the gateway.
    pub gateway_external_id: Option<String>,
    /// Where it can be seen at the gateway.
    pub gateway_external_url: Option<String>,
    /// Creation.
    pub created_at: Millis,
    /// Last change.
    pub updated_at: Millis,
}

impl PaymentAttempt {
    /// What is to be paid, after all credits; never negative.
    pub fn total(&self) -> Money {
        let off =
            self.proration.map_or(0, |unused| unused.amount).saturating_add(self.from_balance);
        Money { amount: self.subtotal.amount.saturating_sub(off).max(0), ..self.subtotal }
    }
}

/// The payments of a payer in one month and one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `stmt_…`
    pub id: Id,
    /// Who pays.
    pub owner: Owner,
    /// When its month begins.
    pub month: Millis,
    /// Creation.
    pub created_at: Millis,
}

/// Why a balance of credits changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditSource {
    /// An increase that was asked for.
    Grant,
    /// A decrease that was asked for.
    Deduction,
    /// A payment that it was used for, or that came to nothing.
    Payment,
    /// What was left of a plan that was paid for.
    Proration,
}

impl CreditSource {
    /// As it is spelled.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Deduction => "deduction",
            Self::Payment => "payment",
            Self::Proration => "proration",
        }
    }
}

/// A line of a payer's ledger of credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditEntry {
    /// `cled_…`
    pub id: Id,
    /// From 1, without a gap.
    pub ordinal: i64,
    /// What the balance changed by.
    pub amount: Money,
    /// What it is then.
    pub balance: i64,
    /// Why.
    pub source: CreditSource,
    /// The entry itself, or the payment attempt.
    pub source_id: Id,
    /// The caller's words.
    pub note: Option<String>,
    /// Creation.
    pub created_at: Millis,
}
