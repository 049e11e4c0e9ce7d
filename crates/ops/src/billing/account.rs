//! What a payer has, held in a transaction: items are changed, payments made due, and all is told.

use std::sync::Arc;

use rollbook_domain::billing::{
    ChargeType, CreditSource, Money, Owner, PAYMENT_TERM_MS, PaymentAttempt, PaymentStatus, Phase,
    Statement, SubscriptionItem, month_of,
};
use rollbook_store::Conn;
use rollbook_store::billing::{payment_attempts, statements, subscription_items as items};
use rollbook_wire::billing as wire;
use rollbook_wire::{Id, Prefix};

use super::gateway::gateway;
use super::{Catalogue, credits, events, payer};
use crate::{Ctx, Result, Tenant};

/// A payer with all its items.
pub(super) struct Account {
    pub(super) ctx: Ctx,
    pub(super) tenant: Arc<Tenant>,
    pub(super) owner: Owner,
    pub(super) payer: wire::Payer,
    pub(super) catalogue: Catalogue,
    pub(super) items: Vec<SubscriptionItem>,
    had_items: bool,
    was_past_due: bool,
    told: Vec<(&'static str, SubscriptionItem)>,
}

impl Account {
    /// Holds the instance and the payer until the transaction ends.
    pub(super) fn lock(
        ctx: &Ctx,
        tx: &mut Conn<'_>,
        tenant: &Arc<Tenant>,
        owner: &Owner,
    ) -> Result<Self> {
        let instance = &tenant.instance.id;
        crate::users::hold(tx, instance)?;
        let payer = payer::lock(ctx, tx, tenant, owner)?;
        let items = items::of_owner(tx, instance, &owner.id)?;
        Ok(Self {
            ctx: ctx.clone(),
            tenant: Arc::clone(tenant),
            owner: owner.clone(),
            payer,
            catalogue: Catalogue::read(tx, instance)?,
            had_items: !items.is_empty(),
            was_past_due: is_past_due(&items),
            items,
            told: Vec::new(),
        })
    }

    pub(super) fn instance(&self) -> &Id {
        &self.tenant.instance.id
    }

    /// The item that runs, unless it is the default plan's.
    pub(super) fn running(&self) -> Option<&SubscriptionItem> {
        self.items.iter().find(|item| item.phase == Phase::Running)
    }

    /// Writes an item, new or changed, to be told of as `event`.
    pub(super) fn put(
        &mut self,
        tx: &mut Conn<'_>,
        mut item: SubscriptionItem,
        event: &'static str,
        at: i64,
    ) -> Result<()> {
        let instance = self.tenant.instance.id.clone();
        item.updated_at = at.max(item.updated_at);
        let there = self.items.iter().position(|other| other.id == item.id);
        if let Some(there) = there.and_then(|n| self.items.get_mut(n)) {
            items::save(tx, &instance, &item)?;
            there.clone_from(&item);
        } else {
            let is_free = self.catalogue.price(tx, &item.price_id)?.is_free();
            items::insert(tx, &instance, &item, is_free)?;
            self.items.push(item.clone());
        }
        self.told.push((event, item));
        Ok(())
    }

    /// Gives up what was to begin after the item that runs.
    pub(super) fn abandon_upcoming(&mut self, tx: &mut Conn<'_>, at: i64) -> Result<()> {
        let upcoming = self.items.iter().filter(|item| item.phase == Phase::Upcoming);
        for mut item in upcoming.cloned().collect::<Vec<_>>() {
            item.end(at);
            self.put(tx, item, "subscriptionItem.abandoned", at)?;
        }
        Ok(())
    }

    /// Makes the payment of the item's period due, less credits; `None` if it costs nothing.
    pub(super) fn charge(
        &mut self,
        tx: &mut Conn<'_>,
        item: &mut SubscriptionItem,
        charge_type: ChargeType,
        at: i64,
    ) -> Result<Option<PaymentAttempt>> {
        let instance = self.tenant.instance.id.clone();
        let price = self.catalogue.price(tx, &item.price_id)?;
        let subtotal = price.for_period(item.period).unwrap_or(Money::new(0, price.currency));
        if subtotal.amount == 0 {
            return Ok(None);
        }
        let proration =
            item.credit.filter(|_| charge_type == ChargeType::Checkout).map(|mut unused| {
                unused.amount = unused.amount.min(subtotal.amount);
                unused
            });
        let left = subtotal.amount - proration.map_or(0, |unused| unused.amount);
        let id = self.ctx.entropy.id(Prefix::PaymentAttempt, at);
        let wanted = Money::new(left, subtotal.currency);
        let (from_balance, balance_after) = credits::spend(self, tx, wanted, &id, at)?;
        let new = Statement {
            id: self.ctx.entropy.id(Prefix::Statement, at),
            owner: self.owner.clone(),
            month: month_of(at),
            created_at: at,
        };
        let statement = statements::find_or_insert(tx, &instance, &new, subtotal.currency)?;
        let is_paid = from_balance == left;
        let attempt = PaymentAttempt {
            id,
            statement_id: statement.id,
            subscription_item_id: item.id.clone(),
            owner: self.owner.clone(),
            charge_type,
            subtotal,
            proration,
            from_balance,
            balance_after,
            gateway: self.tenant.instance.settings.billing.gateway,
            paid_with: None,
            status: if is_paid { PaymentStatus::Paid } else { PaymentStatus::Pending },
            due_at: at + PAYMENT_TERM_MS,
            paid_at: is_paid.then_some(at),
            failed_at: None,
            failed_reason: None,
            paid_late_at: None,
            gateway_external_id: None,
            gateway_external_url: None,
            created_at: at,
            updated_at: at,
        };
        item.payment_due_at = (!is_paid).then_some(attempt.due_at);
        payment_attempts::insert(tx, &instance, &attempt)?;
        if !is_paid {
            let now = self.ctx.clock.now();
            gateway(attempt.gateway).take(tx, &instance, &attempt, now)?;
        }
        events::payment(self, tx, "paymentAttempt.created", &attempt, item)?;
        Ok(Some(attempt))
    }

    /// Closes the open payments of an item that is given up.
    pub(super) fn close_payments(
        &mut self,
        tx: &mut Conn<'_>,
        item: &SubscriptionItem,
        at: i64,
    ) -> Result<()> {
        let instance = self.tenant.instance.id.clone();
        for mut attempt in payment_attempts::pending_of_item(tx, &instance, &item.id)? {
            self.fail_payment(tx, item, &mut attempt, at)?;
        }
        Ok(())
    }

    /// Writes that an open payment will not come in.
    pub(super) fn fail_payment(
        &self,
        tx: &mut Conn<'_>,
        item: &SubscriptionItem,
        attempt: &mut PaymentAttempt,
        at: i64,
    ) -> Result<()> {
        let instance = self.instance();
        attempt.status = PaymentStatus::Failed;
        attempt.failed_at = Some(at);
        attempt.updated_at = at;
        payment_attempts::save(tx, instance, attempt)?;
        gateway(attempt.gateway).give_up(tx, instance, attempt, self.ctx.clock.now())?;
        // What the balance gave for it comes back.
        let back = Money::new(attempt.from_balance, attempt.subtotal.currency);
        credits::give(self, tx, back, (CreditSource::Payment, &attempt.id), at)?;
        events::payment(self, tx, "paymentAttempt.updated", attempt, item)
    }

    /// Tells of everything that was put.
    pub(super) fn tell(&mut self, tx: &mut Conn<'_>) -> Result<()> {
        let told = std::mem::take(&mut self.told);
        if told.is_empty() {
            return Ok(());
        }
        for (event, item) in &told {
            events::item(self, tx, event, item)?;
        }
        let kind = match (self.had_items, self.was_past_due, is_past_due(&self.items)) {
            (false, ..) => "subscription.created",
            (true, false, true) => "subscription.pastDue",
            (true, true, false) => "subscription.active",
            (true, ..) => "subscription.updated",
        };
        (self.had_items, self.was_past_due) = (true, is_past_due(&self.items));
        events::subscription(self, tx, kind)
    }
}

pub(super) fn is_past_due(items: &[SubscriptionItem]) -> bool {
    items.iter().any(|item| item.phase == Phase::Running && item.past_due_at.is_some())
}
