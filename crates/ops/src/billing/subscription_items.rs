//! Items of subscriptions: listed, begun by an operator, canceled, extended, moved to another price.

use std::sync::Arc;

use rollbook_domain::billing::{
    DAY_MS, Money, Owner, PayerType, PaymentAttempt, Period, Phase, SubscriptionItem,
};
use rollbook_domain::{Problem, parse_rfc3339};
use rollbook_store::Conn;
use rollbook_store::billing::subscription_items::{self as items, Filter};
use rollbook_store::billing::{plans, prices};
use rollbook_wire::billing as wire;
use rollbook_wire::{Code, Id, Paginated, Prefix};

use super::account::Account;
use super::advance::catch_up;
use super::switch::{Switched, switch};
use super::{Catalogue, Shape, enabled, missing, missing_plan, payer};
use crate::users::Request;
use crate::{Ctx, Error, Result, Tenant};

/// How far a free trial can be extended at a time.
const MAX_EXTENSION_MS: i64 = 365 * DAY_MS;

/// When a canceled item ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancel {
    /// When its period does.
    AtPeriodEnd,
    /// At once.
    Now,
}

/// What an operator says of a new subscription.
#[derive(Debug, Clone, Default)]
pub struct Subscribe {
    /// `user_…`, unless an organization pays.
    pub user_id: Option<String>,
    /// `org_…`, unless a user pays.
    pub organization_id: Option<String>,
    /// `cplan_…`; its own price counts if none is given.
    pub plan_id: Option<String>,
    /// `cprice_…`
    pub price_id: Option<String>,
    /// `month` or `annual`; what the price offers if absent.
    pub period: Option<String>,
    /// Whether to go without the plan's free trial.
    pub skip_free_trial: bool,
}

/// What a caller says of a transition.
#[derive(Debug, Clone, Default)]
pub struct PriceTransition {
    /// `cprice_…` that the item has.
    pub from_price_id: Option<String>,
    /// `cprice_…` that it is to have.
    pub to_price_id: Option<String>,
}

/// A page of the items that match, newest first.
pub async fn list_subscription_items(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    filter: Filter,
    (limit, offset): (i64, i64),
    shape: Shape,
) -> Result<Paginated<wire::SubscriptionItem>> {
    enabled(tenant)?;
    let (ctx_, tenant) = (ctx.clone(), Arc::clone(tenant));
    ctx.db
        .read(move |conn| {
            let instance = &tenant.instance.id;
            let catalogue = Catalogue::read(conn, instance)?;
            let (page, total_count) = items::page(conn, instance, &filter, limit, offset)?;
            let mut data = Vec::with_capacity(page.len());
            for item in &page {
                let mut shown = catalogue.render_item(conn, item, shape)?;
                shown.payer = Some(payer::find(&ctx_, conn, &tenant, &item.owner)?);
                data.push(shown);
            }
            Ok(Paginated { data, total_count })
        })
        .await
}

/// Puts a payer on a plan, as a checkout would.
pub async fn subscribe(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    request: Request<Subscribe>,
) -> Result<wire::SubscriptionItem> {
    enabled(tenant)?;
    let Request { params, problems } = request;
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let owner = subscriber(&params)?;
    let (ctx_, tenant) = (ctx.clone(), Arc::clone(tenant));
    ctx.db
        .write(move |tx| {
            let mut account = Account::lock(&ctx_, tx, &tenant, &owner)?;
            let now = ctx_.clock.now();
            catch_up(&mut account, tx, now)?;
            let instance = tenant.instance.id.clone();
            let plan_id = params.plan_id.as_deref().and_then(|text| text.parse().ok());
            let price_id = params.price_id.as_deref().and_then(|text| text.parse().ok());
            let price = match (&price_id, &plan_id) {
                (Some(id), _) => prices::by_id(tx, &instance, id)?.ok_or_else(|| no_price(id)),
                (None, Some(id)) => {
                    prices::default_of(tx, &instance, id)?.ok_or_else(|| missing_plan(id))
                }
                (None, None) => Err(Error::refused(Problem::param(
                    Code::FormParamMissing,
                    "plan_id",
                    "plan_id or price_id must be included.",
                ))),
            }?;
            let period = period(params.period.as_deref(), &price)?;
            let trial = !params.skip_free_trial;
            let Switched { item, .. } = change(&mut account, tx, &price, period, trial)?;
            account.tell(tx)?;
            account.catalogue.render_item(tx, &item, Shape::Current)
        })
        .await
}

/// Cancels an item; canceling it again changes nothing.
pub async fn cancel_subscription_item(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    id: &Id,
    cancel: Cancel,
    shape: Shape,
) -> Result<wire::SubscriptionItem> {
    with_item(ctx, tenant, id, shape, move |account, tx, mut item| {
        let now = account.ctx.clock.now();
        let at_once = cancel == Cancel::Now || item.period_end.is_none();
        match item.phase {
            Phase::Upcoming => {
                item.canceled_at = Some(now);
                item.end(now);
                account.put(tx, item, "subscriptionItem.abandoned", now)
            }
            Phase::Running if at_once => {
                account.abandon_upcoming(tx, now)?;
                account.close_payments(tx, &item, now)?;
                item.canceled_at = item.canceled_at.or(Some(now));
                item.past_due_at = None;
                item.end(now);
                account.put(tx, item, "subscriptionItem.ended", now)
            }
            Phase::Running if item.canceled_at.is_some() => Ok(()),
            Phase::Running => {
                item.canceled_at = Some(now);
                account.put(tx, item, "subscriptionItem.canceled", now)
            }
            Phase::Ended | Phase::Abandoned => Err(bad_state("The subscription item is over.")),
        }
    })
    .await
}

/// Lets a free trial end later.
pub async fn extend_free_trial(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    id: &Id,
    request: Request<Option<String>>,
) -> Result<wire::SubscriptionItem> {
    let Request { params, mut problems } = request;
    let extend_to = parse_rfc3339(params.as_deref().unwrap_or_default(), "extend_to");
    if params.is_some() {
        problems.extend(extend_to.clone().err());
    }
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let extend_to = extend_to.map_err(Error::refused)?;
    // The answer of this operation never got the newer shape.
    with_item(ctx, tenant, id, Shape::Legacy, move |account, tx, mut item| {
        let now = account.ctx.clock.now();
        let end = item.period_end.filter(|_| item.is_free_trial && item.phase == Phase::Running);
        let Some(end) = end else {
            return Err(bad_state("The subscription item is not in a free trial."));
        };
        if extend_to == end {
            return Ok(());
        }
        if extend_to <= now || extend_to < end || extend_to > end + MAX_EXTENSION_MS {
            return Err(Error::refused(Problem::param(
                Code::FormParamValueInvalid,
                "extend_to",
                "extend_to must lie after the end of the free trial, by 365 days at most.",
            )));
        }
        item.period_end = Some(extend_to);
        item.trial_end_announced = false;
        account.put(tx, item, "subscriptionItem.updated", now)
    })
    .await
}

/// Moves an item to another price; the default plan's item moves its payer off it.
pub async fn create_price_transition(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    id: &Id,
    request: Request<PriceTransition>,
) -> Result<wire::PriceTransition> {
    enabled(tenant)?;
    let Request { params, problems } = request;
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let (ctx_, tenant, id) = (ctx.clone(), Arc::clone(tenant), id.clone());
    ctx.db
        .write(move |tx| {
            let (mut account, item) = open(&ctx_, tx, &tenant, &id)?;
            if item.phase != Phase::Running {
                return Err(bad_state("The subscription item does not run."));
            }
            let instance = tenant.instance.id.clone();
            let mut price = |text: &Option<String>, name: &str| -> Result<_> {
                let id: Option<Id> = text.as_deref().and_then(|text| text.parse().ok());
                let found = match &id {
                    Some(id) => prices::by_id(tx, &instance, id)?,
                    None => None,
                };
                found.ok_or_else(|| {
                    let message = format!("{name} must be the id of a price of this instance.");
                    Error::refused(Problem::param(Code::PriceNotFound, name, message))
                })
            };
            let from = price(&params.from_price_id, "from_price_id")?;
            let to = price(&params.to_price_id, "to_price_id")?;
            if from.id != item.price_id || to.id == from.id {
                return Err(Error::refused(Problem::param(
                    Code::Conflict,
                    "from_price_id",
                    "The subscription item has another price, or the one it is to have.",
                )));
            }
            let previous_plan = account.catalogue.plan(&item.plan_id)?.clone();
            let period =
                to.for_period(item.period).map_or_else(|| only_period(&to), |_| item.period);
            let switched = change(&mut account, tx, &to, period, false)?;
            account.tell(tx)?;
            let catalogue = &account.catalogue;
            let charge = switched.charge.as_ref().map(PaymentAttempt::total);
            let previous =
                switched.previous.as_ref().map_or("ended", |item| item.status().as_str());
            let features = catalogue.features();
            Ok(wire::PriceTransition {
                object: "commerce_price_transition",
                subscription_item: catalogue.render_item(tx, &switched.item, Shape::Legacy)?,
                transition: wire::Transition {
                    previous_plan: previous_plan.render(&instance, &from, features, true),
                    previous_price: from.render(&instance),
                    effective_at: switched.item.period_start,
                    effective_mode: if switched.is_immediate {
                        "immediate"
                    } else {
                        "end_of_period"
                    },
                    next_billing_date: switched.item.next_payment(&to).map(|(at, _)| at),
                    charged_immediately: charge.is_some(),
                    immediate_charge: charge.map(Money::into),
                    previous_subscription_item_status: previous,
                    previous_subscription_item_id: item.id,
                },
            })
        })
        .await
}

/// Holds the payer of an item, lets time do what is due, and does `act` to the item.
async fn with_item<F>(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    id: &Id,
    shape: Shape,
    act: F,
) -> Result<wire::SubscriptionItem>
where
    F: Fn(&mut Account, &mut Conn<'_>, SubscriptionItem) -> Result<()> + Send + 'static,
{
    enabled(tenant)?;
    let (ctx_, tenant, id) = (ctx.clone(), Arc::clone(tenant), id.clone());
    ctx.db
        .write(move |tx| {
            let (mut account, item) = open(&ctx_, tx, &tenant, &id)?;
            if !account.items.iter().any(|item| item.id == id) {
                return Err(bad_state("The default plan is not subscribed to: it stays."));
            }
            act(&mut account, tx, item)?;
            account.tell(tx)?;
            let item = account.items.iter().find(|item| item.id == id).ok_or_else(|| none(&id))?;
            account.catalogue.render_item(tx, item, shape)
        })
        .await
}

/// The item and its payer, held; the default plan's item is made up.
fn open(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    tenant: &Arc<Tenant>,
    id: &Id,
) -> Result<(Account, SubscriptionItem)> {
    let found = items::by_id(tx, &tenant.instance.id, id)?;
    let owners = match found {
        Some(item) => vec![item.owner],
        None => vec![
            payer::user(&id.sibling(Prefix::User)),
            payer::organization(&id.sibling(Prefix::Organization)),
        ],
    };
    for owner in owners {
        let mut account = match Account::lock(ctx, tx, tenant, &owner) {
            Ok(account) => account,
            Err(Error::Refused(_)) => continue,
            Err(error) => return Err(error),
        };
        catch_up(&mut account, tx, ctx.clock.now())?;
        let row = account.items.iter().find(|item| item.id == *id).cloned();
        let item = match row {
            None if *id == owner.default_item_id() && account.running().is_none() => {
                account.catalogue.default_item(&owner, account.payer.created_at)?
            }
            row => row,
        };
        if let Some(item) = item {
            return Ok((account, item));
        }
    }
    Err(none(id))
}

/// Puts the payer on a price that is for its kind.
fn change(
    account: &mut Account,
    tx: &mut Conn<'_>,
    price: &rollbook_domain::billing::Price,
    period: Period,
    trial: bool,
) -> Result<Switched> {
    let instance = account.instance().clone();
    // Held, so that nobody deletes the plan meanwhile.
    let plan = plans::lock(tx, &instance, &price.plan_id)?;
    let plan = plan.ok_or_else(|| missing_plan(&price.plan_id))?;
    if plan.payer_type != account.owner.payer_type || plan.is_default {
        return Err(bad_state(
            "The plan is for other payers, or the default one, which nobody subscribes to.",
        ));
    }
    if account.running().is_some_and(|item| {
        item.price_id == price.id && item.period == period && item.canceled_at.is_none()
    }) {
        return Err(Error::refused(Problem::new(
            Code::Conflict,
            "The payer has this plan at this price already.",
        )));
    }
    let now = account.ctx.clock.now();
    switch(account, tx, (&plan, price, period), trial, now)
}

fn subscriber(params: &Subscribe) -> Result<Owner> {
    let parse = |payer_type, text: &str| {
        let id = text.parse().map_err(|_| Error::not_found("payer", text))?;
        Ok(Owner { payer_type, id })
    };
    match (&params.user_id, &params.organization_id) {
        (Some(user), None) => parse(PayerType::User, user),
        (None, Some(organization)) => parse(PayerType::Org, organization),
        _ => Err(Error::refused(Problem::param(
            Code::FormParamMissing,
            "user_id",
            "Either user_id or organization_id must be included.",
        ))),
    }
}

fn period(text: Option<&str>, price: &rollbook_domain::billing::Price) -> Result<Period> {
    let wanted = match text {
        None => return Ok(only_period(price)),
        Some("month") => Some(Period::Month),
        Some("annual") => Some(Period::Annual),
        Some(_) => None,
    };
    wanted.filter(|period| price.for_period(*period).is_some()).ok_or_else(|| {
        Error::refused(Problem::param(
            Code::FormParamValueInvalid,
            "period",
            "period must be month or annual, and the price must offer it.",
        ))
    })
}

/// Monthly where both are offered.
fn only_period(price: &rollbook_domain::billing::Price) -> Period {
    if price.for_period(Period::Month).is_some() { Period::Month } else { Period::Annual }
}

fn none(id: &Id) -> Error {
    missing(Code::SubscriptionItemNotFound, "subscription item", id)
}

fn no_price(id: &Id) -> Error {
    missing(Code::PriceNotFound, "price", id)
}

fn bad_state(message: &str) -> Error {
    Error::refused(Problem::new(Code::BadRequest, message))
}
