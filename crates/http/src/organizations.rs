//! `/v1/organizations`: decode, prove who calls, one operation, one body.

mod params;

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::metadata::Writing;
use rollbook_ops::organizations::{self as ops, Found};
use rollbook_wire::Paginated;
use serde_json::json;

use crate::{Api, ApiVersion, Form, Json, OrganizationCaller, PathIds, Query, Refusal, Upload};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/organizations", routing::get(list).post(create))
        .route("/organizations/{id}", routing::get(get).patch(update).delete(delete))
        .route("/organizations/{id}/metadata", routing::patch(merge_metadata).put(replace_metadata))
        .route("/organizations/{id}/logo", routing::put(set_logo).delete(delete_logo))
}

fn body(api: &Api, found: &Found) -> Answer {
    Json::of(&ops::render(&api.ctx, found))
}

async fn list(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    mut query: Query,
) -> Answer {
    let include = params::include(&mut query);
    let filter = params::filter(&mut query);
    let slice = params::slice(&mut query);
    Refusal::unless_empty(query.finish())?;
    let page = ops::list(&api.ctx, &tenant, filter, slice, include).await?;
    let data: Vec<_> = page.data.iter().map(|found| ops::render(&api.ctx, found)).collect();
    Json::of(&Paginated { data, total_count: page.total_count })
}

async fn create(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    form: Form,
) -> Answer {
    body(&api, &ops::create(&api.ctx, &tenant, params::create(form)).await?)
}

async fn get(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id]): PathIds<1>,
    mut query: Query,
) -> Answer {
    let include = params::include(&mut query);
    Refusal::unless_empty(query.finish())?;
    body(&api, &ops::find(&api.ctx, &tenant, &id, include).await?)
}

async fn update(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id]): PathIds<1>,
    version: ApiVersion,
    form: Form,
) -> Answer {
    api.organization_update(&tenant, &id)?;
    body(&api, &ops::update(&api.ctx, &tenant, &id, params::update(form, version)).await?)
}

async fn delete(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    let deleted = ops::delete(&api.ctx, &tenant, &id).await?;
    Json::of(&json!({
        "object": "organization", "id": deleted.id, "slug": deleted.slug, "deleted": true,
    }))
}

async fn merge_metadata(
    api: State<Api>,
    caller: OrganizationCaller,
    path: PathIds<1>,
    form: Form,
) -> Answer {
    write_metadata(api, caller, path, form, Writing::Merge).await
}

async fn replace_metadata(
    api: State<Api>,
    caller: OrganizationCaller,
    path: PathIds<1>,
    form: Form,
) -> Answer {
    write_metadata(api, caller, path, form, Writing::Replace).await
}

async fn write_metadata(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id]): PathIds<1>,
    form: Form,
    writing: Writing,
) -> Answer {
    api.organization_update(&tenant, &id)?;
    let request = crate::metadata::given(form);
    body(&api, &ops::write_metadata(&api.ctx, &tenant, &id, writing, request).await?)
}

async fn set_logo(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id]): PathIds<1>,
    upload: Upload,
) -> Answer {
    let found = ops::set_logo(&api.ctx, &tenant, &id, upload.bytes.clone()).await?;
    let mut organization = ops::render(&api.ctx, &found);
    organization.logo_url = Some(organization.image_url.clone());
    Json::of(&organization)
}

async fn delete_logo(
    State(api): State<Api>,
    OrganizationCaller(tenant): OrganizationCaller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    body(&api, &ops::delete_logo(&api.ctx, &tenant, &id).await?)
}
