//! What is told of subscriptions and payments, in the shapes of Clerk's webhooks.

use rollbook_domain::billing::{Money, PaymentAttempt, Phase, SubscriptionItem};
use rollbook_store::Conn;
use rollbook_store::billing::payment_attempts;
use rollbook_wire::billing as wire;
use rollbook_wire::{Id, Prefix};
use serde_json::{Value, json};

use super::account::{Account, is_past_due};
use super::statements::{method_id, payment_type};
use crate::{Result, events};

/// An item changed.
pub(super) fn item(
    account: &Account,
    tx: &mut Conn<'_>,
    kind: &'static str,
    item: &SubscriptionItem,
) -> Result<()> {
    let mut body = item_body(account, tx, item)?;
    if let Value::Object(members) = &mut body {
        members.insert("subscription_id".to_owned(), json!(account.owner.subscription_id()));
        members.insert("payer".to_owned(), payer_body(&account.payer));
    }
    append(account, tx, kind, &item.id, &body)
}

/// The subscription changed.
pub(super) fn subscription(account: &Account, tx: &mut Conn<'_>, kind: &'static str) -> Result<()> {
    let open = account.items.iter().filter(|i| matches!(i.phase, Phase::Running | Phase::Upcoming));
    let open: Vec<&SubscriptionItem> = open.collect();
    let items = open.iter().map(|item| item_body(account, tx, item)).collect::<Result<Vec<_>>>()?;
    let created_at = account.items.iter().map(|item| item.created_at).min();
    let updated_at = account.items.iter().map(|item| item.updated_at).max();
    let latest = account.items.iter().max_by_key(|item| item.updated_at);
    let latest =
        latest.map(|item| payment_attempts::latest_of_item(tx, account.instance(), &item.id));
    let latest = latest.transpose()?.flatten();
    let id = account.owner.subscription_id();
    let body = json!({
        "object": "commerce_subscription",
        "id": id,
        "status": if is_past_due(&account.items) { "past_due" } else { "active" },
        "active_at": created_at,
        "canceled_at": null,
        "created_at": created_at,
        "ended_at": null,
        "past_due_at": open.iter().filter_map(|item| item.past_due_at).min(),
        "updated_at": updated_at,
        "latest_payment_id": latest.map(|attempt| attempt.id.sibling(Prefix::Payment)),
        "payer_id": account.owner.payer_id(),
        "payer": payer_body(&account.payer),
        "payment_source_id": null,
        "items": items,
    });
    append(account, tx, kind, &id, &body)
}

/// A payment changed.
pub(super) fn payment(
    account: &Account,
    tx: &mut Conn<'_>,
    kind: &'static str,
    attempt: &PaymentAttempt,
    item: &SubscriptionItem,
) -> Result<()> {
    let money = |money: Money| json!(wire::Money::from(money));
    let subscription_item = item_body(account, tx, item)?;
    let paid_with = attempt.paid_with.as_ref();
    let card = paid_with.and_then(|with| with.card.as_ref());
    let body = json!({
        "id": attempt.id,
        "instance_id": account.instance(),
        "payment_id": attempt.id.sibling(Prefix::Payment),
        "invoice_id": attempt.id,
        "statement_id": attempt.statement_id,
        "gateway_external_id": attempt.gateway_external_id.as_deref().unwrap_or_default(),
        "status": attempt.status.as_str(),
        "created_at": attempt.created_at,
        "updated_at": attempt.updated_at,
        "paid_at": attempt.paid_at,
        "failed_at": attempt.failed_at,
        "failed_reason": attempt.failed_reason.as_ref().map(|code| {
            json!({ "code": code, "decline_code": "" })
        }),
        "billing_date": attempt.created_at,
        "charge_type": attempt.charge_type.as_str(),
        "payee": {
            "id": account.instance().sibling(Prefix::Payee),
            "gateway_type": attempt.gateway,
            "gateway_external_id": "",
            "gateway_status": "active",
        },
        "payer": payer_body(&account.payer),
        "totals": {
            "subtotal": money(attempt.subtotal),
            "tax_total": money(Money::new(0, attempt.subtotal.currency)),
            "grand_total": money(attempt.total()),
        },
        "payment_source": {
            "id": method_id(attempt),
            "gateway": attempt.gateway,
            "gateway_external_id":
                paid_with.map(|with| with.external_id.as_str()).unwrap_or_default(),
            "gateway_external_account_id": null,
            "payment_method": payment_type(attempt),
            "status": "active",
            "card_type": card.map(|card| &card.brand),
            "last4": card.map(|card| &card.last4),
        },
        "subscription_items": [subscription_item],
    });
    append(account, tx, kind, &attempt.id, &body)
}

fn append(
    account: &Account,
    tx: &mut Conn<'_>,
    kind: &'static str,
    subject: &Id,
    body: &Value,
) -> Result<()> {
    events::happened(&account.ctx, tx, account.instance(), kind, &account.owner.id, subject, body)
}

fn item_body(account: &Account, tx: &mut Conn<'_>, item: &SubscriptionItem) -> Result<Value> {
    let plan = account.catalogue.plan(&item.plan_id)?;
    let price = account.catalogue.price(tx, &item.price_id)?;
    let amount = price.for_period(item.period).map_or(0, |money| money.amount);
    Ok(json!({
        "object": "commerce_subscription_item",
        "id": item.id,
        "status": item.status().as_str(),
        "is_free_trial": item.is_free_trial,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "period_start": item.period_start,
        "period_end": item.period_end,
        "interval": item.period.as_str(),
        "plan_id": item.plan_id,
        "plan": {
            "id": plan.id,
            "slug": plan.slug,
            "name": plan.name,
            "is_recurring": true,
            "amount": amount,
            "currency": price.currency.code(),
        },
        "subscription_id": null,
    }))
}

/// All members are texts there, empty where there is nothing to say.
fn payer_body(payer: &wire::Payer) -> Value {
    let text = |id: &Option<Id>| id.as_ref().map_or("", Id::as_str).to_owned();
    json!({
        "object": "commerce_payer",
        "id": payer.id,
        "user_id": text(&payer.user_id),
        "first_name": payer.first_name,
        "last_name": payer.last_name,
        "email": payer.email,
        "organization_id": text(&payer.organization_id),
        "organization_name": payer.organization_name.as_deref().unwrap_or_default(),
        "image_url": payer.image_url,
        "created_at": payer.created_at,
        "updated_at": payer.updated_at,
    })
}
