//! Billing: plans and their prices, subscriptions and what time does to them, payments, credits.

mod catalogue;
mod features;
mod payer;
mod plans;
mod prices;
mod subscription;

pub(crate) use self::catalogue::ensure_defaults;
pub use self::catalogue::{Catalogue, Shape};
pub use self::features::{
    FeatureParams, create_feature, delete_feature, list_features, update_feature,
};
pub use self::plans::{
    PlanParams, create_plan, delete_plan, get_plan, list_plans, offered_plans, update_plan,
};
pub use self::prices::{PriceParams, create_price, list_prices};
pub use self::subscription::{organization_subscription, user_subscription};

use rollbook_domain::Problem;
use rollbook_wire::{Code, Id};

use crate::{Error, Result, Tenant};

/// What a caller has of it: 403 while billing is off for the instance.
fn enabled(tenant: &Tenant) -> Result<()> {
    if tenant.instance.settings.billing.enabled {
        return Ok(());
    }
    Err(Error::refused(Problem::new(
        Code::BillingNotEnabled,
        "Billing is not enabled for this instance.",
    )))
}

fn missing(code: Code, what: &str, id: &Id) -> Error {
    Error::refused(Problem::new(code, format!("No {what} was found with id {id}.")))
}

fn missing_plan(id: &Id) -> Error {
    missing(Code::PlanNotFound, "plan", id)
}

fn taken(slug: &str) -> Problem {
    let message = format!("The slug {slug} is taken.");
    Problem::param(Code::FormIdentifierExists, "slug", message)
}
