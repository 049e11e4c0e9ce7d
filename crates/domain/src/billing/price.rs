//! What a plan costs.

use rollbook_wire as wire;
use rollbook_wire::Id;
use serde::{Deserialize, Serialize};

use super::{Currency, Money, Period};
use crate::Millis;

/// A price of a plan: its own, or one made for some customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// `cprice_…`
    pub id: Id,
    /// `cplan_…`
    pub plan_id: Id,
    /// Of both amounts.
    pub currency: Currency,
    /// A month, billed monthly, if it can be.
    pub amount: Option<i64>,
    /// A month, billed annually, if it can be.
    pub annual_monthly_amount: Option<i64>,
    /// For people.
    pub description: Option<String>,
    /// Whether it is its plan's own price.
    pub is_default: bool,
    /// Creation.
    pub created_at: Millis,
}

impl Price {
    /// What a period costs; `None` if it is not offered.
    pub fn for_period(&self, period: Period) -> Option<Money> {
        let amount = match period {
            Period::Month => self.amount?,
            Period::Annual => self.annual_monthly_amount?.saturating_mul(12),
        };
        Some(Money::new(amount, self.currency))
    }

    /// What a month costs, for comparisons; the amount of the other period if this one is not offered.
    pub fn monthly(&self, period: Period) -> i64 {
        match period {
            Period::Month => self.shown_monthly(),
            Period::Annual => self.shown_annual_monthly(),
        }
    }

    /// Whether nothing is ever to be paid.
    pub fn is_free(&self) -> bool {
        self.amount.unwrap_or(0) == 0 && self.annual_monthly_amount.unwrap_or(0) == 0
    }

    /// The price as the API shows it.
    pub fn render(&self, instance: &Id) -> wire::billing::Price {
        let money = |amount: i64| Money::new(amount, self.currency).into();
        wire::billing::Price {
            object: "commerce_price",
            id: self.id.clone(),
            plan_id: self.plan_id.clone(),
            instance_id: instance.clone(),
            currency: self.currency.code(),
            currency_symbol: self.currency.symbol(),
            amount: self.amount.unwrap_or(0),
            annual_monthly_amount: self.annual_monthly_amount.unwrap_or(0),
            fee: self.amount.map(money),
            annual_monthly_fee: self.annual_monthly_amount.map(money),
            description: self.description.clone(),
            is_default: self.is_default,
            created_at: self.created_at,
            supported_billing_periods: match (self.amount, self.annual_monthly_amount) {
                (Some(_), Some(_)) => "both",
                (None, Some(_)) => "annual",
                (_, None) => "month",
            },
        }
    }

    // Older clients need all three fees of a plan, offered or not.
    pub(super) fn shown_monthly(&self) -> i64 {
        self.amount.or(self.annual_monthly_amount).unwrap_or(0)
    }

    pub(super) fn shown_annual_monthly(&self) -> i64 {
        self.annual_monthly_amount.or(self.amount).unwrap_or(0)
    }
}
