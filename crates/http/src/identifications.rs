//! What the routes of email addresses, phone numbers and wallets share.

use axum::extract::State;
use rollbook_domain::Identifying;
use rollbook_ops::identifications::{self as ops, Attempt, Verifiable, Verification};
use rollbook_ops::users::Request;
use rollbook_wire::{DeletedObject, Id, PreparedVerification};

use crate::{Api, Caller, Form, Json, PathIds, Refusal};

type Answer = Result<Json, Refusal>;

/// A switch: `null`, `false` and nothing are the same.
pub(crate) fn on(form: &mut Form, name: &str) -> bool {
    form.boolean(name).set().unwrap_or(false)
}

pub(crate) fn deleted(object: &str, id: &Id) -> Answer {
    Json::of(&DeletedObject {
        object: object.to_owned(),
        id: id.to_string(),
        deleted: true,
        external_id: None,
    })
}

pub(crate) async fn delete<T: Identifying>(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    ops::delete::<T>(&api.ctx, &tenant, &id).await?;
    deleted(T::KIND, &id)
}

pub(crate) async fn prepare<T: Verifiable>(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
) -> Answer {
    body(&ops::prepare::<T>(&api.ctx, &tenant, &id).await?)
}

pub(crate) async fn attempt<T: Verifiable>(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([id]): PathIds<1>,
    mut form: Form,
) -> Answer {
    let params = Attempt {
        verification_id: form.string("verification_id").set(),
        code: form.secret("code").set(),
    };
    let request = Request { params, problems: form.finish() };
    body(&ops::attempt::<T>(&api.ctx, &tenant, &id, request).await?)
}

fn body(verification: &Verification) -> Answer {
    Json::of(&PreparedVerification {
        object: "verification_otp",
        id: verification.id.as_str(),
        status: verification.status.as_str(),
        strategy: &verification.strategy,
        attempts: verification.attempts,
        expire_at: verification.expire_at,
        channel: verification.channel.as_deref(),
    })
}
