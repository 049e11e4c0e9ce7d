//! `/v1/invitations`: who is invited to the application.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_domain::{InvitationStatus, fold};
use rollbook_ops::invitations::{self as ops, CreateInvitation, MAX_BULK, Template};
use rollbook_ops::users::Request;
use rollbook_store::invitations::{Filter, Order};
use rollbook_wire::Code;

use crate::page::{list_body, slice, status};
use crate::{Api, Caller, Form, Forms, Json, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/invitations", routing::get(list).post(create))
        .route("/invitations/bulk", routing::post(create_bulk))
        .route("/invitations/{id}/revoke", routing::post(revoke))
}

async fn list(State(api): State<Api>, Caller(tenant): Caller, mut query: Query) -> Answer {
    let filter = Filter {
        status: status(&mut query, InvitationStatus::from_name),
        query: query.search("query").map(|text| (text.clone(), fold(&text))),
    };
    let slice = slice(&mut query, Order::CreatedAt, Order::from_name);
    let paginated = query.boolean("paginated").unwrap_or(false);
    Refusal::unless_empty(query.finish())?;
    let data = ops::list(&api.ctx, &tenant, filter.clone(), slice).await?;
    let count = if paginated { Some(ops::count(&api.ctx, &tenant, filter).await?) } else { None };
    list_body(data, count)
}

async fn create(State(api): State<Api>, Caller(tenant): Caller, form: Form) -> Answer {
    api.invitation(&tenant)?;
    Json::of(&ops::create(&api.ctx, &tenant, invitation(form)).await?)
}

async fn create_bulk(State(api): State<Api>, Caller(tenant): Caller, forms: Forms) -> Answer {
    api.bulk_invitation(&tenant)?;
    let request = forms.read(MAX_BULK, invitation)?;
    Json::of(&ops::create_bulk(&api.ctx, &tenant, request).await?)
}

async fn revoke(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    Json::of(&ops::revoke(&api.ctx, &tenant, &id).await?)
}

fn invitation(mut form: Form) -> Request<CreateInvitation> {
    let address = form.string("email_address");
    let params = CreateInvitation {
        email_address: form.required("email_address", address),
        public_metadata: form.object("public_metadata").set(),
        redirect_url: form.string("redirect_url").set(),
        notify: form.boolean("notify").set().unwrap_or(true),
        ignore_existing: form.boolean("ignore_existing").set().unwrap_or(false),
        expires_in_days: form.integer("expires_in_days").set(),
        template: template(&mut form),
    };
    Request { params, problems: form.finish() }
}

fn template(form: &mut Form) -> Template {
    let Some(slug) = form.string("template_slug").set() else { return Template::default() };
    Template::from_slug(&slug).unwrap_or_else(|| {
        let text = "template_slug must be invitation or waitlist_invitation.";
        form.deny("template_slug", Code::FormParamValueInvalid, text);
        Template::default()
    })
}
