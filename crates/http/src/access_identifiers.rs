//! `/v1/allowlist_identifiers` and `/v1/blocklist_identifiers`: who may come in.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::Tenant;
use rollbook_ops::access_identifiers as ops;
use rollbook_ops::users::Request;
use rollbook_store::access_identifiers::{AccessIdentifier, List};
use rollbook_wire::Code;
use serde_json::{Value, json};

use crate::identifications::deleted;
use crate::page::{Paging, list_body};
use crate::{Api, Caller, Form, Json, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/allowlist_identifiers", routing::get(list_allowed).post(create_allowed))
        .route("/allowlist_identifiers/{id}", routing::delete(delete_allowed))
        .route("/blocklist_identifiers", routing::get(list_blocked).post(create_blocked))
        .route("/blocklist_identifiers/{id}", routing::delete(delete_blocked))
}

/// All of it unless `paginated`; then a page and the count.
async fn list_allowed(State(api): State<Api>, Caller(tenant): Caller, mut query: Query) -> Answer {
    let Paging { limit, offset, paginated } = Paging::read(&mut query);
    Refusal::unless_empty(query.finish())?;
    let (limit, offset) = if paginated { (limit, offset) } else { (i64::MAX, 0) };
    let listed = ops::list(&api.ctx, &tenant, List::Allow, limit, offset).await?;
    let data = bodies(&tenant, List::Allow, &listed.entries);
    list_body(data, paginated.then_some(listed.total_count))
}

async fn list_blocked(State(api): State<Api>, Caller(tenant): Caller) -> Answer {
    let listed = ops::list(&api.ctx, &tenant, List::Block, i64::MAX, 0).await?;
    let data = bodies(&tenant, List::Block, &listed.entries);
    list_body(data, Some(listed.total_count))
}

async fn create_allowed(State(api): State<Api>, Caller(tenant): Caller, mut form: Form) -> Answer {
    if form.boolean("notify").set() == Some(true) {
        let text = "notify cannot be true: this server sends no invitations from the allow-list.";
        form.deny("notify", Code::FormParamValueInvalid, text);
    }
    create(&api, &tenant, List::Allow, form).await
}

async fn create_blocked(State(api): State<Api>, Caller(tenant): Caller, form: Form) -> Answer {
    create(&api, &tenant, List::Block, form).await
}

async fn create(api: &Api, tenant: &Tenant, list: List, mut form: Form) -> Answer {
    let params = form.string("identifier").set();
    let request = Request { params, problems: form.finish() };
    let new = ops::create(&api.ctx, tenant, list, request).await?;
    Json::of(&body(tenant, list, &new))
}

async fn delete_allowed(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    ops::delete(&api.ctx, &tenant, List::Allow, &id).await?;
    deleted("allowlist_identifier", &id)
}

async fn delete_blocked(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    ops::delete(&api.ctx, &tenant, List::Block, &id).await?;
    deleted("blocklist_identifier", &id)
}

fn bodies(tenant: &Tenant, list: List, entries: &[AccessIdentifier]) -> Vec<Value> {
    entries.iter().map(|entry| body(tenant, list, entry)).collect()
}

fn body(tenant: &Tenant, list: List, entry: &AccessIdentifier) -> Value {
    let object = match list {
        List::Allow => "allowlist_identifier",
        List::Block => "blocklist_identifier",
    };
    json!({
        "object": object,
        "id": entry.id,
        "identifier": entry.record.identifier,
        "identifier_type": entry.record.identifier_type,
        "instance_id": tenant.instance.id,
        "created_at": entry.created_at,
        "updated_at": entry.created_at,
    })
}
