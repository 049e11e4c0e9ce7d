//! `/v1/sign_in_tokens` and `/v1/actor_tokens`: tokens that lead to one session.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::tickets::{self as ops, CreateActorToken, CreateSignInToken, Created};
use rollbook_ops::users::Request;
use rollbook_ops::{Tenant, instances};
use rollbook_store::tickets::{Ticket, TicketKind};
use rollbook_wire::{ActorToken, Id, SignInToken};
use serde_json::json;

use crate::sessions::id as id_parameter;
use crate::web_origin::WebOrigin;
use crate::{Api, Caller, Form, Json, Operator, PathIds, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/sign_in_tokens", routing::post(create_sign_in_token))
        .route("/sign_in_tokens/{id}/revoke", routing::post(revoke_sign_in_token))
        .route("/actor_tokens", routing::post(create_actor_token))
        .route("/actor_tokens/{id}/revoke", routing::post(revoke_actor_token))
}

/// Under `/admin/v1`.
pub(crate) fn admin_routes() -> Router<Api> {
    Router::new()
        .route("/instances/{id}/sign_in_tokens/consume", routing::post(consume_sign_in_token))
        .route("/instances/{id}/actor_tokens/consume", routing::post(consume_actor_token))
}

async fn create_sign_in_token(
    State(api): State<Api>,
    Caller(tenant): Caller,
    mut form: Form,
) -> Answer {
    let user_id = id_parameter(&mut form, "user_id");
    let params = CreateSignInToken {
        user_id: form.required("user_id", user_id),
        org_id: id_parameter(&mut form, "org_id").set(),
        expires_in_seconds: form.integer("expires_in_seconds").set(),
    };
    let request = Request { params, problems: form.finish() };
    let Created { ticket, token } = ops::create_sign_in_token(&api.ctx, &tenant, request).await?;
    sign_in_token(&tenant, &ticket, Some(token))
}

async fn create_actor_token(
    State(api): State<Api>,
    Caller(tenant): Caller,
    mut form: Form,
) -> Answer {
    let user_id = id_parameter(&mut form, "user_id");
    let actor = form.object("actor");
    let params = CreateActorToken {
        user_id: form.required("user_id", user_id),
        actor: form.required("actor", actor),
        expires_in_seconds: form.integer("expires_in_seconds").set(),
        session_max_duration_in_seconds: form.integer("session_max_duration_in_seconds").set(),
    };
    let request = Request { params, problems: form.finish() };
    let Created { ticket, token } = ops::create_actor_token(&api.ctx, &tenant, request).await?;
    actor_token(&tenant, &ticket, Some(token))
}

async fn revoke_sign_in_token(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    let ticket = ops::revoke(&api.ctx, &tenant, TicketKind::SignIn, &id).await?;
    sign_in_token(&tenant, &ticket, None)
}

async fn revoke_actor_token(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    let ticket = ops::revoke(&api.ctx, &tenant, TicketKind::Actor, &id).await?;
    actor_token(&tenant, &ticket, None)
}

fn sign_in_token(tenant: &Tenant, ticket: &Ticket, token: Option<String>) -> Answer {
    let settings = &tenant.instance.settings.sessions;
    Json::of(&SignInToken {
        object: "sign_in_token".to_owned(),
        id: ticket.id.to_string(),
        user_id: ticket.user_id.to_string(),
        url: token.as_deref().and_then(|token| settings.accepting_url(token)),
        token,
        status: ticket.status.as_str().to_owned(),
        created_at: ticket.created_at,
        updated_at: ticket.updated_at,
    })
}

fn actor_token(tenant: &Tenant, ticket: &Ticket, token: Option<String>) -> Answer {
    let settings = &tenant.instance.settings.sessions;
    Json::of(&ActorToken {
        object: "actor_token".to_owned(),
        id: ticket.id.to_string(),
        status: ticket.status.as_str().to_owned(),
        user_id: ticket.user_id.to_string(),
        actor: ticket.actor.clone().unwrap_or_default(),
        url: token.as_deref().and_then(|token| settings.accepting_url(token)),
        token,
        created_at: ticket.created_at,
        updated_at: ticket.updated_at,
    })
}

async fn consume_sign_in_token(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    origin: WebOrigin,
    form: Form,
) -> Answer {
    consume(&api, &id, TicketKind::SignIn, origin, form).await
}

async fn consume_actor_token(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    origin: WebOrigin,
    form: Form,
) -> Answer {
    consume(&api, &id, TicketKind::Actor, origin, form).await
}

async fn consume(
    api: &Api,
    instance: &Id,
    kind: TicketKind,
    origin: WebOrigin,
    mut form: Form,
) -> Answer {
    let tenant = instances::get(&api.ctx, instance)?;
    let token = form.secret("token");
    let token = form.required("token", token).unwrap_or_default();
    let origin = origin.or_parameter(&mut form);
    Refusal::unless_empty(form.finish())?;
    let consumed = ops::consume(&api.ctx, &tenant, kind, &token, origin).await?;
    Json::of(&json!({
        "object": "signed_in",
        "session": consumed.session.render(api.ctx.clock.now()),
        "session_token": consumed.session_token,
        "client_token": consumed.client_token,
    }))
}
