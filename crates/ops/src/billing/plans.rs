//! Plans: written by an operator, read by callers.

use std::sync::Arc;

use rollbook_domain::Problem;
use rollbook_domain::billing::{
    Currency, Feature, MAX_AMOUNT, MAX_TRIAL_DAYS, PayerType, Plan, Price, parse_slug, parse_words,
};
use rollbook_store::Conn;
use rollbook_store::billing::{features, plans as store, prices, subscription_items};
use rollbook_wire::billing as wire;
use rollbook_wire::{Code, Id, Paginated, Patch, Prefix};

use super::{Catalogue, Shape, enabled, missing_plan, taken};
use crate::users::Request;
use crate::{Ctx, Error, Result, Tenant, instances};

pub(super) const MAX_DESCRIPTION: usize = 2000;
const MAX_NAME: usize = 256;

/// What an operator says of a plan.
#[derive(Debug, Clone, Default)]
pub struct PlanParams {
    /// For people.
    pub name: Option<String>,
    /// For programs; of a new plan only.
    pub slug: Option<String>,
    /// For people.
    pub description: Patch<String>,
    /// A picture.
    pub avatar_url: Patch<String>,
    /// `user` or `org`; of a new plan only.
    pub payer_type: Option<String>,
    /// Whether payers without another plan have this one; never taken back but by another plan.
    pub is_default: Option<bool>,
    /// Whether it is to be offered.
    pub publicly_visible: Option<bool>,
    /// Slugs of features.
    pub features: Option<Vec<String>>,
    /// Days of the free trial; 0 is none.
    pub free_trial_days: Patch<i64>,
    /// ISO 4217, `USD` if absent; goes with the amounts.
    pub currency: Option<String>,
    /// A month, billed monthly.
    pub amount: Patch<i64>,
    /// A month, billed annually.
    pub annual_monthly_amount: Patch<i64>,
}

impl PlanParams {
    fn has_price(&self) -> bool {
        self.currency.is_some() || !self.amount.is_keep() || !self.annual_monthly_amount.is_keep()
    }
}

/// Every plan for a kind of payer or for both, newest first.
pub async fn list_plans(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    payer_type: Option<PayerType>,
    (limit, offset): (i64, i64),
    shape: Shape,
) -> Result<Paginated<wire::Plan>> {
    enabled(tenant)?;
    offered_plans(ctx, &tenant.instance.id, payer_type, (limit, offset), shape).await
}

/// The same for an operator, whether or not billing is on.
pub async fn offered_plans(
    ctx: &Ctx,
    instance: &Id,
    payer_type: Option<PayerType>,
    (limit, offset): (i64, i64),
    shape: Shape,
) -> Result<Paginated<wire::Plan>> {
    instances::get(ctx, instance)?;
    let instance = instance.clone();
    ctx.db
        .read(move |conn| {
            let catalogue = Catalogue::read(conn, &instance)?;
            let matching: Vec<&Plan> = catalogue
                .plans()
                .iter()
                .filter(|plan| payer_type.is_none_or(|wanted| plan.payer_type == wanted))
                .collect();
            let skip = usize::try_from(offset).unwrap_or(usize::MAX);
            let take = usize::try_from(limit).unwrap_or(usize::MAX);
            let page = matching.iter().skip(skip).take(take);
            let data =
                page.map(|plan| catalogue.render_plan(plan, shape)).collect::<Result<_>>()?;
            let total_count = i64::try_from(matching.len()).unwrap_or(i64::MAX);
            Ok(Paginated { data, total_count })
        })
        .await
}

/// The plan with this id, for its operator.
pub async fn get_plan(ctx: &Ctx, instance: &Id, id: &Id) -> Result<wire::Plan> {
    instances::get(ctx, instance)?;
    let (instance, id) = (instance.clone(), id.clone());
    ctx.db.read(move |conn| render(conn, &instance, &id)).await
}

/// Creates a plan with its own price.
pub async fn create_plan(
    ctx: &Ctx,
    instance: &Id,
    request: Request<PlanParams>,
) -> Result<wire::Plan> {
    instances::get(ctx, instance)?;
    let (ctx_, instance) = (ctx.clone(), instance.clone());
    ctx.db
        .write(move |tx| {
            hold_alone(tx, &instance)?;
            let Request { params, mut problems } = request.clone();
            let now = ctx_.clock.now();
            let slug = parse_slug(params.slug.as_deref().unwrap_or_default(), "slug");
            let mut plan = Plan {
                id: ctx_.entropy.id(Prefix::Plan, now),
                name: String::new(),
                slug: slug.unwrap_or_else(|problem| {
                    problems.push(problem);
                    String::new()
                }),
                description: None,
                avatar_url: None,
                payer_type: payer_type(params.payer_type.as_deref(), &mut problems),
                is_default: false,
                publicly_visible: true,
                feature_ids: Vec::new(),
                free_trial_days: None,
                created_at: now,
                updated_at: now,
            };
            let name = Some(params.name.clone().unwrap_or_default());
            let price = price(&ctx_, &plan.id, &params, None, &mut problems);
            apply(tx, &instance, &mut plan, PlanParams { name, ..params }, &mut problems)?;
            check_default(&plan, &price, &mut problems);
            if !problems.is_empty() {
                return Err(Error::Refused(problems));
            }
            if plan.is_default {
                unset_default(tx, &instance, &plan)?;
            }
            if !store::insert(tx, &instance, &plan)? {
                return Err(Error::refused(taken(&plan.slug)));
            }
            prices::insert(tx, &instance, &price)?;
            render(tx, &instance, &plan.id)
        })
        .await
}

/// Changes a plan; with other amounts it gets a new price of its own, and who has the old one keeps it.
pub async fn update_plan(
    ctx: &Ctx,
    instance: &Id,
    id: &Id,
    request: Request<PlanParams>,
) -> Result<wire::Plan> {
    instances::get(ctx, instance)?;
    let (ctx_, instance, id) = (ctx.clone(), instance.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            hold_alone(tx, &instance)?;
            let mut plan = store::lock(tx, &instance, &id)?.ok_or_else(|| missing_plan(&id))?;
            let mut old = prices::default_of(tx, &instance, &id)?
                .ok_or_else(|| Error::internal("read a plan's price", "the plan has none"))?;
            let Request { params, mut problems } = request.clone();
            let new = price(&ctx_, &id, &params, Some(&old), &mut problems);
            let has_price = params.has_price();
            apply(tx, &instance, &mut plan, params, &mut problems)?;
            check_default(&plan, &new, &mut problems);
            if !problems.is_empty() {
                return Err(Error::Refused(problems));
            }
            if has_price {
                old.is_default = false;
                prices::save(tx, &instance, &old)?;
                prices::insert(tx, &instance, &new)?;
            }
            if plan.is_default {
                unset_default(tx, &instance, &plan)?;
            }
            plan.updated_at = ctx_.clock.now().max(plan.updated_at + 1);
            store::save(tx, &instance, &plan)?;
            render(tx, &instance, &id)
        })
        .await
}

/// Holds the instance alone: of two who make other plans the default, one comes after the other.
fn hold_alone(tx: &mut Conn<'_>, instance: &Id) -> Result<()> {
    let held = rollbook_store::instances::lock(tx, instance)?;
    held.map(drop).ok_or_else(|| Error::not_found("instance", instance.as_str()))
}

/// Deletes a plan that is not the default one and that nobody ever had.
pub async fn delete_plan(ctx: &Ctx, instance: &Id, id: &Id) -> Result<()> {
    instances::get(ctx, instance)?;
    let (instance, id) = (instance.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            crate::users::hold(tx, &instance)?;
            let plan = store::lock(tx, &instance, &id)?.ok_or_else(|| missing_plan(&id))?;
            if plan.is_default || subscription_items::uses_plan(tx, &instance, &id)? {
                return Err(Error::refused(Problem::new(
                    Code::BadRequest,
                    "A plan cannot be deleted while it is the default one or if somebody has or had it.",
                )));
            }
            prices::delete_of_plan(tx, &instance, &id)?;
            store::delete(tx, &instance, &id)?;
            Ok(())
        })
        .await
}

fn render(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<wire::Plan> {
    let catalogue = Catalogue::read(conn, instance)?;
    catalogue.render_plan(catalogue.plan(id)?, Shape::Current)
}

fn apply(
    tx: &mut Conn<'_>,
    instance: &Id,
    plan: &mut Plan,
    params: PlanParams,
    problems: &mut Vec<Problem>,
) -> Result<()> {
    set_name(&mut plan.name, params.name, problems);
    let description = ("description", MAX_DESCRIPTION);
    set_words(&mut plan.description, params.description, description, problems);
    set_words(&mut plan.avatar_url, params.avatar_url, ("avatar_url", MAX_DESCRIPTION), problems);
    plan.publicly_visible = params.publicly_visible.unwrap_or(plan.publicly_visible);
    match params.is_default {
        Some(false) if plan.is_default => problems.push(Problem::param(
            Code::FormParamValueInvalid,
            "is_default",
            "A default plan stays so until another one is made the default.",
        )),
        Some(is_default) => plan.is_default = is_default,
        None => {}
    }
    if let Some(slugs) = params.features {
        plan.feature_ids = feature_ids(&features::all(tx, instance)?, &slugs, problems);
    }
    match params.free_trial_days {
        Patch::Keep => {}
        Patch::Clear | Patch::Set(0) => plan.free_trial_days = None,
        Patch::Set(days) => match u32::try_from(days) {
            Ok(days) if i64::from(days) <= MAX_TRIAL_DAYS => plan.free_trial_days = Some(days),
            _ => problems.push(Problem::param(
                Code::FormParamValueInvalid,
                "free_trial_days",
                format!("free_trial_days must lie between 0 and {MAX_TRIAL_DAYS}."),
            )),
        },
    }
    Ok(())
}

fn feature_ids(all: &[Feature], slugs: &[String], problems: &mut Vec<Problem>) -> Vec<Id> {
    let mut ids: Vec<Id> = Vec::new();
    for slug in slugs {
        match all.iter().find(|feature| feature.slug == *slug) {
            Some(feature) if ids.contains(&feature.id) => {}
            Some(feature) => ids.push(feature.id.clone()),
            None => problems.push(Problem::param(
                Code::FormResourceNotFound,
                "features",
                "features must be slugs of features of this instance.",
            )),
        }
    }
    ids
}

fn payer_type(text: Option<&str>, problems: &mut Vec<Problem>) -> PayerType {
    let found = PayerType::ALL.into_iter().find(|one| Some(one.as_str()) == text);
    found.unwrap_or_else(|| {
        let message = "payer_type must be user or org.";
        problems.push(Problem::param(Code::FormParamValueInvalid, "payer_type", message));
        PayerType::User
    })
}

/// The price that a plan is to have; what is absent is as in the price before.
fn price(
    ctx: &Ctx,
    plan: &Id,
    params: &PlanParams,
    before: Option<&Price>,
    problems: &mut Vec<Problem>,
) -> Price {
    let now = ctx.clock.now();
    let currency = match params.currency.as_deref() {
        Some(text) => Currency::parse(text, "currency"),
        None => Ok(before.map_or(Currency::USD, |price| price.currency)),
    };
    let currency = currency.unwrap_or_else(|problem| {
        problems.push(problem);
        Currency::USD
    });
    let mut amount = |name, patch: &Patch<i64>, before: Option<i64>| {
        let amount = match patch {
            Patch::Keep => before,
            Patch::Clear => None,
            Patch::Set(amount) => Some(*amount),
        };
        problems.extend(amount.and_then(|amount| check_amount(amount, name)));
        amount
    };
    let monthly = amount("amount", &params.amount, before.and_then(|price| price.amount));
    let annual_before = before.and_then(|price| price.annual_monthly_amount);
    let annual = amount("annual_monthly_amount", &params.annual_monthly_amount, annual_before);
    Price {
        id: ctx.entropy.id(Prefix::Price, now),
        plan_id: plan.clone(),
        currency,
        // A plan without any amount is free.
        amount: if annual.is_none() { monthly.or(Some(0)) } else { monthly },
        annual_monthly_amount: annual,
        description: None,
        is_default: true,
        created_at: now,
    }
}

/// What is wrong with an amount.
pub(super) fn check_amount(amount: i64, name: &str) -> Option<Problem> {
    (!(0..=MAX_AMOUNT).contains(&amount)).then(|| {
        let message = format!("{name} must lie between 0 and {MAX_AMOUNT}, in the smallest unit.");
        Problem::param(Code::FormParamValueInvalid, name, message)
    })
}

/// Everybody has the default plan, so nobody can be asked to pay for it.
fn check_default(plan: &Plan, price: &Price, problems: &mut Vec<Problem>) {
    if plan.is_default && (!price.is_free() || plan.free_trial_days.is_some()) {
        problems.push(Problem::param(
            Code::FormParamValueInvalid,
            "is_default",
            "A default plan must be free and have no free trial.",
        ));
    }
}

fn unset_default(tx: &mut Conn<'_>, instance: &Id, new: &Plan) -> Result<()> {
    let Some(old) = store::default(tx, instance, new.payer_type)?.filter(|old| old.id != new.id)
    else {
        return Ok(());
    };
    if let Some(mut old) = store::lock(tx, instance, &old.id)? {
        old.is_default = false;
        store::save(tx, instance, &old)?;
    }
    Ok(())
}

pub(super) fn set_name(name: &mut String, new: Option<String>, problems: &mut Vec<Problem>) {
    let Some(new) = new else { return };
    match parse_words(&new, "name", MAX_NAME) {
        Ok(Some(new)) => *name = new,
        Ok(None) => {
            problems.push(Problem::param(Code::FormParamMissing, "name", "name must be included."));
        }
        Err(problem) => problems.push(problem),
    }
}

pub(super) fn set_words(
    words: &mut Option<String>,
    new: Patch<String>,
    (name, max): (&str, usize),
    problems: &mut Vec<Problem>,
) {
    match new {
        Patch::Keep => {}
        Patch::Clear => *words = None,
        Patch::Set(new) => match parse_words(&new, name, max) {
            Ok(new) => *words = new,
            Err(problem) => problems.push(problem),
        },
    }
}
