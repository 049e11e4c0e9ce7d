//! Plans, their features and their prices.

use serde::Serialize;

use super::Money;
use crate::Id;

/// `commerce_plan`
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// `commerce_plan`
    pub object: &'static str,
    /// `cplan_…`
    pub id: Id,
    /// For people.
    pub name: String,
    /// For programs; unique in the instance.
    pub slug: String,
    /// For people; never null before 2025-11-10.
    pub description: Option<String>,
    /// A picture; never null before 2025-11-10.
    pub avatar_url: Option<String>,
    /// `cprd_…`
    pub product_id: Id,
    /// Whether payers without another plan have this one.
    pub is_default: bool,
    /// Always true.
    pub is_recurring: bool,
    /// Whether it is to be offered.
    pub publicly_visible: bool,
    /// Whether it costs anything.
    pub has_base_fee: bool,
    /// `user` or `org`.
    pub for_payer_type: &'static str,
    /// A month, billed monthly.
    pub fee: Option<Money>,
    /// A month, billed annually.
    pub annual_monthly_fee: Option<Money>,
    /// A year, billed annually.
    pub annual_fee: Option<Money>,
    /// What it comes with.
    pub features: Vec<Feature>,
    /// Whether it begins with a free trial.
    pub free_trial_enabled: bool,
    /// How long the free trial is.
    pub free_trial_days: Option<u32>,
    /// Always empty: seats have no price here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_prices: Option<[(); 0]>,
    /// Before 2025-11-10.
    #[serde(flatten)]
    pub legacy: Option<LegacyPlan>,
}

/// What a plan had besides before 2025-11-10.
#[derive(Debug, Clone, Serialize)]
pub struct LegacyPlan {
    /// A month, billed monthly, in the smallest unit.
    pub amount: i64,
    /// The same for people.
    pub amount_formatted: String,
    /// A month, billed annually, in the smallest unit.
    pub annual_monthly_amount: i64,
    /// The same for people.
    pub annual_monthly_amount_formatted: String,
    /// A year, billed annually, in the smallest unit.
    pub annual_amount: i64,
    /// The same for people.
    pub annual_amount_formatted: String,
    /// ISO 4217.
    pub currency: &'static str,
    /// Such as `$`.
    pub currency_symbol: String,
    /// `user` or `org`, as a list.
    pub payer_type: [&'static str; 1],
}

/// `feature`
#[derive(Debug, Clone, Serialize)]
pub struct Feature {
    /// `feature`
    pub object: &'static str,
    /// `feat_…`
    pub id: Id,
    /// For people.
    pub name: String,
    /// For people; never null before 2025-11-10.
    pub description: Option<String>,
    /// For programs; unique in the instance.
    pub slug: String,
    /// A picture; never null before 2025-11-10.
    pub avatar_url: Option<String>,
}

/// `commerce_price`
#[derive(Debug, Clone, Serialize)]
pub struct Price {
    /// `commerce_price`
    pub object: &'static str,
    /// `cprice_…`
    pub id: Id,
    /// `cplan_…`
    pub plan_id: Id,
    /// `ins_…`
    pub instance_id: Id,
    /// ISO 4217.
    pub currency: &'static str,
    /// Such as `$`.
    pub currency_symbol: String,
    /// A month, billed monthly, in the smallest unit; 0 if there is no monthly billing.
    pub amount: i64,
    /// A month, billed annually, in the smallest unit; 0 if there is no annual billing.
    pub annual_monthly_amount: i64,
    /// A month, billed monthly.
    pub fee: Option<Money>,
    /// A month, billed annually.
    pub annual_monthly_fee: Option<Money>,
    /// For people.
    pub description: Option<String>,
    /// Whether it is its plan's own price.
    pub is_default: bool,
    /// Milliseconds.
    pub created_at: i64,
    /// `month`, `annual` or `both`.
    pub supported_billing_periods: &'static str,
}
