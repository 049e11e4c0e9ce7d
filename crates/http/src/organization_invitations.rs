//! Invitations to organizations: decode, prove who calls, one operation, one body.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_domain::{
    EmailAddress, InvitationFilter, InvitationOrder, InvitationStatus, Slice, fold,
};
use rollbook_ops::organization_invitations::{self as ops, CreateInvitation, Invitation};
use rollbook_ops::organizations::require_enabled;
use rollbook_ops::users::Request;
use rollbook_wire::{Code, Id, OrganizationInvitation, Paginated};

use crate::page::{self, MAX_VALUES, limits};
use crate::{
    Api, Form, Forms, Json, Operator, OrganizationCaller, PathIds, Query, Refusal, metadata,
};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/organization_invitations", routing::get(list))
        .route("/users/{id}/organization_invitations", routing::get(list_of_user))
        .route("/organizations/{id}/invitations", routing::get(list_of_organization).post(create))
        .route("/organizations/{id}/invitations/bulk", routing::post(create_bulk))
        .route("/organizations/{id}/invitations/pending", routing::get(list_pending))
        .route("/organizations/{id}/invitations/{invitation_id}", routing::get(get))
        .route("/organizations/{id}/invitations/{invitation_id}/revoke", routing::post(revoke))
}

/// Under `/admin/v1`.
pub(crate) fn admin_routes() -> Router<Api> {
    Router::new().route(
        "/instances/{id}/organization_invitations/{invitation_id}/accept",
        routing::post(accept),
    )
}

fn body(api: &Api, found: &Invitation) -> Answer {
    Json::of(&ops::render(&api.ctx, found))
}

/// How one invitation of a list is shown.
type Render = for<'a> fn(&rollbook_ops::Ctx, &'a Invitation) -> OrganizationInvitation<'a>;

fn bodies(api: &Api, found: &Paginated<Invitation>, render: Render) -> Answer {
    let data: Vec<_> = found.data.iter().map(|one| render(&api.ctx, one)).collect();
    Json::of(&Paginated { data, total_count: found.total_count })
}

async fn list(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    mut query: Query,
) -> Answer {
    let filter = InvitationFilter {
        status: statuses(&mut query),
        query: query.search("query").map(|text| fold(&text)),
        ..InvitationFilter::default()
    };
    let slice = slice(&mut query);
    Refusal::unless_empty(query.finish())?;
    let found = ops::list(&api.ctx, &tenant, filter, slice).await?;
    bodies(&api, &found, ops::render_with_organization)
}

async fn list_of_user(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([user]): PathIds<1>,
    mut query: Query,
) -> Answer {
    let filter = InvitationFilter { status: statuses(&mut query), ..InvitationFilter::default() };
    let slice = newest(&mut query);
    Refusal::unless_empty(query.finish())?;
    let found = ops::list_of_user(&api.ctx, &tenant, &user, filter, slice).await?;
    bodies(&api, &found, ops::render_with_organization)
}

async fn list_of_organization(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id]): PathIds<1>,
    mut query: Query,
) -> Answer {
    let address = query.search("email_address");
    let filter = InvitationFilter {
        organization_id: Some(id),
        // Text that is no address is one that nobody has invited.
        email_address: address.map(|text| {
            let parsed = EmailAddress::parse(&text, "email_address").ok();
            parsed.iter().map(EmailAddress::to_string).collect()
        }),
        query: None,
        status: statuses(&mut query),
    };
    let slice = slice(&mut query);
    Refusal::unless_empty(query.finish())?;
    bodies(&api, &ops::list(&api.ctx, &tenant, filter, slice).await?, ops::render)
}

async fn list_pending(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id]): PathIds<1>,
    mut query: Query,
) -> Answer {
    let filter = InvitationFilter {
        organization_id: Some(id),
        status: vec![InvitationStatus::Pending],
        ..InvitationFilter::default()
    };
    let slice = newest(&mut query);
    Refusal::unless_empty(query.finish())?;
    bodies(&api, &ops::list(&api.ctx, &tenant, filter, slice).await?, ops::render)
}

fn statuses(query: &mut Query) -> Vec<InvitationStatus> {
    let mut statuses = Vec::new();
    for name in query.strings("status", MAX_VALUES) {
        match InvitationStatus::from_name(&name) {
            Some(status) => statuses.push(status),
            None => query.deny(
                "status",
                Code::FormParamValueInvalid,
                "status must be pending, accepted, revoked or expired.",
            ),
        }
    }
    statuses
}

fn slice(query: &mut Query) -> Slice<InvitationOrder> {
    page::slice(query, InvitationOrder::CreatedAt, |name| match name {
        "created_at" => Some(InvitationOrder::CreatedAt),
        "email_address" => Some(InvitationOrder::EmailAddress),
        _ => None,
    })
}

fn newest(query: &mut Query) -> Slice<InvitationOrder> {
    let (limit, offset) = limits(query);
    Slice { key: InvitationOrder::CreatedAt, descending: true, limit, offset }
}

async fn create(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id]): PathIds<1>,
    form: Form,
) -> Answer {
    api.organization_invitation(&tenant)?;
    let Request { params, problems } = creation(form);
    let request = Request { params: vec![params], problems };
    let created = ops::create(&api.ctx, &tenant, &id, request).await?;
    created.first().map_or_else(|| Err(Refusal::not_found()), |one| body(&api, one))
}

async fn create_bulk(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id]): PathIds<1>,
    forms: Forms,
) -> Answer {
    api.organization_invitation_bulk(&tenant)?;
    let request = forms.read(ops::MAX_BULK, creation)?;
    let data = ops::create(&api.ctx, &tenant, &id, request).await?;
    let total_count = i64::try_from(data.len()).unwrap_or_default();
    bodies(&api, &Paginated { data, total_count }, ops::render)
}

fn creation(mut form: Form) -> Request<CreateInvitation> {
    let f = &mut form;
    let (address, role) = (f.string("email_address"), f.string("role"));
    let params = CreateInvitation {
        email_address: f.required("email_address", address),
        role: f.required("role", role),
        inviter_user_id: f.string("inviter_user_id").set(),
        metadata: metadata::fields(f),
        redirect_url: f.string("redirect_url").set(),
        expires_in_days: f.integer("expires_in_days").set(),
        notify: f.boolean("notify").set().unwrap_or(true),
    };
    Request { params, problems: form.finish() }
}

async fn get(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id, invitation]): PathIds<2>,
) -> Answer {
    body(&api, &ops::get(&api.ctx, &tenant, &id, &invitation).await?)
}

async fn revoke(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id, invitation]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let params = form.string("requesting_user_id").set();
    let request = Request { params, problems: form.finish() };
    body(&api, &ops::revoke(&api.ctx, &tenant, (&id, &invitation), request).await?)
}

async fn accept(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, invitation]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let tenant = rollbook_ops::instances::get(&api.ctx, &id)?;
    require_enabled(&tenant)?;
    let user = form.string("user_id");
    let user = form.required("user_id", user).unwrap_or_default();
    Refusal::unless_empty(form.finish())?;
    let user: Id = user.parse().map_err(|_| Refusal::not_found())?;
    body(&api, &ops::accept(&api.ctx, &tenant, &invitation, &user).await?)
}
