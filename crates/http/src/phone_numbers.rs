//! `/v1/phone_numbers`: numbers that lead to users.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_domain::{PhoneNumber, render_phone_number};
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
        .route("/phone_numbers", routing::post(create))
        .route("/phone_numbers/{id}", routing::get(get).patch(update).delete(delete::<PhoneNumber>))
        .route("/phone_numbers/{id}/prepare_verification", routing::post(prepare::<PhoneNumber>))
        .route("/phone_numbers/{id}/attempt_verification", routing::post(attempt::<PhoneNumber>))
        .route("/users/{id}/phone_number", routing::put(replace))
}

fn body(owned: &Owned<PhoneNumber>) -> Answer {
    Json::of(&render_phone_number(&owned.identified))
}

async fn create(State(api): State<Api>, Caller(tenant): Caller, mut form: Form) -> Answer {
    let f = &mut form;
    let params = NewIdentification {
        user_id: f.string("user_id").set(),
        value: f.string("phone_number").set(),
        verified: on(f, "verified"),
        primary: f.boolean("primary").set(),
        reserved_for_second_factor: on(f, "reserved_for_second_factor"),
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
        reserved_for_second_factor: f.boolean("reserved_for_second_factor").set(),
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
        value: f.string("phone_number").set(),
        identification_status: f.not_null("identification_status", status),
        ..ReplaceIdentification::default()
    };
    let request = Request { params, problems: form.finish() };
    body(&ops::replace(&api.ctx, &tenant, &user, request).await?)
}
