//! Items of subscriptions, statements and credits, for the holder of a secret key.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_domain::Problem;
use rollbook_domain::billing::ItemStatus;
use rollbook_ops::billing::{self as ops, AdjustCredits, Cancel, PriceTransition};
use rollbook_ops::users::Request;
use rollbook_store::billing::subscription_items::Filter;
use rollbook_wire::Code;

use super::{Answer, page, payer_type, shape};
use crate::{Api, ApiVersion, Caller, Form, Json, PathIds, Query, Refusal};

/// Under `/v1`.
pub(super) fn routes() -> Router<Api> {
    let mut routes = Router::new()
        .route(
            "/billing/subscription_items/{item_id}/extend_free_trial",
            routing::post(extend_free_trial),
        )
        .route(
            "/billing/subscription_items/{item_id}/price_transition",
            routing::post(price_transition),
        )
        .route("/billing/statements", routing::get(list_statements))
        .route("/billing/statements/{statement_id}", routing::get(get_statement))
        .route(
            "/billing/statements/{statement_id}/payment_attempts",
            routing::get(list_statement_payments),
        )
        .route("/users/{id}/billing/credits", routing::get(user_credits).post(adjust_user_credits))
        .route(
            "/organizations/{id}/billing/credits",
            routing::get(organization_credits).post(adjust_organization_credits),
        );
    // Clients of 2025-04-10 know these under another name.
    for name in ["billing", "commerce"] {
        routes = routes
            .route(&format!("/{name}/subscription_items"), routing::get(list))
            .route(&format!("/{name}/subscription_items/{{item_id}}"), routing::delete(cancel));
    }
    routes
}

async fn list(
    State(api): State<Api>,
    Caller(tenant): Caller,
    version: ApiVersion,
    mut query: Query,
) -> Answer {
    let page = page(&mut query);
    let mut filter = Filter {
        payer_type: payer_type(&mut query),
        plan_id: query.string("plan_id"),
        include_free: query.boolean("include_free").unwrap_or(false),
        search: query.search("query"),
        ..Filter::default()
    };
    if let Some(status) = query.string("status") {
        match status.as_str() {
            // Until its period ends, a canceled one is as good as any.
            "active" => {
                filter.statuses =
                    Some(vec![ItemStatus::Active.as_str(), ItemStatus::Canceled.as_str()]);
            }
            "ended" => filter.statuses = Some(vec![ItemStatus::Ended.as_str()]),
            "past_due" => filter.statuses = Some(vec![ItemStatus::PastDue.as_str()]),
            "upcoming" => filter.statuses = Some(vec![ItemStatus::Upcoming.as_str()]),
            "free_trial" => filter.free_trial = true,
            _ => query.deny(
                "status",
                Code::FormParamValueInvalid,
                "status is not one of its values.",
            ),
        }
    }
    Refusal::unless_empty(query.finish())?;
    let shape = shape(version);
    Json::of(&ops::list_subscription_items(&api.ctx, &tenant, filter, page, shape).await?)
}

async fn cancel(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    version: ApiVersion,
    mut query: Query,
) -> Answer {
    let end_now = query.boolean("end_now").unwrap_or(false);
    Refusal::unless_empty(query.finish())?;
    let cancel = if end_now { Cancel::Now } else { Cancel::AtPeriodEnd };
    let shape = shape(version);
    Json::of(&ops::cancel_subscription_item(&api.ctx, &tenant, &id, cancel, shape).await?)
}

async fn extend_free_trial(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let extend_to = form.string("extend_to");
    let params = form.required("extend_to", extend_to);
    let request = Request { params, problems: form.finish() };
    Json::of(&ops::extend_free_trial(&api.ctx, &tenant, &id, request).await?)
}

async fn price_transition(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let (from, to) = (form.string("from_price_id"), form.string("to_price_id"));
    let params = PriceTransition {
        from_price_id: form.required("from_price_id", from),
        to_price_id: form.required("to_price_id", to),
    };
    let request = Request { params, problems: form.finish() };
    Json::of(&ops::create_price_transition(&api.ctx, &tenant, &id, request).await?)
}

async fn list_statements(
    State(api): State<Api>,
    Caller(tenant): Caller,
    mut query: Query,
) -> Answer {
    let page = page(&mut query);
    Refusal::unless_empty(query.finish())?;
    Json::of(&ops::list_statements(&api.ctx, &tenant, page).await?)
}

async fn get_statement(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    Json::of(&ops::get_statement(&api.ctx, &tenant, &id).await?)
}

async fn list_statement_payments(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    mut query: Query,
) -> Answer {
    let page = page(&mut query);
    Refusal::unless_empty(query.finish())?;
    Json::of(&ops::list_statement_payments(&api.ctx, &tenant, &id, page).await?)
}

async fn user_credits(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    Json::of(&ops::credit_balance(&api.ctx, &tenant, ops::user(&id)).await?)
}

async fn adjust_user_credits(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    form: Form,
) -> Answer {
    let request = adjustment(form);
    Json::of(&ops::adjust_credits(&api.ctx, &tenant, ops::user(&id), request).await?)
}

async fn organization_credits(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    Json::of(&ops::credit_balance(&api.ctx, &tenant, ops::organization(&id)).await?)
}

async fn adjust_organization_credits(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    form: Form,
) -> Answer {
    let request = adjustment(form);
    Json::of(&ops::adjust_credits(&api.ctx, &tenant, ops::organization(&id), request).await?)
}

fn adjustment(mut form: Form) -> Request<AdjustCredits> {
    let (amount, action) = (form.integer("amount"), form.string("action"));
    let key = form.string("idempotency_key");
    let params = AdjustCredits {
        amount: form.required("amount", amount),
        action: form.required("action", action),
        currency: form.string("currency").set(),
        idempotency_key: form.required("idempotency_key", key),
        note: form.string("note").set(),
    };
    let problems: Vec<Problem> = form.finish();
    Request { params, problems }
}
