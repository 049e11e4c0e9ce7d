//! Subscriptions, their items, and who pays.

use serde::Serialize;
use serde_json::Number;

use super::{Money, Plan, Price};
use crate::Id;

/// `commerce_subscription`
#[derive(Debug, Clone, Serialize)]
pub struct Subscription {
    /// `commerce_subscription`
    pub object: &'static str,
    /// `csub_…`
    pub id: Id,
    /// `ins_…`
    pub instance_id: Id,
    /// `active` or `past_due`.
    pub status: &'static str,
    /// `cpayer_…`
    pub payer_id: Id,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
    /// Milliseconds.
    pub active_at: Option<i64>,
    /// Milliseconds.
    pub past_due_at: Option<i64>,
    /// What runs and what is to come.
    pub subscription_items: Vec<SubscriptionItem>,
    /// The next payment of all items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_payment: Option<NextPayment>,
    /// Whether the payer never had a free trial.
    pub eligible_for_free_trial: bool,
}

/// What is to be paid, and when.
#[derive(Debug, Clone, Serialize)]
pub struct NextPayment {
    /// Milliseconds.
    pub date: i64,
    /// Milliseconds, before 2025-11-10 and of a subscription only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
    /// How much.
    pub amount: Money,
}

/// `commerce_subscription_item`
#[derive(Debug, Clone, Serialize)]
pub struct SubscriptionItem {
    /// `commerce_subscription_item`
    pub object: &'static str,
    /// `csub_item_…`
    pub id: Id,
    /// `ins_…`
    pub instance_id: Id,
    /// Before 2025-11-10 one that is canceled is `active` until its period ends.
    pub status: &'static str,
    /// `cplan_…`
    pub plan_id: Id,
    /// `cprice_…`
    pub price_id: Id,
    /// The plan as it is now.
    pub plan: Option<Plan>,
    /// `month` or `annual`.
    pub plan_period: &'static str,
    /// `cpayer_…`
    pub payer_id: Id,
    /// Where the payer is not known from the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<Payer>,
    /// Whether it is in its free trial.
    pub is_free_trial: bool,
    /// Milliseconds.
    pub period_start: i64,
    /// Milliseconds; null for what costs nothing.
    pub period_end: Option<i64>,
    /// `YYYY-MM-DD`, the day from which unused time is counted.
    pub proration_date: String,
    /// Milliseconds.
    pub canceled_at: Option<i64>,
    /// Milliseconds.
    pub past_due_at: Option<i64>,
    /// Milliseconds.
    pub ended_at: Option<i64>,
    /// All that was paid for it.
    pub lifetime_paid: Money,
    /// Null where nothing is to be paid.
    pub next_payment: Option<NextPayment>,
    /// For the unused time of the plan before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<Proration>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
    /// From 2025-11-10 on.
    #[serde(flatten)]
    pub current: Option<CurrentItem>,
    /// Before 2025-11-10.
    #[serde(flatten)]
    pub legacy: Option<LegacyItem>,
}

/// What an item has besides from 2025-11-10 on.
#[derive(Debug, Clone, Serialize)]
pub struct CurrentItem {
    /// Always null: what was credited is told by the payment attempt.
    pub credits: Option<()>,
    /// Always null: seats have no price here.
    pub seats: Option<()>,
    /// Always null: nothing is added to the price.
    pub totals: Option<()>,
}

/// What an item had besides before 2025-11-10.
#[derive(Debug, Clone, Serialize)]
pub struct LegacyItem {
    /// Always empty: no means of payment is kept.
    pub payment_source_id: &'static str,
    /// Always null.
    pub payment_source: Option<()>,
    /// What a period costs.
    pub amount: Money,
    /// The same as `next_payment`.
    pub next_invoice: Option<NextPayment>,
}

/// A credit for unused time.
#[derive(Debug, Clone, Serialize)]
pub struct Proration {
    /// How much.
    pub amount: Money,
    /// Whole days that were left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle_days_remaining: Option<i64>,
    /// Days of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle_days_total: Option<i64>,
    /// From 0 to 1.
    pub cycle_remaining_percent: Number,
}

/// `commerce_payer`
#[derive(Debug, Clone, Serialize)]
pub struct Payer {
    /// `commerce_payer`
    pub object: &'static str,
    /// `cpayer_…`
    pub id: Id,
    /// `ins_…`
    pub instance_id: Id,
    /// `user_…`, of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Id>,
    /// Given name, empty if there is none.
    pub first_name: String,
    /// Family name, empty if there is none.
    pub last_name: String,
    /// The primary email address, empty if there is none.
    pub email: String,
    /// `org_…`, of an organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<Id>,
    /// Of an organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_name: Option<String>,
    /// A picture.
    pub image_url: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// `commerce_price_transition`
#[derive(Debug, Clone, Serialize)]
pub struct PriceTransition {
    /// `commerce_price_transition`
    pub object: &'static str,
    /// The item on the new price.
    pub subscription_item: SubscriptionItem,
    /// What happened.
    pub transition: Transition,
}

/// What a transition to another price did.
#[derive(Debug, Clone, Serialize)]
pub struct Transition {
    /// The plan before.
    pub previous_plan: Plan,
    /// The price before.
    pub previous_price: Price,
    /// Milliseconds.
    pub effective_at: i64,
    /// `immediate` or `end_of_period`.
    pub effective_mode: &'static str,
    /// Milliseconds.
    pub next_billing_date: Option<i64>,
    /// Whether a payment was asked for at once.
    pub charged_immediately: bool,
    /// How much.
    pub immediate_charge: Option<Money>,
    /// `canceled`, `ended` or `abandoned`.
    pub previous_subscription_item_status: &'static str,
    /// `csub_item_…`
    pub previous_subscription_item_id: Id,
}
