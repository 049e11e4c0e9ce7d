//! Statements and payments, as they are read.

use std::collections::BTreeMap;
use std::sync::Arc;

use rollbook_domain::billing::{
    Money, PaymentAttempt, PaymentStatus, Statement, day_of, months_after,
};
use rollbook_store::Conn;
use rollbook_store::billing::{payment_attempts as attempts, statements as store};
use rollbook_wire::billing as wire;
use rollbook_wire::{Id, Paginated, Prefix};

use super::gateway::gateway;
use super::{enabled, payer};
use crate::{Ctx, Error, Result, Tenant};

/// More payments than a payer has in a month.
const MAX_PAYMENTS: i64 = 1000;

/// A page of statements, newest first.
pub async fn list_statements(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    (limit, offset): (i64, i64),
) -> Result<Paginated<wire::Statement>> {
    enabled(tenant)?;
    let (ctx_, tenant) = (ctx.clone(), Arc::clone(tenant));
    ctx.db
        .read(move |conn| {
            let (page, total_count) = store::page(conn, &tenant.instance.id, limit, offset)?;
            let data = page.iter().map(|statement| render(&ctx_, conn, &tenant, statement));
            Ok(Paginated { data: data.collect::<Result<_>>()?, total_count })
        })
        .await
}

/// One statement.
pub async fn get_statement(ctx: &Ctx, tenant: &Arc<Tenant>, id: &Id) -> Result<wire::Statement> {
    enabled(tenant)?;
    let (ctx_, tenant, id) = (ctx.clone(), Arc::clone(tenant), id.clone());
    ctx.db
        .read(move |conn| {
            let statement = store::by_id(conn, &tenant.instance.id, &id)?;
            let statement = statement.ok_or_else(|| Error::not_found("statement", id.as_str()))?;
            render(&ctx_, conn, &tenant, &statement)
        })
        .await
}

/// A page of the payments of a statement, newest first.
pub async fn list_statement_payments(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    id: &Id,
    (limit, offset): (i64, i64),
) -> Result<Paginated<wire::PaymentAttempt>> {
    enabled(tenant)?;
    let (ctx_, tenant, id) = (ctx.clone(), Arc::clone(tenant), id.clone());
    ctx.db
        .read(move |conn| {
            let instance = &tenant.instance.id;
            if store::by_id(conn, instance, &id)?.is_none() {
                return Err(Error::not_found("statement", id.as_str()));
            }
            let (page, total_count) = attempts::of_statement(conn, instance, &id, limit, offset)?;
            Ok(Paginated { data: render_attempts(&ctx_, conn, &tenant, &page)?, total_count })
        })
        .await
}

/// A page of all payments in one state or any, newest first, for an operator.
pub async fn list_payments(
    ctx: &Ctx,
    tenant: &Arc<Tenant>,
    status: Option<PaymentStatus>,
    (limit, offset): (i64, i64),
) -> Result<Paginated<wire::PaymentAttempt>> {
    let (ctx_, tenant) = (ctx.clone(), Arc::clone(tenant));
    ctx.db
        .read(move |conn| {
            let instance = &tenant.instance.id;
            let (page, total_count) = attempts::page(conn, instance, status, limit, offset)?;
            Ok(Paginated { data: render_attempts(&ctx_, conn, &tenant, &page)?, total_count })
        })
        .await
}

fn render(
    ctx: &Ctx,
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    statement: &Statement,
) -> Result<wire::Statement> {
    let instance = &tenant.instance.id;
    let payer = payer::find(ctx, conn, tenant, &statement.owner)?;
    let (all, _) = attempts::of_statement(conn, instance, &statement.id, MAX_PAYMENTS, 0)?;
    let currency = all.first().map(|attempt| attempt.subtotal.currency);
    let currency = currency.unwrap_or(rollbook_domain::billing::Currency::USD);
    // What failed is not owed.
    let owed = all.iter().filter(|attempt| attempt.status != PaymentStatus::Failed);
    let (mut subtotal, mut total) = (0_i64, 0_i64);
    for attempt in owed {
        subtotal = subtotal.saturating_add(attempt.subtotal.amount);
        total = total.saturating_add(attempt.total().amount);
    }
    let mut days: BTreeMap<i64, Vec<wire::PaymentAttempt>> = BTreeMap::new();
    for attempt in &all {
        let shown = render_attempt(attempt, instance, &payer);
        days.entry(day_of(attempt.created_at)).or_default().push(shown);
    }
    let group = |(timestamp, items)| wire::StatementGroup {
        object: "commerce_statement_group",
        timestamp,
        items,
    };
    let money = |amount| wire::Money::from(Money::new(amount, currency));
    let is_over = ctx.clock.now() >= months_after(statement.month, 1);
    Ok(wire::Statement {
        object: "commerce_statement",
        id: statement.id.clone(),
        instance_id: instance.clone(),
        timestamp: statement.created_at,
        payer,
        status: if is_over { "closed" } else { "open" },
        totals: wire::StatementTotals {
            grand_total: money(total),
            subtotal: money(subtotal),
            base_fee: money(subtotal),
            tax_total: money(0),
        },
        groups: days.into_iter().rev().map(group).collect(),
    })
}

fn render_attempts(
    ctx: &Ctx,
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    all: &[PaymentAttempt],
) -> Result<Vec<wire::PaymentAttempt>> {
    let mut shown = Vec::with_capacity(all.len());
    for attempt in all {
        let payer = payer::find(ctx, conn, tenant, &attempt.owner)?;
        shown.push(render_attempt(attempt, &tenant.instance.id, &payer));
    }
    Ok(shown)
}

/// How an attempt is paid, as it is spelled.
pub(super) fn payment_type(attempt: &PaymentAttempt) -> &'static str {
    if attempt.total().amount == 0 {
        "payer-credits"
    } else {
        gateway(attempt.gateway).payment_type()
    }
}

/// The means of payment of an attempt: there is one per payer, for gateways keep them.
pub(super) fn method_id(attempt: &PaymentAttempt) -> Id {
    attempt.owner.id.sibling(Prefix::PaymentMethod)
}

pub(super) fn render_attempt(
    attempt: &PaymentAttempt,
    instance: &Id,
    payer: &wire::Payer,
) -> wire::PaymentAttempt {
    let money = |amount| wire::Money::from(Money::new(amount, attempt.subtotal.currency));
    let proration = attempt.proration.map(|unused| wire::Proration {
        amount: money(unused.amount),
        cycle_days_remaining: Some(unused.days_remaining),
        cycle_days_total: Some(unused.days_total),
        cycle_remaining_percent: unused.part(),
    });
    let off = attempt.subtotal.amount - attempt.total().amount;
    let from_balance = (attempt.from_balance > 0).then(|| wire::PayerCredit {
        remaining_balance: money(attempt.balance_after),
        applied_amount: money(attempt.from_balance),
    });
    let gateway = attempt.gateway;
    let paid_with = attempt.paid_with.as_ref();
    let card = paid_with.and_then(|with| with.card.as_ref());
    let payer_id = attempt.owner.payer_id();
    wire::PaymentAttempt {
        object: "commerce_payment",
        id: attempt.id.clone(),
        payment_id: attempt.id.sibling(Prefix::Payment),
        instance_id: instance.clone(),
        charge_type: attempt.charge_type.as_str(),
        payee_id: instance.sibling(Prefix::Payee),
        payee: wire::Payee {
            id: instance.sibling(Prefix::Payee),
            gateway_type: gateway.as_str(),
            gateway_external_id: "",
            gateway_status: "active",
        },
        payer_id: payer_id.clone(),
        payer: payer.clone(),
        subscription_item_id: attempt.subscription_item_id.clone(),
        amount: attempt.total().into(),
        totals: wire::Totals {
            subtotal: attempt.subtotal.into(),
            base_fee: attempt.subtotal.into(),
            tax_total: money(0),
            grand_total: attempt.total().into(),
            credits: (off > 0).then(|| wire::Credits {
                proration,
                payer: from_balance,
                total: money(off),
            }),
        },
        payment_method_id: method_id(attempt),
        payment_method: wire::PaymentMethod {
            object: "commerce_payment_method",
            id: method_id(attempt),
            payer_id,
            payment_type: payment_type(attempt),
            gateway: gateway.as_str(),
            gateway_external_id: paid_with.map(|with| with.external_id.clone()).unwrap_or_default(),
            gateway_external_account_id: None,
            last4: card.map(|card| card.last4.clone()),
            status: "active",
            card_type: card.map(|card| card.brand.clone()),
        },
        statement_id: attempt.statement_id.clone(),
        gateway_external_id: attempt.gateway_external_id.clone(),
        gateway_external_url: attempt.gateway_external_url.clone(),
        status: attempt.status.as_str(),
        paid_at: attempt.paid_at,
        failed_at: attempt.failed_at,
        created_at: attempt.created_at,
        updated_at: attempt.updated_at,
    }
}
