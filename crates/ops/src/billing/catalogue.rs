//! Everything that is offered, and how it is shown.

use rollbook_domain::billing::{
    Currency, Feature, Owner, PayerType, Period, Plan, Price, SubscriptionItem,
};
use rollbook_store::Conn;
use rollbook_store::billing::{features, plans, prices};
use rollbook_wire::billing as wire;
use rollbook_wire::{Id, Prefix};

use crate::{Ctx, Error, Result};

/// Which of the two shapes that billing has had an answer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// From 2025-11-10 on.
    Current,
    /// Before.
    Legacy,
}

impl Shape {
    pub(super) fn is_legacy(self) -> bool {
        self == Self::Legacy
    }
}

/// The plans of an instance with their own prices and features.
///
/// An operator writes them, so there are few, and all are read at once.
#[derive(Debug, Clone)]
pub struct Catalogue {
    instance: Id,
    plans: Vec<Plan>,
    prices: Vec<Price>,
    features: Vec<Feature>,
}

impl Catalogue {
    /// Reads it.
    pub(super) fn read(conn: &mut Conn<'_>, instance: &Id) -> Result<Self> {
        Ok(Self {
            instance: instance.clone(),
            plans: plans::all(conn, instance)?,
            prices: prices::defaults(conn, instance)?,
            features: features::all(conn, instance)?,
        })
    }

    /// The plans, newest first.
    pub(super) fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// Every feature.
    pub(super) fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The plan with this id.
    pub(super) fn plan(&self, id: &Id) -> Result<&Plan> {
        let plan = self.plans.iter().find(|plan| plan.id == *id);
        plan.ok_or_else(|| super::missing_plan(id))
    }

    /// A plan's own price.
    pub(super) fn price_of(&self, plan: &Id) -> Result<&Price> {
        let price = self.prices.iter().find(|price| price.plan_id == *plan);
        price.ok_or_else(|| Error::internal("read a plan's price", "the plan has none"))
    }

    /// A price of its own or, read now, a custom one.
    pub(super) fn price(&self, conn: &mut Conn<'_>, id: &Id) -> Result<Price> {
        if let Some(price) = self.prices.iter().find(|price| price.id == *id) {
            return Ok(price.clone());
        }
        let price = prices::by_id(conn, &self.instance, id)?;
        price.ok_or_else(|| Error::internal("read a price", "it is gone"))
    }

    /// The item of the default plan that a payer has since `since` if it has no other.
    pub(super) fn default_item(
        &self,
        owner: &Owner,
        since: i64,
    ) -> Result<Option<SubscriptionItem>> {
        let is_default = |plan: &&Plan| plan.is_default && plan.payer_type == owner.payer_type;
        let Some(plan) = self.plans.iter().find(is_default) else { return Ok(None) };
        let price = self.price_of(&plan.id)?;
        let (id, since) = (owner.default_item_id(), since.max(plan.created_at));
        Ok(Some(SubscriptionItem::new(id, owner.clone(), price, Period::Month, since)))
    }

    /// A plan as the API shows it.
    pub(super) fn render_plan(&self, plan: &Plan, shape: Shape) -> Result<wire::Plan> {
        let price = self.price_of(&plan.id)?;
        Ok(plan.render(&self.instance, price, &self.features, shape.is_legacy()))
    }

    /// An item as the API shows it.
    pub(super) fn render_item(
        &self,
        conn: &mut Conn<'_>,
        item: &SubscriptionItem,
        shape: Shape,
    ) -> Result<wire::SubscriptionItem> {
        let (plan, price) = (self.plan(&item.plan_id)?, self.price(conn, &item.price_id)?);
        Ok(item.render(&self.instance, (plan, &price), &self.features, shape.is_legacy()))
    }
}

/// Sees to it that users and organizations of an instance with billing have a default plan.
pub(crate) fn ensure_defaults(ctx: &Ctx, tx: &mut Conn<'_>, instance: &Id) -> Result<()> {
    for payer_type in PayerType::ALL {
        if plans::default(tx, instance, payer_type)?.is_some() {
            continue;
        }
        let now = ctx.clock.now();
        let plan = Plan {
            id: ctx.entropy.id(Prefix::Plan, now),
            name: "Free".to_owned(),
            slug: format!("free_{}", payer_type.as_str()),
            description: None,
            avatar_url: None,
            payer_type,
            is_default: true,
            publicly_visible: true,
            feature_ids: Vec::new(),
            free_trial_days: None,
            created_at: now,
            updated_at: now,
        };
        let price = Price {
            id: ctx.entropy.id(Prefix::Price, now),
            plan_id: plan.id.clone(),
            currency: Currency::USD,
            amount: Some(0),
            annual_monthly_amount: None,
            description: None,
            is_default: true,
            created_at: now,
        };
        if plans::insert(tx, instance, &plan)? {
            prices::insert(tx, instance, &price)?;
        }
    }
    Ok(())
}
