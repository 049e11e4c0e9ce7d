//! `/v1/sessions`: sessions and their tokens.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing;
use rollbook_domain::{Session, SessionStatus};
use rollbook_ops::instances;
use rollbook_ops::sessions::{self as ops, CreateSession, CreateToken, Ending};
use rollbook_ops::users::Request;
use rollbook_store::sessions::{self as store, SessionFilter};
use rollbook_wire::{Code, Id, Token};

use crate::page::{Paging, list_body};
use crate::web_origin::WebOrigin;
use crate::{Api, Caller, Form, Json, Operator, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/sessions", routing::get(list).post(create))
        .route("/sessions/{id}", routing::get(get))
        .route("/sessions/{id}/revoke", routing::post(revoke))
        .route("/sessions/{id}/verify", routing::post(verify))
        .route("/sessions/{id}/tokens", routing::post(create_token))
        .route("/sessions/{id}/tokens/{template_name}", routing::post(create_template_token))
}

/// Under `/admin/v1`.
pub(crate) fn admin_routes() -> Router<Api> {
    Router::new()
        .route("/instances/{id}/sessions/{session_id}/end", routing::post(end))
        .route("/instances/{id}/sessions/{session_id}/remove", routing::post(remove))
}

fn body(api: &Api, session: &Session) -> Answer {
    Json::of(&session.render(api.ctx.clock.now()))
}

async fn list(State(api): State<Api>, Caller(tenant): Caller, mut query: Query) -> Answer {
    let filter = SessionFilter {
        client_id: query.search("client_id"),
        user_id: query.search("user_id"),
        status: status(&mut query),
    };
    let paging = Paging::read(&mut query);
    Refusal::unless_empty(query.finish())?;
    let (instance, now) = (tenant.instance.id.clone(), api.ctx.clock.now());
    let slice = (paging.limit, paging.offset);
    let found = api.ctx.db.read(move |conn| {
        let sessions = store::page(conn, &instance, &filter, now, slice)?;
        Ok::<_, rollbook_store::Error>((sessions, store::count(conn, &instance, &filter, now)?))
    });
    let (sessions, total_count) = found.await?;
    let bodies: Vec<_> = sessions.iter().map(|session| session.render(now)).collect();
    list_body(bodies, paging.paginated.then_some(total_count))
}

fn status(query: &mut Query) -> Option<SessionStatus> {
    let text = query.search("status")?;
    let status = SessionStatus::parse(&text);
    if status.is_none() {
        let words = SessionStatus::ALL.map(SessionStatus::as_str).join(", ");
        let why = format!("status must be one of {words}.");
        query.deny("status", Code::FormParamValueInvalid, why);
    }
    status
}

async fn create(
    State(api): State<Api>,
    Caller(tenant): Caller,
    WebOrigin(origin): WebOrigin,
    mut form: Form,
) -> Answer {
    let user_id = id(&mut form, "user_id");
    let params = CreateSession {
        user_id: form.required("user_id", user_id),
        active_organization_id: id(&mut form, "active_organization_id").set(),
        origin,
    };
    let request = Request { params, problems: form.finish() };
    body(&api, &ops::create(&api.ctx, &tenant, request).await?)
}

/// A text that names a resource; one that cannot be an id is no resource's.
pub(crate) fn id(form: &mut Form, name: &str) -> rollbook_wire::Patch<Id> {
    let text = form.string(name);
    let found = text.map(|text| text.parse().ok());
    if matches!(found, rollbook_wire::Patch::Set(None)) {
        let why = format!("{name} must be the id of a resource.");
        form.deny(name, Code::FormResourceNotFound, why);
    }
    match found {
        rollbook_wire::Patch::Keep | rollbook_wire::Patch::Set(None) => rollbook_wire::Patch::Keep,
        rollbook_wire::Patch::Clear => rollbook_wire::Patch::Clear,
        rollbook_wire::Patch::Set(Some(id)) => rollbook_wire::Patch::Set(id),
    }
}

async fn get(State(api): State<Api>, Caller(tenant): Caller, PathIds([id]): PathIds<1>) -> Answer {
    body(&api, &ops::get(&api.ctx, &tenant, &id).await?)
}

async fn revoke(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    body(&api, &ops::end(&api.ctx, &tenant, &id, Ending::Revoke).await?)
}

async fn verify(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let token = form.secret("token");
    let token = form.required("token", token).unwrap_or_default();
    Refusal::unless_empty(form.finish())?;
    body(&api, &ops::verify(&api.ctx, &tenant, &id, &token).await?)
}

async fn create_token(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    origin: WebOrigin,
    form: Form,
) -> Answer {
    token(&api, &tenant, &id, None, origin, form).await
}

async fn create_template_token(
    State(api): State<Api>,
    Caller(tenant): Caller,
    Path((id, template)): Path<(String, String)>,
    origin: WebOrigin,
    form: Form,
) -> Answer {
    let id = id.parse().map_err(|_| Refusal::not_found())?;
    token(&api, &tenant, &id, Some(template), origin, form).await
}

async fn token(
    api: &Api,
    tenant: &rollbook_ops::Tenant,
    id: &Id,
    template: Option<String>,
    WebOrigin(origin): WebOrigin,
    mut form: Form,
) -> Answer {
    let expires_in_seconds = form.integer("expires_in_seconds").set();
    let params = CreateToken { template, expires_in_seconds, origin };
    let request = Request { params, problems: form.finish() };
    Json::of(&Token::new(ops::create_token(&api.ctx, tenant, id, request).await?))
}

async fn end(State(api): State<Api>, _: Operator, PathIds([instance, id]): PathIds<2>) -> Answer {
    let tenant = instances::get(&api.ctx, &instance)?;
    body(&api, &ops::end(&api.ctx, &tenant, &id, Ending::End).await?)
}

async fn remove(
    State(api): State<Api>,
    _: Operator,
    PathIds([instance, id]): PathIds<2>,
) -> Answer {
    let tenant = instances::get(&api.ctx, &instance)?;
    body(&api, &ops::end(&api.ctx, &tenant, &id, Ending::Remove).await?)
}
