//! Payments through Stripe: what an operator sets up, and where Stripe tells what happened.

use axum::Router;
use axum::extract::State;
use axum::routing;
use bytes::Bytes;
use hyper::HeaderMap;
use rollbook_ops::billing::{self as ops, PutStripeAccount, StripeAccount, StripeCustomer};
use rollbook_ops::instances;
use rollbook_ops::users::Request;
use rollbook_wire::DeletedObject;
use serde_json::{Value, json};

use super::Answer;
use crate::{Api, Form, Json, Operator, PathIds};

/// Under `/admin/v1`.
pub(crate) fn admin_routes() -> Router<Api> {
    Router::new()
        .route("/instances/{id}/billing/stripe", routing::get(get).put(put).delete(delete))
        .route(
            "/instances/{id}/billing/stripe/customers/{payer_id}",
            routing::get(get_customer).put(put_customer),
        )
}

/// At the root: the address is registered with Stripe.
pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/stripe/webhooks/{id}", routing::post(event))
}

async fn get(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    Json::of(&body(&ops::get_stripe_account(&api.ctx, &tenant).await?))
}

async fn put(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    let secret_key = form.secret("secret_key");
    let params = PutStripeAccount {
        secret_key: match form.not_null("secret_key", secret_key) {
            Some(secret) => rollbook_wire::Patch::Set(secret),
            None => rollbook_wire::Patch::Keep,
        },
        webhook_secret: form.secret("webhook_secret"),
        api_url: form.string("api_url"),
    };
    let request = Request { params, problems: form.finish() };
    Json::of(&body(&ops::put_stripe_account(&api.ctx, &tenant, request).await?))
}

async fn delete(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    ops::delete_stripe_account(&api.ctx, &tenant).await?;
    Json::of(&DeletedObject {
        object: "stripe_account".to_owned(),
        id: id.to_string(),
        deleted: true,
        external_id: None,
    })
}

async fn get_customer(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, payer]): PathIds<2>,
) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    Json::of(&customer(&ops::get_stripe_customer(&api.ctx, &tenant, &payer).await?))
}

async fn put_customer(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, payer]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    let named = form.string("customer_id").set();
    let request = Request { params: named, problems: form.finish() };
    Json::of(&customer(&ops::put_stripe_customer(&api.ctx, &tenant, &payer, request).await?))
}

async fn event(
    State(api): State<Api>,
    PathIds([id]): PathIds<1>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    ops::stripe_event(&api.ctx, &tenant, signature.unwrap_or_default(), &body).await?;
    Json::of(&json!({ "object": "stripe_event_receipt", "received": true }))
}

/// Everything but the secrets.
fn body(account: &StripeAccount) -> Value {
    json!({
        "object": "stripe_account",
        "api_url": account.api_url,
        "has_webhook_secret": account.has_webhook_secret,
        "webhook_url": account.webhook_url,
        "waiting_payments": account.waiting_payments,
        "last_error": account.last_error,
        "created_at": account.created_at,
        "updated_at": account.updated_at,
    })
}

fn customer(customer: &StripeCustomer) -> Value {
    json!({
        "object": "stripe_customer",
        "payer_id": customer.owner.payer_id(),
        "payer_type": customer.owner.payer_type.as_str(),
        "customer_id": customer.id,
    })
}
