//! Billing: plans and their prices, subscriptions and what time does to them, payments, credits.

mod account;
mod advance;
mod catalogue;
mod credits;
mod events;
mod features;
mod gateway;
mod payer;
mod plans;
mod prices;
mod settle;
mod statements;
mod stripe;
mod subscription;
mod subscription_items;
mod switch;

pub use self::advance::advance;
pub(crate) use self::catalogue::ensure_defaults;
pub use self::catalogue::{Catalogue, Shape};
pub use self::credits::{AdjustCredits, adjust_credits, credit_balance};
pub use self::features::{
    FeatureParams, create_feature, delete_feature, list_features, update_feature,
};
pub(crate) use self::gateway::check as check_gateway;
pub use self::gateway::{Manual, PaymentGateway, Settlement, Stripe};
pub use self::payer::{organization, user};
pub use self::plans::{
    PlanParams, create_plan, delete_plan, get_plan, list_plans, offered_plans, update_plan,
};
pub use self::prices::{PriceParams, create_price, list_prices};
pub use self::settle::{retry_payment, settle};
pub use self::statements::{
    get_statement, list_payments, list_statement_payments, list_statements,
};
pub use self::stripe::{
    PutStripeAccount, StripeAccount, StripeClient, StripeCustomer, claim_payments, collect_payment,
    delete_stripe_account, get_stripe_account, get_stripe_customer, put_stripe_account,
    put_stripe_customer, stripe_client, stripe_event,
};
pub use self::subscription::subscription;
pub use self::subscription_items::{
    Cancel, PriceTransition, Subscribe, cancel_subscription_item, create_price_transition,
    extend_free_trial, list_subscription_items, subscribe,
};

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
