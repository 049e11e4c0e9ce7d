//! Plans and their features.

use rollbook_wire as wire;
use rollbook_wire::{Code, Id, Prefix};
use serde::{Deserialize, Serialize};
use wire::billing::LegacyPlan;

use super::{Money, PayerType, Price};
use crate::{Millis, Problem};

/// The longest free trial.
pub const MAX_TRIAL_DAYS: i64 = 365;

/// What payers may subscribe to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `cplan_…`
    pub id: Id,
    /// For people.
    pub name: String,
    /// For programs; unique in the instance.
    pub slug: String,
    /// For people.
    pub description: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// Whose plan it can be.
    pub payer_type: PayerType,
    /// Whether payers without another plan have this one.
    pub is_default: bool,
    /// Whether it is to be offered.
    pub publicly_visible: bool,
    /// `feat_…`, in the order given.
    pub feature_ids: Vec<Id>,
    /// How long the free trial is, if there is one.
    pub free_trial_days: Option<u32>,
    /// Creation.
    pub created_at: Millis,
    /// Last change.
    pub updated_at: Millis,
}

impl Plan {
    /// The plan as the API shows it, with a price of it, as before 2025-11-10 if `legacy`.
    pub fn render(
        &self,
        instance: &Id,
        price: &Price,
        features: &[Feature],
        legacy: bool,
    ) -> wire::billing::Plan {
        let in_currency = |amount| wire::billing::Money::from(Money::new(amount, price.currency));
        let fee = in_currency(price.shown_monthly());
        let annual_monthly_fee = in_currency(price.shown_annual_monthly());
        let annual_fee = in_currency(price.shown_annual_monthly().saturating_mul(12));
        let features =
            self.feature_ids.iter().filter_map(|id| features.iter().find(|f| f.id == *id));
        wire::billing::Plan {
            object: "commerce_plan",
            id: self.id.clone(),
            name: self.name.clone(),
            slug: self.slug.clone(),
            description: never_null(self.description.as_ref(), legacy),
            avatar_url: never_null(self.avatar_url.as_ref(), legacy),
            product_id: instance.sibling(Prefix::Product),
            is_default: self.is_default,
            is_recurring: true,
            publicly_visible: self.publicly_visible,
            has_base_fee: !price.is_free(),
            for_payer_type: self.payer_type.as_str(),
            features: features.map(|feature| feature.render(legacy)).collect(),
            free_trial_enabled: self.free_trial_days.is_some(),
            free_trial_days: self.free_trial_days,
            unit_prices: (!legacy).then_some([]),
            legacy: legacy.then(|| LegacyPlan {
                amount: fee.amount,
                amount_formatted: fee.amount_formatted.clone(),
                annual_monthly_amount: annual_monthly_fee.amount,
                annual_monthly_amount_formatted: annual_monthly_fee.amount_formatted.clone(),
                annual_amount: annual_fee.amount,
                annual_amount_formatted: annual_fee.amount_formatted.clone(),
                currency: fee.currency,
                currency_symbol: fee.currency_symbol.clone(),
                payer_type: [self.payer_type.as_str()],
            }),
            fee: Some(fee),
            annual_monthly_fee: Some(annual_monthly_fee),
            annual_fee: Some(annual_fee),
        }
    }
}

/// What plans come with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// `feat_…`
    pub id: Id,
    /// For people.
    pub name: String,
    /// For programs; unique in the instance.
    pub slug: String,
    /// For people.
    pub description: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// Creation.
    pub created_at: Millis,
}

impl Feature {
    /// The feature as the API shows it.
    pub fn render(&self, legacy: bool) -> wire::billing::Feature {
        wire::billing::Feature {
            object: "feature",
            id: self.id.clone(),
            name: self.name.clone(),
            description: never_null(self.description.as_ref(), legacy),
            slug: self.slug.clone(),
            avatar_url: never_null(self.avatar_url.as_ref(), legacy),
        }
    }
}

fn never_null(text: Option<&String>, legacy: bool) -> Option<String> {
    text.cloned().or_else(|| legacy.then(String::new))
}

/// Reads a slug: up to 64 lower-case letters, digits, `_` and `-`.
pub fn parse_slug(text: &str, param: &str) -> Result<String, Problem> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(text.to_owned());
    }
    Err(Problem::param(
        Code::FormParamFormatInvalid,
        param,
        format!("{param} must have 1 to 64 lower-case letters, digits, underscores and hyphens."),
    ))
}

/// Reads text for people of up to `max` characters; the empty text is none.
pub fn parse_words(text: &str, param: &str, max: usize) -> Result<Option<String>, Problem> {
    if text.chars().count() > max || text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Problem::param(
            Code::FormParamValueInvalid,
            param,
            format!("{param} must have at most {max} characters and no control characters."),
        ));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}
