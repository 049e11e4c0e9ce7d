//! `/v1/users`: decode, prove who calls, one operation, one body.

pub(crate) mod filter;
mod params;

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::Tenant;
use rollbook_ops::users::{self as ops, Ban};
use rollbook_store::users::{self as store, StoredUser};
use rollbook_wire::{
    Code, DeletedObject, Id, TotalCount, UserReference, VerifiedPassword, VerifiedTotp,
};

use crate::{Api, ApiVersion, Caller, Form, Json, PathIds, Query, Refusal, Upload};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/users", routing::get(list).post(create))
        .route("/users/count", routing::get(count))
        .route("/users/ban", routing::post(bulk_ban))
        .route("/users/unban", routing::post(bulk_unban))
        .route("/users/{id}", routing::get(get).patch(update).delete(delete))
        .route("/users/{id}/ban", routing::post(ban))
        .route("/users/{id}/unban", routing::post(unban))
        .route("/users/{id}/lock", routing::post(lock))
        .route("/users/{id}/unlock", routing::post(unlock))
        .route(
            "/users/{id}/profile_image",
            routing::post(set_profile_image).delete(delete_profile_image),
        )
        .route(
            "/users/{id}/metadata",
            routing::patch(merge_metadata).merge(routing::put(replace_metadata)),
        )
        .route("/users/{id}/verify_password", routing::post(verify_password))
        .route("/users/{id}/verify_totp", routing::post(verify_totp))
        .route("/users/{id}/mfa", routing::delete(disable_mfa))
        .route("/users/{id}/totp", routing::delete(delete_totp))
        .route("/users/{id}/backup_code", routing::delete(delete_backup_codes))
}

fn body(api: &Api, tenant: &Tenant, stored: &StoredUser) -> Answer {
    Json::of(&ops::render(&api.ctx, tenant, stored))
}

fn bodies(api: &Api, tenant: &Tenant, stored: &[StoredUser]) -> Answer {
    let users: Vec<_> = stored.iter().map(|user| ops::render(&api.ctx, tenant, user)).collect();
    Json::of(&users)
}

async fn list(State(api): State<Api>, Caller(tenant): Caller, mut query: Query) -> Answer {
    let filter = filter::filter(&mut query);
    let page = filter::page(&mut query);
    Refusal::unless_empty(query.finish())?;
    let found = store::page(&api.ctx.db, &tenant.instance.id, &filter, &page).await?;
    let users = found.ok_or_else(|| unknown_cursor(page.starting_after.as_ref()))?;
    bodies(&api, &tenant, &users)
}

fn unknown_cursor(after: Option<&Id>) -> Refusal {
    let text = after.map_or("", Id::as_str);
    Refusal::from(rollbook_domain::Problem::param(
        Code::FormParamValueInvalid,
        "starting_after",
        format!("starting_after must be the id of a user; there is none with id {text}."),
    ))
}

async fn count(State(api): State<Api>, Caller(tenant): Caller, mut query: Query) -> Answer {
    let filter = filter::filter(&mut query);
    Refusal::unless_empty(query.finish())?;
    let total_count = store::count(&api.ctx.db, &tenant.instance.id, &filter).await?;
    Json::of(&TotalCount { object: "total_count".to_owned(), total_count })
}

async fn get(State(api): State<Api>, Caller(tenant): Caller, PathIds([id]): PathIds<1>) -> Answer {
    Ok(Json(ops::body(&api.ctx, &tenant, &id).await?))
}

async fn create(State(api): State<Api>, Caller(tenant): Caller, form: Form) -> Answer {
    let user = ops::create(&api.ctx, &tenant, params::create(form)).await?;
    body(&api, &tenant, &user)
}

async fn update(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    version: ApiVersion,
    form: Form,
) -> Answer {
    api.user_update(&tenant, &id)?;
    let user = ops::update(&api.ctx, &tenant, &id, params::update(form, version)).await?;
    body(&api, &tenant, &user)
}

async fn delete(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    let deleted = ops::delete(&api.ctx, &tenant, &id).await?;
    Json::of(&DeletedObject {
        object: "user".to_owned(),
        id: deleted.id.to_string(),
        deleted: true,
        external_id: deleted.external_id,
    })
}

async fn ban(State(api): State<Api>, Caller(tenant): Caller, PathIds([id]): PathIds<1>) -> Answer {
    body(&api, &tenant, &ops::ban(&api.ctx, &tenant, &id, Ban::Set).await?)
}

async fn unban(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    body(&api, &tenant, &ops::ban(&api.ctx, &tenant, &id, Ban::Lift).await?)
}

async fn bulk_ban(State(api): State<Api>, Caller(tenant): Caller, form: Form) -> Answer {
    let ids = params::user_ids(form)?;
    bodies(&api, &tenant, &ops::bulk_ban(&api.ctx, &tenant, ids, Ban::Set).await?)
}

async fn bulk_unban(State(api): State<Api>, Caller(tenant): Caller, form: Form) -> Answer {
    let ids = params::user_ids(form)?;
    bodies(&api, &tenant, &ops::bulk_ban(&api.ctx, &tenant, ids, Ban::Lift).await?)
}

async fn lock(State(api): State<Api>, Caller(tenant): Caller, PathIds([id]): PathIds<1>) -> Answer {
    body(&api, &tenant, &ops::lock(&api.ctx, &tenant, &id).await?)
}

async fn unlock(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    body(&api, &tenant, &ops::unlock(&api.ctx, &tenant, &id).await?)
}

async fn set_profile_image(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    upload: Upload,
) -> Answer {
    let user = ops::set_profile_image(&api.ctx, &tenant, &id, upload.bytes.clone()).await?;
    body(&api, &tenant, &user)
}

async fn delete_profile_image(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    body(&api, &tenant, &ops::delete_profile_image(&api.ctx, &tenant, &id).await?)
}

async fn merge_metadata(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    form: Form,
) -> Answer {
    api.user_update(&tenant, &id)?;
    let user = ops::merge_metadata(&api.ctx, &tenant, &id, params::metadata(form)).await?;
    body(&api, &tenant, &user)
}

async fn replace_metadata(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    form: Form,
) -> Answer {
    api.user_update(&tenant, &id)?;
    let user = ops::replace_metadata(&api.ctx, &tenant, &id, params::metadata(form)).await?;
    body(&api, &tenant, &user)
}

async fn verify_password(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let password = form.secret("password");
    let password = form.required("password", password);
    Refusal::unless_empty(form.finish())?;
    ops::verify_password(&api.ctx, &tenant, &id, password.unwrap_or_default()).await?;
    Json::of(&VerifiedPassword { verified: true })
}

async fn verify_totp(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let code = form.secret("code");
    let code = form.required("code", code);
    Refusal::unless_empty(form.finish())?;
    let kind = ops::verify_totp(&api.ctx, &tenant, &id, code.unwrap_or_default()).await?;
    Json::of(&VerifiedTotp { verified: true, code_type: kind.as_str().to_owned() })
}

fn reference(id: &Id) -> Answer {
    Json::of(&UserReference { user_id: id.to_string() })
}

async fn disable_mfa(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    ops::disable_mfa(&api.ctx, &tenant, &id).await?;
    reference(&id)
}

async fn delete_totp(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    ops::delete_totp(&api.ctx, &tenant, &id).await?;
    reference(&id)
}

async fn delete_backup_codes(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    ops::delete_backup_codes(&api.ctx, &tenant, &id).await?;
    reference(&id)
}
