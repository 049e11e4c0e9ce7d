//! Billing: `/v1/billing`, `/v1/users/{id}/billing`, and what an operator does under `/admin/v1`.

mod admin;
mod items;
mod stripe;

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_domain::billing::PayerType;
use rollbook_ops::billing::{self as ops, PriceParams, Shape};
use rollbook_ops::users::Request;
use rollbook_wire::Code;

pub(crate) use self::stripe::routes as stripe_routes;
use crate::page::limits;
use crate::{Api, ApiVersion, Caller, Form, Json, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/users/{id}/billing/subscription", routing::get(user_subscription))
        .route("/organizations/{id}/billing/subscription", routing::get(organization_subscription))
        .route("/billing/plans", routing::get(list_plans))
        // Clients of 2025-04-10 know it under this name.
        .route("/commerce/plans", routing::get(list_plans))
        .route("/billing/prices", routing::get(list_prices).post(create_price))
        .merge(items::routes())
}

/// Under `/admin/v1`.
pub(crate) fn admin_routes() -> Router<Api> {
    admin::routes().merge(stripe::admin_routes())
}

/// The shape that a version of the API knows.
fn shape(version: ApiVersion) -> Shape {
    if version >= ApiVersion::V20251110 { Shape::Current } else { Shape::Legacy }
}

/// `limit` and `offset`; every list says how long it is, `paginated` or not.
fn page(query: &mut Query) -> (i64, i64) {
    query.boolean("paginated");
    limits(query)
}

fn payer_type(query: &mut Query) -> Option<PayerType> {
    let text = query.string("payer_type")?;
    let found = PayerType::ALL.into_iter().find(|one| one.as_str() == text);
    if found.is_none() {
        query.deny("payer_type", Code::FormParamValueInvalid, "payer_type must be user or org.");
    }
    found
}

async fn user_subscription(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    version: ApiVersion,
) -> Answer {
    Json::of(&ops::subscription(&api.ctx, &tenant, ops::user(&id), shape(version)).await?)
}

async fn organization_subscription(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    version: ApiVersion,
) -> Answer {
    Json::of(&ops::subscription(&api.ctx, &tenant, ops::organization(&id), shape(version)).await?)
}

async fn list_plans(
    State(api): State<Api>,
    Caller(tenant): Caller,
    version: ApiVersion,
    mut query: Query,
) -> Answer {
    let (page, payer_type) = (page(&mut query), payer_type(&mut query));
    Refusal::unless_empty(query.finish())?;
    Json::of(&ops::list_plans(&api.ctx, &tenant, payer_type, page, shape(version)).await?)
}

async fn list_prices(State(api): State<Api>, Caller(tenant): Caller, mut query: Query) -> Answer {
    let (page, plan) = (page(&mut query), query.string("plan_id"));
    Refusal::unless_empty(query.finish())?;
    Json::of(&ops::list_prices(&api.ctx, &tenant, plan, page).await?)
}

async fn create_price(State(api): State<Api>, Caller(tenant): Caller, mut form: Form) -> Answer {
    let plan_id = form.string("plan_id");
    let params = PriceParams {
        plan_id: form.required("plan_id", plan_id),
        currency: form.string("currency").set(),
        amount: form.integer("amount").set(),
        annual_monthly_amount: form.integer("annual_monthly_amount").set(),
        description: form.string("description").set(),
        supported_billing_periods: form.string("supported_billing_periods").set(),
    };
    let request = Request { params, problems: form.finish() };
    Json::of(&ops::create_price(&api.ctx, &tenant, request).await?)
}
