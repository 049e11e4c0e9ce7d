//! `/admin/v1/instances/{id}/billing`: the plans and features that an operator offers.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_domain::billing::PaymentStatus;
use rollbook_ops::billing::{self as ops, FeatureParams, PlanParams, Settlement, Shape, Subscribe};
use rollbook_ops::instances;
use rollbook_ops::users::Request;
use rollbook_wire::{Code, DeletedObject};

use super::{Answer, page, payer_type};
use crate::page::whole;
use crate::{Api, Form, Json, Operator, PathIds, Query, Refusal};

/// More features than a plan has.
const MAX_FEATURES: usize = 100;

/// Under `/admin/v1`.
pub(crate) fn routes() -> Router<Api> {
    let at = |below: &str| format!("/instances/{{id}}/billing{below}");
    Router::new()
        .route(&at("/plans"), routing::get(list_plans).post(create_plan))
        .route(
            &at("/plans/{plan_id}"),
            routing::get(get_plan).patch(update_plan).delete(delete_plan),
        )
        .route(&at("/features"), routing::get(list_features).post(create_feature))
        .route(&at("/features/{feature_id}"), routing::patch(update_feature).delete(delete_feature))
        .route(&at("/subscription_items"), routing::post(subscribe))
        .route(&at("/payment_attempts"), routing::get(list_payments))
        .route(&at("/payment_attempts/{attempt_id}/pay"), routing::post(pay))
        .route(&at("/payment_attempts/{attempt_id}/fail"), routing::post(fail))
        .route(&at("/payment_attempts/{attempt_id}/retry"), routing::post(retry))
}

async fn list_plans(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut query: Query,
) -> Answer {
    let (page, payer_type) = (page(&mut query), payer_type(&mut query));
    Refusal::unless_empty(query.finish())?;
    Json::of(&ops::offered_plans(&api.ctx, &id, payer_type, page, Shape::Current).await?)
}

async fn create_plan(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let (name, slug) = (form.string("name"), form.string("slug"));
    let payer_type = form.string("payer_type");
    let mut params = plan(&mut form);
    params.name = form.required("name", name);
    params.slug = form.required("slug", slug);
    params.payer_type = form.required("payer_type", payer_type);
    let request = Request { params, problems: form.finish() };
    Json::of(&ops::create_plan(&api.ctx, &id, request).await?)
}

async fn update_plan(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, plan_id]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let name = form.string("name");
    let mut params = plan(&mut form);
    params.name = form.not_null("name", name);
    let request = Request { params, problems: form.finish() };
    Json::of(&ops::update_plan(&api.ctx, &id, &plan_id, request).await?)
}

/// What both creation and update take.
fn plan(form: &mut Form) -> PlanParams {
    let features = form.strings("features", MAX_FEATURES);
    PlanParams {
        description: form.string("description"),
        avatar_url: form.string("avatar_url"),
        is_default: form.boolean("is_default").set(),
        publicly_visible: form.boolean("publicly_visible").set(),
        features: form.not_null("features", features),
        free_trial_days: form.integer("free_trial_days"),
        currency: form.string("currency").set(),
        amount: form.integer("amount"),
        annual_monthly_amount: form.integer("annual_monthly_amount"),
        ..PlanParams::default()
    }
}

async fn get_plan(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, plan_id]): PathIds<2>,
) -> Answer {
    Json::of(&ops::get_plan(&api.ctx, &id, &plan_id).await?)
}

async fn delete_plan(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, plan_id]): PathIds<2>,
) -> Answer {
    ops::delete_plan(&api.ctx, &id, &plan_id).await?;
    deleted("commerce_plan", plan_id.as_str())
}

async fn list_features(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    let data = ops::list_features(&api.ctx, &id).await?;
    whole(data)
}

async fn create_feature(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let (name, slug) = (form.string("name"), form.string("slug"));
    let params = FeatureParams {
        name: form.required("name", name),
        slug: form.required("slug", slug),
        description: form.string("description"),
        avatar_url: form.string("avatar_url"),
    };
    let request = Request { params, problems: form.finish() };
    Json::of(&ops::create_feature(&api.ctx, &id, request).await?)
}

async fn update_feature(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, feature_id]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let name = form.string("name");
    let params = FeatureParams {
        name: form.not_null("name", name),
        slug: None,
        description: form.string("description"),
        avatar_url: form.string("avatar_url"),
    };
    let request = Request { params, problems: form.finish() };
    Json::of(&ops::update_feature(&api.ctx, &id, &feature_id, request).await?)
}

async fn delete_feature(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, feature_id]): PathIds<2>,
) -> Answer {
    ops::delete_feature(&api.ctx, &id, &feature_id).await?;
    deleted("feature", feature_id.as_str())
}

async fn subscribe(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let params = Subscribe {
        user_id: form.string("user_id").set(),
        organization_id: form.string("organization_id").set(),
        plan_id: form.string("plan_id").set(),
        price_id: form.string("price_id").set(),
        period: form.string("period").set(),
        skip_free_trial: form.boolean("skip_free_trial").set().unwrap_or(false),
    };
    let request = Request { params, problems: form.finish() };
    let tenant = instances::get(&api.ctx, &id)?;
    Json::of(&ops::subscribe(&api.ctx, &tenant, request).await?)
}

async fn list_payments(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut query: Query,
) -> Answer {
    let page = page(&mut query);
    let status = query.string("status").and_then(|text| {
        let status = PaymentStatus::parse(&text);
        if status.is_none() {
            let message = "status must be pending, paid or failed.";
            query.deny("status", Code::FormParamValueInvalid, message);
        }
        status
    });
    Refusal::unless_empty(query.finish())?;
    let tenant = instances::get(&api.ctx, &id)?;
    Json::of(&ops::list_payments(&api.ctx, &tenant, status, page).await?)
}

async fn pay(State(api): State<Api>, _: Operator, PathIds([id, attempt]): PathIds<2>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    Json::of(&ops::settle(&api.ctx, &tenant, &attempt, Settlement::Paid).await?)
}

async fn fail(State(api): State<Api>, _: Operator, PathIds([id, attempt]): PathIds<2>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    Json::of(&ops::settle(&api.ctx, &tenant, &attempt, Settlement::Failed(None)).await?)
}

async fn retry(State(api): State<Api>, _: Operator, PathIds([id, attempt]): PathIds<2>) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    Json::of(&ops::retry_payment(&api.ctx, &tenant, &attempt).await?)
}

fn deleted(object: &str, id: &str) -> Answer {
    Json::of(&DeletedObject {
        object: object.to_owned(),
        id: id.to_owned(),
        deleted: true,
        external_id: None,
    })
}
