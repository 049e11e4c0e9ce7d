//! Memberships of organizations: decode, prove who calls, one operation, one body.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_domain::{Membership, MembershipFilter, OrderKey, Slice};
use rollbook_ops::Tenant;
use rollbook_ops::memberships::{self as ops, CreateMembership, Member};
use rollbook_ops::metadata::Writing;
use rollbook_ops::users::Request;
use rollbook_wire::{Id, Paginated};

use crate::page::{self, MAX_VALUES, limits};
use crate::users::filter;
use crate::{Api, Form, Json, OrganizationCaller, PathIds, Query, Refusal, metadata};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/organization_memberships", routing::get(list))
        .route("/users/{id}/organization_memberships", routing::get(list_of_user))
        .route("/organizations/{id}/memberships", routing::get(list_of_organization).post(create))
        .route("/organizations/{id}/memberships/{user_id}", routing::patch(update).delete(delete))
        .route("/organizations/{id}/memberships/{user_id}/metadata", routing::patch(merge_metadata))
}

fn body(api: &Api, member: &Member) -> Answer {
    Json::of(&ops::render(&api.ctx, member))
}

async fn bodies(
    api: &Api,
    tenant: &Tenant,
    filter: MembershipFilter,
    slice: Slice<OrderKey>,
) -> Answer {
    let page = ops::list(&api.ctx, tenant, filter, slice).await?;
    let data: Vec<_> = page.data.iter().map(|member| ops::render(&api.ctx, member)).collect();
    Json::of(&Paginated { data, total_count: page.total_count })
}

async fn list(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    mut query: Query,
) -> Answer {
    let slice = page::slice(&mut query, OrderKey::CreatedAt, Membership::order_key);
    Refusal::unless_empty(query.finish())?;
    bodies(&api, &tenant, MembershipFilter::default(), slice).await
}

async fn list_of_user(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([user]): PathIds<1>,
    mut query: Query,
) -> Answer {
    let (limit, offset) = limits(&mut query);
    Refusal::unless_empty(query.finish())?;
    let slice = Slice { key: OrderKey::CreatedAt, descending: true, limit, offset };
    let filter = MembershipFilter { user_id: Some(user), ..MembershipFilter::default() };
    bodies(&api, &tenant, filter, slice).await
}

async fn list_of_organization(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id]): PathIds<1>,
    mut query: Query,
) -> Answer {
    let roles = query.strings("role", MAX_VALUES);
    let filter = MembershipFilter {
        organization_id: Some(id),
        user_id: None,
        role: (!roles.is_empty()).then_some(roles),
        users: filter::of_members(&mut query),
    };
    let slice = page::slice(&mut query, OrderKey::CreatedAt, Membership::order_key);
    Refusal::unless_empty(query.finish())?;
    bodies(&api, &tenant, filter, slice).await
}

async fn create(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id]): PathIds<1>,
    form: Form,
) -> Answer {
    body(&api, &ops::create(&api.ctx, &tenant, &id, creation(form)?).await?)
}

fn creation(mut form: Form) -> Result<Request<CreateMembership>, Refusal> {
    let user = form.string("user_id");
    let user = form.required("user_id", user);
    let role = form.string("role");
    let params = CreateMembership {
        // Text that can be no id is one that no user has.
        user_id: user
            .map(|text| text.parse::<Id>())
            .transpose()
            .map_err(|_| Refusal::not_found())?,
        role: form.required("role", role),
        metadata: metadata::fields(&mut form),
    };
    Ok(Request { params, problems: form.finish() })
}

async fn update(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id, user]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let role = form.string("role");
    let params = form.required("role", role).unwrap_or_default();
    let request = Request { params, problems: form.finish() };
    body(&api, &ops::update(&api.ctx, &tenant, &id, &user, request).await?)
}

async fn delete(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id, user]): PathIds<2>,
) -> Answer {
    body(&api, &ops::delete(&api.ctx, &tenant, &id, &user).await?)
}

async fn merge_metadata(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id, user]): PathIds<2>,
    form: Form,
) -> Answer {
    api.membership_update(&tenant, &id, &user)?;
    let (of, request) = ((&id, &user), metadata::given(form));
    body(&api, &ops::write_metadata(&api.ctx, &tenant, of, Writing::Merge, request).await?)
}
