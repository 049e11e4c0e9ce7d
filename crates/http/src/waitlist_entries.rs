//! `/v1/waitlist_entries`: who wants to be invited.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_domain::{WaitlistStatus, fold};
use rollbook_ops::users::Request;
use rollbook_ops::waitlist_entries::{self as ops, MAX_BULK, NewEntry};
use rollbook_store::waitlist_entries::{Filter, Order};

use crate::page::{slice, status};
use crate::{Api, Caller, Form, Forms, Json, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/waitlist_entries", routing::get(list).post(create))
        .route("/waitlist_entries/bulk", routing::post(create_bulk))
        .route("/waitlist_entries/{id}", routing::delete(delete))
        .route("/waitlist_entries/{id}/invite", routing::post(invite))
        .route("/waitlist_entries/{id}/reject", routing::post(reject))
}

async fn list(State(api): State<Api>, Caller(tenant): Caller, mut query: Query) -> Answer {
    let filter = Filter {
        status: status(&mut query, WaitlistStatus::from_name),
        query: query.search("query").map(|text| (text.clone(), fold(&text))),
    };
    let slice = slice(&mut query, Order::CreatedAt, Order::from_name);
    Refusal::unless_empty(query.finish())?;
    Json::of(&ops::list(&api.ctx, &tenant, filter, slice).await?)
}

async fn create(State(api): State<Api>, Caller(tenant): Caller, form: Form) -> Answer {
    let Request { params, problems } = entry(form);
    let request = Request { params: vec![params], problems };
    let made = ops::create(&api.ctx, &tenant, request).await?;
    Json::of(&made.first())
}

async fn create_bulk(State(api): State<Api>, Caller(tenant): Caller, forms: Forms) -> Answer {
    let request = forms.read(MAX_BULK, entry)?;
    Json::of(&ops::create(&api.ctx, &tenant, request).await?)
}

async fn delete(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    Json::of(&ops::delete(&api.ctx, &tenant, &id).await?)
}

async fn invite(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let ignore_existing = form.boolean("ignore_existing").set().unwrap_or(false);
    Refusal::unless_empty(form.finish())?;
    Json::of(&ops::invite(&api.ctx, &tenant, &id, ignore_existing).await?)
}

async fn reject(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    Json::of(&ops::reject(&api.ctx, &tenant, &id).await?)
}

fn entry(mut form: Form) -> Request<NewEntry> {
    let address = form.string("email_address");
    let params = NewEntry {
        email_address: form.required("email_address", address),
        notify: form.boolean("notify").set().unwrap_or(true),
    };
    Request { params, problems: form.finish() }
}
