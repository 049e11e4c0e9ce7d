//! Prices: a plan's own, and custom ones for some customers.

use std::sync::Arc;

use rollbook_domain::Problem;
use rollbook_domain::billing::{Currency, Price, parse_words};
use rollbook_store::billing::{plans, prices as store};
use rollbook_wire::billing as wire;
use rollbook_wire::{Code, Id, Paginated, Prefix};

use super::enabled;
use super::plans::{MAX_DESCRIPTION, check_amount};
use crate::users::Request;
use crate::{Ctx, Error, Result, Tenant};

/// The least that a custom price may be if it is not nothing, in the smallest unit.
const LEAST: i64 = 100;

/// What a caller says of a custom price.
#[derive(Debug, Clone, Default)]
pub struct PriceParams {
    /// `cplan_…`
    pub plan_id: Option<String>,
    /// ISO 4217, `USD` if absent.
    pub currency: Option<String>,
    /// A month, billed monthly.
    pub amount: Option<i64>,
    /// A month, billed annually.
    pub annual_monthly_amount: Option<i64>,
    /// For people.
    pub description: Option<String>,
    /// `month`, `annual` or `both`; what the amounts say if absent.
    pub supported_billing_periods: Option<String>,
}

/// A page of the prices of all plans or of one, cheapest first.
pub async fn list_prices(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    plan: Option<String>,
    (limit, offset): (i64, i64),
) -> Result<Paginated<wire::Price>> {
    enabled(tenant)?;
    let instance = tenant.instance.id.clone();
    ctx.db
        .read(move |conn| {
            let plan = plan.as_deref().map(|text| existing(conn, &instance, text)).transpose()?;
            let (page, total_count) = store::page(conn, &instance, plan.as_ref(), limit, offset)?;
            let data = page.iter().map(|price| price.render(&instance)).collect();
            Ok(Paginated { data, total_count })
        })
        .await
}

/// Creates a custom price.
pub async fn create_price(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    request: Request<PriceParams>,
) -> Result<wire::Price> {
    enabled(tenant)?;
    let Request { params, mut problems } = request;
    let now = ctx.clock.now();
    let currency =
        params.currency.as_deref().map_or(Ok(Currency::USD), |c| Currency::parse(c, "currency"));
    let description = params.description.as_deref().unwrap_or_default();
    let description = parse_words(description, "description", MAX_DESCRIPTION);
    let amounts =
        [("amount", params.amount), ("annual_monthly_amount", params.annual_monthly_amount)];
    for (name, amount) in amounts {
        let Some(amount) = amount else { continue };
        let too_little = (1..LEAST).contains(&amount).then(|| {
            let message = format!("{name} must be 0 or at least {LEAST}.");
            Problem::param(Code::FormParamValueInvalid, name, message)
        });
        problems.extend(check_amount(amount, name).or(too_little));
    }
    problems.extend(check_periods(&params));
    problems.extend(currency.as_ref().err().cloned());
    problems.extend(description.as_ref().err().cloned());
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let (Ok(currency), Ok(description)) = (currency, description) else {
        return Err(Error::Refused(problems));
    };
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    ctx.db
        .write(move |tx| {
            crate::users::hold(tx, &instance)?;
            let plan = existing(tx, &instance, params.plan_id.as_deref().unwrap_or_default())?;
            // Nobody deletes the plan meanwhile.
            plans::lock(tx, &instance, &plan)?;
            let price = Price {
                id: ctx_.entropy.id(Prefix::Price, now),
                plan_id: plan,
                currency,
                amount: params.amount,
                annual_monthly_amount: params.annual_monthly_amount,
                description: description.clone(),
                is_default: false,
                created_at: now,
            };
            store::insert(tx, &instance, &price)?;
            Ok(price.render(&instance))
        })
        .await
}

fn existing(conn: &mut rollbook_store::Conn<'_>, instance: &Id, text: &str) -> Result<Id> {
    let none = || {
        Error::refused(Problem::param(
            Code::PlanNotFound,
            "plan_id",
            "plan_id must be the id of a plan of this instance.",
        ))
    };
    let id: Id = text.parse().map_err(|_| none())?;
    if plans::by_id(conn, instance, &id)?.is_some() { Ok(id) } else { Err(none()) }
}

/// Amounts and periods must say the same.
fn check_periods(params: &PriceParams) -> Option<Problem> {
    let offered = match (params.amount, params.annual_monthly_amount) {
        (Some(_), Some(_)) => "both",
        (Some(_), None) => "month",
        (None, Some(_)) => "annual",
        (None, None) => {
            let message = "amount or annual_monthly_amount must be an amount.";
            return Some(Problem::param(Code::FormParamMissing, "amount", message));
        }
    };
    let name = "supported_billing_periods";
    match params.supported_billing_periods.as_deref() {
        Some(periods) if periods != offered => {
            let message = format!("{name} must be {offered}, as the amounts are.");
            Some(Problem::param(Code::FormParamValueInvalid, name, message))
        }
        _ => None,
    }
}
