//! An item of a subscription: one payer on one plan, period by period.

use rollbook_wire as wire;
use rollbook_wire::{Id, Prefix};
use serde::{Deserialize, Serialize};
use wire::billing::{CurrentItem, LegacyItem, NextPayment, Proration};

use super::{DAY_MS, Feature, Money, Period, Plan, Price, Unused, iso_date, months_after};
use crate::Millis;

/// How long before its end a free trial is told to end.
pub const TRIAL_NOTICE_MS: i64 = 3 * DAY_MS;

/// Whether users or organizations pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayerType {
    /// Users.
    User,
    /// Organizations.
    Org,
}

impl PayerType {
    /// Both.
    pub const ALL: [Self; 2] = [Self::User, Self::Org];

    /// As it is spelled.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Org => "org",
        }
    }
}

/// The user or the organization that pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Which of the two.
    pub payer_type: PayerType,
    /// `user_…` or `org_…`
    pub id: Id,
}

impl Owner {
    /// `cpayer_…`
    pub fn payer_id(&self) -> Id {
        self.id.sibling(Prefix::Payer)
    }

    /// `csub_…`
    pub fn subscription_id(&self) -> Id {
        self.id.sibling(Prefix::Subscription)
    }

    /// `csub_item_…` of the default plan, which has no row.
    pub fn default_item_id(&self) -> Id {
        self.id.sibling(Prefix::SubscriptionItem)
    }
}

/// Where an item is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It begins at `period_start`.
    Upcoming,
    /// It runs.
    Running,
    /// It is over.
    Ended,
    /// It was given up before it began.
    Abandoned,
}

/// What the API calls the state of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemStatus {
    /// It runs.
    Active,
    /// It runs to the end of its period.
    Canceled,
    /// It runs, and a payment for it is late.
    PastDue,
    /// It is to begin.
    Upcoming,
    /// It is over.
    Ended,
    /// It never began.
    Abandoned,
}

impl ItemStatus {
    /// As it is spelled.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Canceled => "canceled",
            Self::PastDue => "past_due",
            Self::Upcoming => "upcoming",
            Self::Ended => "ended",
            Self::Abandoned => "abandoned",
        }
    }
}

/// What time does to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// It begins.
    Start,
    /// Its free trial ends soon.
    TrialEnding,
    /// Its payment is late.
    PastDue,
    /// Its period, or its free trial, is over.
    PeriodEnd,
}

/// An item as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionItem {
    /// `csub_item_…`
    pub id: Id,
    /// Who pays.
    pub owner: Owner,
    /// `cplan_…`
    pub plan_id: Id,
    /// `cprice_…`
    pub price_id: Id,
    /// How often.
    pub period: Period,
    /// Where it is in its life.
    pub phase: Phase,
    /// Whether it is in its free trial.
    pub is_free_trial: bool,
    /// Whether it began with one.
    pub had_free_trial: bool,
    /// Whether the end of its free trial was announced.
    pub trial_end_announced: bool,
    /// From when paid periods are counted.
    pub anchor: Millis,
    /// How many have passed.
    pub n_periods: u32,
    /// When the period began or is to begin.
    pub period_start: Millis,
    /// When it ends; never, for what costs nothing.
    pub period_end: Option<Millis>,
    /// When its open payment is late.
    pub payment_due_at: Option<Millis>,
    /// When it was canceled.
    pub canceled_at: Option<Millis>,
    /// Since when its payment is late.
    pub past_due_at: Option<Millis>,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// All that was paid for it.
    pub lifetime_paid: Money,
    /// For the unused time of the plan before.
    pub credit: Option<Unused>,
    /// Creation.
    pub created_at: Millis,
    /// Last change.
    pub updated_at: Millis,
}

impl SubscriptionItem {
    /// A running item whose first period begins now; it has no end yet.
    pub fn new(id: Id, owner: Owner, price: &Price, period: Period, now: Millis) -> Self {
        Self {
            id,
            owner,
            plan_id: price.plan_id.clone(),
            price_id: price.id.clone(),
            period,
            phase: Phase::Running,
            is_free_trial: false,
            had_free_trial: false,
            trial_end_announced: false,
            anchor: now,
            n_periods: 0,
            period_start: now,
            period_end: None,
            payment_due_at: None,
            canceled_at: None,
            past_due_at: None,
            ended_at: None,
            lifetime_paid: Money::new(0, price.currency),
            credit: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// What the API calls its state.
    pub fn status(&self) -> ItemStatus {
        match self.phase {
            Phase::Upcoming => ItemStatus::Upcoming,
            Phase::Ended => ItemStatus::Ended,
            Phase::Abandoned => ItemStatus::Abandoned,
            Phase::Running if self.past_due_at.is_some() => ItemStatus::PastDue,
            Phase::Running if self.canceled_at.is_some() => ItemStatus::Canceled,
            Phase::Running => ItemStatus::Active,
        }
    }

    /// What time does to it next, and when.
    pub fn due(&self) -> Option<(Millis, Due)> {
        match self.phase {
            Phase::Ended | Phase::Abandoned => None,
            Phase::Upcoming => Some((self.period_start, Due::Start)),
            Phase::Running => {
                let end = self.period_end;
                let announce = self.is_free_trial && !self.trial_end_announced;
                let announced_at =
                    |end| (self.period_start.max(end - TRIAL_NOTICE_MS), Due::TrialEnding);
                let late = self.payment_due_at.filter(|_| self.past_due_at.is_none());
                // Of two at the same moment the first in this order.
                [
                    end.filter(|_| announce).map(announced_at),
                    late.map(|at| (at, Due::PastDue)),
                    end.map(|at| (at, Due::PeriodEnd)),
                ]
                .into_iter()
                .flatten()
                .min_by_key(|(at, _)| *at)
            }
        }
    }

    /// Begins the `n`th period after the anchor.
    pub fn begin_period(&mut self, n: u32) {
        let months = |n: u32| n.saturating_mul(self.period.months());
        let (start, end) = (months(n), months(n.saturating_add(1)));
        self.n_periods = n;
        self.period_start = months_after(self.anchor, start);
        self.period_end = Some(months_after(self.anchor, end));
    }

    /// Ends it, however far it came.
    pub fn end(&mut self, at: Millis) {
        self.phase = match self.phase {
            Phase::Upcoming | Phase::Abandoned => Phase::Abandoned,
            Phase::Running | Phase::Ended => Phase::Ended,
        };
        self.ended_at = Some(at);
        self.is_free_trial = false;
        self.payment_due_at = None;
    }

    /// What is to be paid for it next, and when.
    pub fn next_payment(&self, price: &Price) -> Option<(Millis, Money)> {
        let amount = price.for_period(self.period).filter(|money| money.amount > 0)?;
        let date = match self.phase {
            Phase::Upcoming => self.period_start,
            Phase::Running if self.canceled_at.is_none() => self.period_end?,
            Phase::Running | Phase::Ended | Phase::Abandoned => return None,
        };
        Some((date, amount))
    }

    /// The item as the API shows it, as before 2025-11-10 if `legacy`.
    pub fn render(
        &self,
        instance: &Id,
        (plan, price): (&Plan, &Price),
        features: &[Feature],
        legacy: bool,
    ) -> wire::billing::SubscriptionItem {
        let money = |amount| wire::billing::Money::from(Money::new(amount, price.currency));
        let next_payment = self.next_payment(price).map(|(date, amount)| NextPayment {
            date,
            time: None,
            amount: amount.into(),
        });
        let status = match self.status() {
            ItemStatus::Canceled if legacy => ItemStatus::Active,
            status => status,
        };
        wire::billing::SubscriptionItem {
            object: "commerce_subscription_item",
            id: self.id.clone(),
            instance_id: instance.clone(),
            status: status.as_str(),
            plan_id: self.plan_id.clone(),
            price_id: self.price_id.clone(),
            plan: Some(plan.render(instance, price, features, legacy)),
            plan_period: self.period.as_str(),
            payer_id: self.owner.payer_id(),
            payer: None,
            is_free_trial: self.is_free_trial,
            period_start: self.period_start,
            period_end: self.period_end,
            proration_date: iso_date(self.period_start),
            canceled_at: self.canceled_at,
            past_due_at: self.past_due_at,
            ended_at: self.ended_at,
            lifetime_paid: self.lifetime_paid.into(),
            credit: self.credit.as_ref().map(|unused| Proration {
                amount: money(unused.amount),
                cycle_days_remaining: None,
                cycle_days_total: None,
                cycle_remaining_percent: unused.part(),
            }),
            created_at: self.created_at,
            updated_at: self.updated_at,
            current: (!legacy).then_some(CurrentItem { credits: None, seats: None, totals: None }),
            legacy: legacy.then(|| LegacyItem {
                payment_source_id: "",
                payment_source: None,
                amount: money(price.for_period(self.period).map_or(0, |money| money.amount)),
                next_invoice: next_payment.clone(),
            }),
            next_payment,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Currency;
    use super::*;

    fn price(amount: i64) -> Price {
        Price {
            id: "cprice_1".parse().expect("an id"),
            plan_id: "cplan_1".parse().expect("an id"),
            currency: Currency::USD,
            amount: Some(amount),
            annual_monthly_amount: None,
            description: None,
            is_default: true,
            created_at: 0,
        }
    }

    fn item() -> SubscriptionItem {
        let owner = Owner { payer_type: PayerType::User, id: "user_1".parse().expect("an id") };
        let id = "csub_item_1".parse().expect("an id");
        SubscriptionItem::new(id, owner, &price(500), Period::Month, 1_000_000)
    }

    #[test]
    fn what_costs_nothing_has_no_next_moment() {
        assert_eq!(item().due(), None);
        assert_eq!(item().next_payment(&price(500)), None);
    }

    #[test]
    fn a_trial_is_announced_then_over() {
        let mut item = item();
        item.is_free_trial = true;
        item.period_end = Some(item.period_start + 7 * DAY_MS);
        let soon = item.period_start + 4 * DAY_MS;
        assert_eq!(item.due(), Some((soon, Due::TrialEnding)));
        item.trial_end_announced = true;
        assert_eq!(item.due(), item.period_end.map(|end| (end, Due::PeriodEnd)));
    }

    #[test]
    fn a_late_payment_counts_before_a_cancellation() {
        let mut item = item();
        item.begin_period(0);
        item.canceled_at = Some(1);
        assert_eq!(item.status(), ItemStatus::Canceled);
        assert_eq!(item.next_payment(&price(500)), None);
        item.past_due_at = Some(1);
        assert_eq!(item.status(), ItemStatus::PastDue);
        item.end(2);
        assert_eq!((item.status(), item.due()), (ItemStatus::Ended, None));
    }

    proptest! {
        #[test]
        fn a_period_begins_where_the_last_one_ended(
            anchor in 0..4_000_000_000_000_i64, n in 0..500_u32, annual in any::<bool>(),
        ) {
            let mut item = item();
            item.anchor = anchor;
            item.period = if annual { Period::Annual } else { Period::Month };
            item.begin_period(n);
            let end = item.period_end;
            item.begin_period(n + 1);
            prop_assert_eq!(end, Some(item.period_start));
        }
    }
}
