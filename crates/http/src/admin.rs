//! `/admin/v1`: what an operator does to instances, keys and settings.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_domain::{Environment, Instance, Profile, Settings};
use rollbook_ops::instances::{self as ops, Created, NewKey};
use rollbook_ops::mailbox::{self, Email};
use rollbook_store::instances::SecretKey;
use rollbook_wire::{Code, DeletedObject};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::page::{limits, list_body, whole};
use crate::{Api, Form, Json, Operator, PathIds, Query, Refusal};

type Answer = Result<Json, Refusal>;

/// Under `/admin/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/instances", routing::get(list_instances).post(create_instance))
        .route(
            "/instances/{id}",
            routing::get(get_instance).patch(update_instance).delete(delete_instance),
        )
        .route("/instances/{id}/reset", routing::post(reset_instance))
        .route("/instances/{id}/fork", routing::post(fork_instance))
        .route("/instances/{id}/settings", routing::get(get_settings).patch(update_settings))
        .route("/instances/{id}/keys", routing::get(list_keys).post(create_key))
        .route("/instances/{id}/keys/{key_id}", routing::delete(revoke_key))
        .route("/instances/{id}/keys/{key_id}/rotate", routing::post(rotate_key))
        .route("/instances/{id}/mailbox", routing::get(list_emails).delete(clear_mailbox))
}

async fn list_instances(State(api): State<Api>, _: Operator) -> Answer {
    let all = api.ctx.catalog.all();
    whole(all.iter().map(|tenant| instance_body(&api, &tenant.instance)).collect::<Vec<_>>())
}

async fn create_instance(State(api): State<Api>, _: Operator, mut form: Form) -> Answer {
    let name = form.string("name").set().unwrap_or_default();
    let environment: Option<Environment> = word(&mut form, "environment_type");
    let profile: Option<Profile> = word(&mut form, "profile");
    let secret_key = form.string("secret_key").set();
    Refusal::unless_empty(form.finish())?;
    let params = ops::CreateInstance {
        name,
        environment: environment.unwrap_or_default(),
        profile: profile.unwrap_or_default(),
        secret_key,
    };
    created_body(&api, &ops::create(&api.ctx, params).await?)
}

async fn get_instance(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    Json::of(&instance_body(&api, &ops::get(&api.ctx, &id)?.instance))
}

async fn update_instance(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let name = form.string("name");
    let name = form.not_null("name", name);
    Refusal::unless_empty(form.finish())?;
    let params = ops::UpdateInstance { name, settings: None };
    Json::of(&instance_body(&api, &ops::update(&api.ctx, &id, params).await?.instance))
}

async fn delete_instance(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    ops::delete(&api.ctx, &id).await?;
    deleted("instance", id.as_str())
}

async fn reset_instance(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    Json::of(&instance_body(&api, &ops::reset(&api.ctx, &id).await?.instance))
}

async fn fork_instance(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let name = form.string("name").set();
    Refusal::unless_empty(form.finish())?;
    created_body(&api, &ops::fork(&api.ctx, &id, name.as_deref()).await?)
}

async fn get_settings(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    settings_body(&ops::get(&api.ctx, &id)?.instance.settings)
}

async fn update_settings(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    form: Form,
) -> Answer {
    let params = ops::UpdateInstance { name: None, settings: Some(form.into_members()?) };
    settings_body(&ops::update(&api.ctx, &id, params).await?.instance.settings)
}

async fn list_keys(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    ops::get(&api.ctx, &id)?;
    whole(api.ctx.catalog.keys_of(&id).iter().map(key_body).collect::<Vec<_>>())
}

async fn create_key(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let secret_key = form.string("secret_key").set();
    Refusal::unless_empty(form.finish())?;
    new_key_body(&ops::create_key(&api.ctx, &id, secret_key).await?)
}

async fn rotate_key(State(api): State<Api>, _: Operator, PathIds([id, key]): PathIds<2>) -> Answer {
    new_key_body(&ops::rotate_key(&api.ctx, &id, &key).await?)
}

async fn revoke_key(State(api): State<Api>, _: Operator, PathIds([id, key]): PathIds<2>) -> Answer {
    ops::revoke_key(&api.ctx, &id, &key).await?;
    deleted("secret_key", key.as_str())
}

async fn list_emails(
    State(api): State<Api>,
    _: Operator,
    PathIds([id]): PathIds<1>,
    mut query: Query,
) -> Answer {
    let (limit, offset) = limits(&mut query);
    Refusal::unless_empty(query.finish())?;
    let page = mailbox::list(&api.ctx, &id, limit, offset).await?;
    let data: Vec<_> = page.emails.into_iter().map(email_body).collect();
    list_body(data, Some(page.total_count))
}

async fn clear_mailbox(State(api): State<Api>, _: Operator, PathIds([id]): PathIds<1>) -> Answer {
    mailbox::clear(&api.ctx, &id).await?;
    deleted("mailbox", id.as_str())
}

/// One of the words that `T` knows.
fn word<T: DeserializeOwned>(form: &mut Form, name: &str) -> Option<T> {
    let text = form.string(name).set()?;
    let parsed = serde_json::from_value(Value::String(text)).ok();
    if parsed.is_none() {
        form.deny(name, Code::FormParamValueInvalid, format!("{name} is not one of its values."));
    }
    parsed
}

/// The data of the event, with what has become of it.
fn email_body(email: Email) -> Value {
    let mut body = email.data;
    if let Value::Object(members) = &mut body {
        let now = [
            ("status", json!(email.status)),
            ("attempts", json!(email.attempts)),
            ("last_error", json!(email.last_error)),
            ("created_at", json!(email.created_at)),
            ("updated_at", json!(email.updated_at)),
        ];
        members.extend(now.map(|(name, value)| (name.to_owned(), value)));
    }
    body
}

fn instance_body(api: &Api, instance: &Instance) -> Value {
    json!({
        "object": "instance",
        "id": instance.id,
        "name": instance.name,
        "environment_type": instance.environment.as_str(),
        "publishable_key": instance.publishable_key(&api.ctx.public_url),
        "created_at": instance.created_at,
        "updated_at": instance.updated_at,
    })
}

/// The one answer that holds the secret of an instance's first key.
fn created_body(api: &Api, created: &Created) -> Answer {
    let mut body = instance_body(api, &created.instance);
    if let Value::Object(members) = &mut body {
        members.insert("secret_key".to_owned(), json!(*created.key.secret));
        members.insert("key_id".to_owned(), json!(created.key.key.id));
    }
    Json::of(&body)
}

fn key_body(key: &SecretKey) -> Value {
    json!({
        "object": "secret_key",
        "id": key.id,
        "instance_id": key.instance_id,
        "hint": key.hint,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    })
}

/// The one answer that holds the secret of a key.
fn new_key_body(new: &NewKey) -> Answer {
    let mut body = key_body(&new.key);
    if let Value::Object(members) = &mut body {
        members.insert("secret".to_owned(), json!(*new.secret));
    }
    Json::of(&body)
}

fn settings_body(settings: &Settings) -> Answer {
    #[derive(Serialize)]
    struct Body<'a> {
        object: &'a str,
        #[serde(flatten)]
        settings: &'a Settings,
    }
    Json::of(&Body { object: "instance_settings", settings })
}

fn deleted(object: &str, id: &str) -> Answer {
    Json::of(&DeletedObject {
        object: object.to_owned(),
        id: id.to_owned(),
        deleted: true,
        external_id: None,
    })
}
