//! What can be subscribed to.

use super::{Money, PayerType};
use crate::model::model;
use crate::{InstanceId, PlanId, PriceId};

model! {
    /// A plan.
    Plan {
        /// `cplan_…`
        id: PlanId,
        /// For people.
        name: String,
    } optional {
        /// Unique in the instance.
        slug: String,
        /// For people.
        description: Option<String>,
        /// A picture.
        avatar_url: Option<String>,
        /// `cprod_…`
        product_id: String,
        /// Whether whoever has chosen none has it.
        is_default: bool,
        /// Whether it is paid for again and again.
        is_recurring: bool,
        /// Whether it is offered to everyone.
        publicly_visible: bool,
        /// Whether it costs something.
        has_base_fee: bool,
        /// Who pays.
        for_payer_type: Option<PayerType>,
        /// A month's, paid by the month.
        fee: Option<Money>,
        /// A month's, paid by the year.
        annual_monthly_fee: Option<Money>,
        /// A year's.
        annual_fee: Option<Money>,
        /// What it gives.
        features: Vec<Feature>,
        /// Whether it begins with a free trial.
        free_trial_enabled: bool,
        /// How long the trial is.
        free_trial_days: Option<i64>,
    }
}

model! {
    /// Something that a plan gives.
    Feature {
        /// `feat_…`
        id: String,
        /// For people.
        name: String,
    } optional {
        /// Unique in the instance.
        slug: String,
        /// For people.
        description: Option<String>,
        /// A picture.
        avatar_url: Option<String>,
    }
}

model! {
    /// What a plan costs.
    Price {
        /// `cprice_…`
        id: PriceId,
        /// Of which plan.
        plan_id: PlanId,
    } optional {
        /// `ins_…`
        instance_id: Option<InstanceId>,
        /// ISO 4217.
        currency: String,
        /// A month's, paid by the month, in minor units.
        amount: i64,
        /// A month's, paid by the year, in minor units.
        annual_monthly_amount: i64,
        /// A month's, paid by the month.
        fee: Option<Money>,
        /// A month's, paid by the year.
        annual_monthly_fee: Option<Money>,
        /// For people.
        description: Option<String>,
        /// Whether it is the plan's usual one.
        is_default: bool,
        /// `month`, `annual` or `both`.
        supported_billing_periods: String,
        /// Milliseconds.
        created_at: i64,
    }
}
