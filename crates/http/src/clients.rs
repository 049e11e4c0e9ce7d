//! `/v1/clients`: the browsers and devices that sessions live in.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_domain::SessionStatus;
use rollbook_ops::clients as ops;
use rollbook_store::sessions::{self as store, Client};
use rollbook_wire as wire;

use crate::page::{Paging, list_body};
use crate::{Api, Caller, Form, Json, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/clients", routing::get(list))
        .route("/clients/verify", routing::post(verify))
        .route("/clients/{id}", routing::get(get))
}

fn body(client: &Client, now: i64) -> wire::Client<'_> {
    let active = client.sessions.iter().filter(|s| s.status_at(now) == SessionStatus::Active);
    let last = active.max_by_key(|session| (session.last_active_at, &session.id));
    wire::Client {
        object: "client".into(),
        id: client.id.as_str().into(),
        session_ids: client.sessions.iter().map(|session| session.id.as_str().into()).collect(),
        sessions: client.sessions.iter().map(|session| session.render(now)).collect(),
        sign_in_id: None,
        sign_up_id: None,
        last_active_session_id: last.map(|session| session.id.as_str().into()),
        last_authentication_strategy: client
            .last_authentication_strategy
            .as_deref()
            .map(Into::into),
        updated_at: client.updated_at,
        created_at: client.created_at,
    }
}

async fn list(State(api): State<Api>, Caller(tenant): Caller, mut query: Query) -> Answer {
    let paging = Paging::read(&mut query);
    Refusal::unless_empty(query.finish())?;
    let instance = tenant.instance.id.clone();
    let found = api.ctx.db.read(move |conn| {
        let clients = store::client_page(conn, &instance, paging.limit, paging.offset)?;
        Ok::<_, rollbook_store::Error>((clients, store::count_clients(conn, &instance)?))
    });
    let (clients, total_count) = found.await?;
    let now = api.ctx.clock.now();
    let bodies: Vec<_> = clients.iter().map(|client| body(client, now)).collect();
    list_body(bodies, paging.paginated.then_some(total_count))
}

async fn get(State(api): State<Api>, Caller(tenant): Caller, PathIds([id]): PathIds<1>) -> Answer {
    let client = ops::get(&api.ctx, &tenant, &id).await?;
    Json::of(&body(&client, api.ctx.clock.now()))
}

async fn verify(State(api): State<Api>, Caller(tenant): Caller, mut form: Form) -> Answer {
    let token = form.secret("token");
    let token = form.required("token", token).unwrap_or_default();
    Refusal::unless_empty(form.finish())?;
    let client = ops::verify(&api.ctx, &tenant, &token).await?;
    Json::of(&body(&client, api.ctx.clock.now()))
}
