//! Read the subscription of a user or an organization.

use std::sync::Arc;

use rollbook_domain::Problem;
use rollbook_domain::billing::{Owner, Phase, SubscriptionItem};
use rollbook_store::Conn;
use rollbook_store::billing::subscription_items as items;
use rollbook_wire::billing as wire;
use rollbook_wire::{Code, Id};

use super::payer;
use super::{Catalogue, Shape, enabled};
use crate::{Ctx, Error, Result, Tenant};

/// The subscription of a payer.
pub async fn subscription(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    owner: Owner,
    shape: Shape,
) -> Result<wire::Subscription> {
    enabled(tenant)?;
    let (ctx_, tenant) = (ctx.clone(), Arc::clone(tenant));
    ctx.db
        .read(move |conn| {
            let payer = payer::find(&ctx_, conn, &tenant, &owner)?;
            let catalogue = Catalogue::read(conn, &tenant.instance.id)?;
            let items = items::of_owner(conn, &tenant.instance.id, &owner.id)?;
            render(conn, &catalogue, &tenant.instance.id, (&owner, &payer), &items, shape)
        })
        .await
}

/// The subscription that a payer with these items has.
pub(super) fn render(
    conn: &mut Conn<'_>,
    catalogue: &Catalogue,
    instance: &Id,
    (owner, payer): (&Owner, &wire::Payer),
    items: &[SubscriptionItem],
    shape: Shape,
) -> Result<wire::Subscription> {
    let shown = shown(catalogue, owner, payer.created_at, items)?;
    let Some(first) = shown.first() else {
        return Err(Error::refused(Problem::new(
            Code::SubscriptionNotFound,
            format!("{} has no subscription.", owner.id),
        )));
    };
    let past_due_at = shown.iter().filter_map(|item| item.past_due_at).min();
    let created_at = items.iter().map(|item| item.created_at).min();
    let created_at = created_at.unwrap_or(first.created_at);
    let updated_at = items.iter().map(|item| item.updated_at).max();
    let mut next_payment = None;
    for item in &shown {
        let price = catalogue.price(conn, &item.price_id)?;
        next_payment =
            next_payment.into_iter().chain(item.next_payment(&price)).min_by_key(|(at, _)| *at);
    }
    let rendered = shown.iter().map(|item| catalogue.render_item(conn, item, shape));
    Ok(wire::Subscription {
        object: "commerce_subscription",
        id: owner.subscription_id(),
        instance_id: instance.clone(),
        status: if past_due_at.is_some() { "past_due" } else { "active" },
        payer_id: owner.payer_id(),
        created_at,
        updated_at: updated_at.unwrap_or(created_at),
        active_at: Some(created_at),
        past_due_at,
        subscription_items: rendered.collect::<Result<_>>()?,
        next_payment: next_payment.map(|(date, amount)| wire::NextPayment {
            date,
            time: shape.is_legacy().then_some(date),
            amount: amount.into(),
        }),
        eligible_for_free_trial: !items.iter().any(|item| item.had_free_trial),
    })
}

/// What runs and what is to come; the default plan fills the time that nothing else does.
fn shown(
    catalogue: &Catalogue,
    owner: &Owner,
    owner_since: i64,
    items: &[SubscriptionItem],
) -> Result<Vec<SubscriptionItem>> {
    let open = |item: &&SubscriptionItem| matches!(item.phase, Phase::Running | Phase::Upcoming);
    let mut shown: Vec<_> = items.iter().filter(open).cloned().collect();
    let running = shown.iter().find(|item| item.phase == Phase::Running);
    let upcoming = shown.iter().any(|item| item.phase == Phase::Upcoming);
    let gap = match running {
        None => {
            let ended = items.iter().filter(|item| item.phase == Phase::Ended);
            let ended = ended.filter_map(|item| item.ended_at).max();
            Some((Phase::Running, ended.map_or(owner_since, |ended| ended.max(owner_since))))
        }
        Some(item) if item.canceled_at.is_some() && !upcoming => {
            item.period_end.map(|end| (Phase::Upcoming, end))
        }
        Some(_) => None,
    };
    if let Some((phase, since)) = gap
        && let Some(mut default) = catalogue.default_item(owner, since)?
    {
        default.phase = phase;
        shown.push(default);
    }
    Ok(shown)
}
