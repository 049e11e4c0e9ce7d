//! `/v1/email_addresses`: addresses that lead to users.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_domain::{EmailAddress, render_email_address};
use rollbook_ops::identifications::{
    self as ops, NewIdentification, Owned, ReplaceIdentification, UpdateIdentification,
};
use rollbook_ops::users::Request;

use crate::identifications::{attempt, delete, on, prepare};
use crate::{Api, Caller, Form, Json, PathIds, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/email_addresses", routing::post(create))
        .route(
            "/email_addresses/{id}",
            routing::get(get).patch(update).delete(delete::<EmailAddress>),
        )
        .route("/email_addresses/{id}/prepare_verification", routing::post(prepare::<EmailAddress>))
        .route("/email_addresses/{id}/attempt_verification", routing::post(attempt::<EmailAddress>))
        .route("/users/{id}/email_address", routing::put(replace))
}

fn body(owned: &Owned<EmailAddress>) -> Answer {
    Json::of(&render_email_address(&owned.identified, &owned.user))
}

async fn create(State(api): State<Api>, Caller(tenant): Caller, mut form: Form) -> Answer {
    let f = &mut form;
    let params = NewIdentification {
        user_id: f.string("user_id").set(),
        value: f.string("email_address").set(),
        verified: on(f, "verified"),
        primary: f.boolean("primary").set(),
        notify_primary_email_address_changed: on(f, "notify_primary_email_address_changed"),
        ..NewIdentification::default()
    };
    let request = Request { params, problems: form.finish() };
    body(&ops::create(&api.ctx, &tenant, request).await?)
}

async fn get(State(api): State<Api>, Caller(tenant): Caller, PathIds([id]): PathIds<1>) -> Answer {
    body(&ops::get(&api.ctx, &tenant, &id).await?)
}

async fn update(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let f = &mut form;
    let params = UpdateIdentification {
        verified: f.boolean("verified").set(),
        primary: on(f, "primary"),
        notify_primary_email_address_changed: on(f, "notify_primary_email_address_changed"),
        ..UpdateIdentification::default()
    };
    let request = Request { params, problems: form.finish() };
    body(&ops::update(&api.ctx, &tenant, &id, request).await?)
}

async fn replace(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([user]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let f = &mut form;
    let status = f.string("identification_status");
    let params = ReplaceIdentification {
        value: f.string("email_address").set(),
        identification_status: f.not_null("identification_status", status),
        notify_primary_email_address_changed: on(f, "notify_primary_email_address_changed"),
    };
    let request = Request { params, problems: form.finish() };
    body(&ops::replace(&api.ctx, &tenant, &user, request).await?)
}
