//! Passkeys: ceremonies and import for the operator, removal for the instance.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_ops::passkeys::{self as ops, ImportPasskey, Started};
use rollbook_ops::users::{Request, render};
use rollbook_ops::{Tenant, instances};
use rollbook_store::users::StoredUser;
use rollbook_wire::{Code, DeletedObject, Id};
use serde_json::json;

use crate::{Api, Caller, Form, Json, Operator, PathIds, Refusal};

type Answer = Result<Json, Refusal>;

/// More than there are kinds of transports.
const MAX_TRANSPORTS: usize = 16;

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/users/{id}/passkeys/{passkey_id}", routing::delete(delete))
}

/// Under `/admin/v1`.
pub(crate) fn admin_routes() -> Router<Api> {
    Router::new()
        .route("/instances/{id}/users/{user_id}/passkeys", routing::post(import))
        .route(
            "/instances/{id}/users/{user_id}/passkeys/registration",
            routing::post(start_registration),
        )
        .route(
            "/instances/{id}/users/{user_id}/passkeys/registration/{ceremony_id}",
            routing::post(finish_registration),
        )
        .route("/instances/{id}/passkeys/authentication", routing::post(start_authentication))
        .route(
            "/instances/{id}/passkeys/authentication/{ceremony_id}",
            routing::post(finish_authentication),
        )
}

async fn start_registration(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, user]): PathIds<2>,
    form: Form,
) -> Answer {
    Refusal::unless_empty(form.finish())?;
    let tenant = instances::get(&api.ctx, &id)?;
    started(&ops::start_registration(&api.ctx, &tenant, &user).await?)
}

async fn finish_registration(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, user, ceremony]): PathIds<3>,
    mut form: Form,
) -> Answer {
    let credential = form.object("credential");
    let credential = form.required("credential", credential).unwrap_or_default();
    let name = form.string("name").set().unwrap_or_default();
    Refusal::unless_empty(form.finish())?;
    let tenant = instances::get(&api.ctx, &id)?;
    let user =
        ops::finish_registration(&api.ctx, &tenant, &user, &ceremony, credential, &name).await?;
    body(&api, &tenant, &user)
}

async fn import(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, user]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let tenant = instances::get(&api.ctx, &id)?;
    let f = &mut form;
    let (credential_id, public_key) = (f.string("credential_id"), f.string("public_key"));
    let transports = f.strings("transports", MAX_TRANSPORTS);
    let params = ImportPasskey {
        name: f.string("name").set(),
        credential_id: f.required("credential_id", credential_id),
        public_key: f.required("public_key", public_key),
        counter: f.integer("counter").set(),
        transports: transports.set(),
        user_handle: f.string("user_handle").set(),
    };
    let request = Request { params, problems: form.finish() };
    body(&api, &tenant, &ops::import(&api.ctx, &tenant, &user, request).await?)
}

async fn start_authentication(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let user = form.string("user_id").set();
    Refusal::unless_empty(form.finish())?;
    let tenant = instances::get(&api.ctx, &id)?;
    let user: Option<Id> = user.map(|text| text.parse()).transpose().map_err(|_| {
        Refusal::new(Code::ResourceNotFound, "user_id holds a text that is no user's id.")
    })?;
    started(&ops::start_authentication(&api.ctx, &tenant, user.as_ref()).await?)
}

async fn finish_authentication(
    State(api): State<Api>,
    _: Operator,
    PathIds([id, ceremony]): PathIds<2>,
    mut form: Form,
) -> Answer {
    let credential = form.object("credential");
    let credential = form.required("credential", credential).unwrap_or_default();
    Refusal::unless_empty(form.finish())?;
    let tenant = instances::get(&api.ctx, &id)?;
    let who = ops::finish_authentication(&api.ctx, &tenant, &ceremony, credential).await?;
    Json::of(&json!({
        "object": "passkey_authentication",
        "user_id": who.user_id,
        "passkey_id": who.passkey_id,
    }))
}

async fn delete(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([user, passkey]): PathIds<2>,
) -> Answer {
    ops::delete(&api.ctx, &tenant, &user, &passkey).await?;
    Json::of(&DeletedObject {
        object: "passkey".to_owned(),
        id: passkey.to_string(),
        deleted: true,
        external_id: None,
    })
}

fn body(api: &Api, tenant: &Tenant, stored: &StoredUser) -> Answer {
    Json::of(&render(&api.ctx, tenant, stored))
}

fn started(ceremony: &Started) -> Answer {
    Json::of(&json!({
        "object": "passkey_ceremony",
        "id": ceremony.id,
        "expires_at": ceremony.expires_at,
        "options": ceremony.options,
    }))
}
