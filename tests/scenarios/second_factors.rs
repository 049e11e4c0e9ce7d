//! `verify_totp`, `disable_mfa`, `delete_totp` and `delete_backup_codes`.

mod at_rest;
mod authenticator;
mod backup_codes;
mod model;
mod removal;
mod totp;

pub(crate) use self::authenticator::App;
use rollbook_store::users;
use rollbook_testkit::{Call, Client, Reply, Server};
use rollbook_wire::Id;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::path;

/// What was wrong with a code.
const INCORRECT: (&str, &str) = ("totp_incorrect_code", "code");

/// What was wrong with a text that can be no code.
const INVALID_LENGTH: (&str, &str) = ("totp_invalid_length", "code");

fn verify(client: &Client, user: &str, code: &str) -> Call {
    client.post(&path(user, "/verify_totp")).json(json!({ "code": code }))
}

fn verified_as(code_type: &str) -> Value {
    json!({ "verified": true, "code_type": code_type })
}

/// Sends all calls at the same time; the answers in the order in which they came.
async fn at_once(calls: impl IntoIterator<Item = Call>) -> Vec<Reply> {
    let mut sending: JoinSet<_> = calls.into_iter().map(Call::send).collect();
    let mut replies = Vec::new();
    while let Some(reply) = sending.join_next().await {
        replies.push(reply.expect("an answer"));
    }
    replies
}

/// Asserts that one of the answers is a success and all others say that the code is wrong.
fn one_of(replies: &[Reply], code_type: &str) {
    let (good, bad): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 200);
    assert_eq!(good.len(), 1, "{replies:?}");
    assert_eq!(good[0].ok(), verified_as(code_type));
    for reply in bad {
        reply.refused(422, &[INCORRECT]);
    }
}

/// Makes the user's first phone a second factor, which only a sign-in page does.
async fn reserve_phone(server: &Server, user: &str) {
    let id: Id = user.parse().expect("an id");
    let (instance, now, of) = (server.instance_id.clone(), server.clock.now(), id.clone());
    server
        .write(move |tx| {
            let stored = users::lock(tx, &instance, &of)?.expect("the user is there");
            let mut user = stored.user.clone();
            user.phone_numbers[0].reserved_for_second_factor = true;
            user.note_mfa(stored.user.two_factor_enabled(), now);
            users::save(tx, &instance, &stored, &user)
        })
        .await
        .expect("no identifier is taken");
    server.ctx.bodies.forget(server.tenant().epoch, &id);
}

/// What a body says of second factors.
fn factors(user: &Value) -> Value {
    let reserved = user["phone_numbers"].as_array().into_iter().flatten();
    json!({
        "two_factor_enabled": user["two_factor_enabled"],
        "totp_enabled": user["totp_enabled"],
        "backup_code_enabled": user["backup_code_enabled"],
        "mfa_enabled_at": user["mfa_enabled_at"],
        "mfa_disabled_at": user["mfa_disabled_at"],
        "phone": reserved.clone().any(|phone| phone["reserved_for_second_factor"] == true),
    })
}
