//! Passkeys: ceremonies, import and removal.

mod authenticator;
mod import;

use rollbook_testkit::{Client, Reply, START, Server, both};
use serde_json::{Value, json};

use self::authenticator::{Authenticator, ORIGIN, RP_ID, base64url};
use crate::support::{events, id, number, path, someone, text};

const NOT_FOUND: &[(&str, &str)] = &[("resource_not_found", "")];
const NOT_REGISTERED: &[(&str, &str)] = &[("passkey_not_registered", "")];
const REFUSED: &[(&str, &str)] = &[("form_param_value_invalid", "credential")];

fn passkeys(instance: &str, user: &str, below: &str) -> String {
    format!("/admin/v1/instances/{instance}/users/{user}/passkeys{below}")
}

fn authentication(instance: &str, below: &str) -> String {
    format!("/admin/v1/instances/{instance}/passkeys/authentication{below}")
}

async fn set_up(server: &Server) -> String {
    server.settings(json!({ "passkeys": { "rp_id": RP_ID, "origins": [ORIGIN] } })).await;
    server.instance_id.to_string()
}

async fn begin(operator: &Client, path: &str, body: Value) -> Value {
    operator.post(path).json(body).send().await.ok()
}

async fn finish(operator: &Client, path: &str, ceremony: &Value, credential: &Value) -> Reply {
    let path = format!("{path}/{}", text(&ceremony["id"]));
    operator.post(&path).json(json!({ "credential": credential })).send().await
}

/// The id of the new passkey.
async fn register(server: &Server, user: &str, device: &mut Authenticator) -> String {
    let at = passkeys(server.instance_id.as_str(), user, "/registration");
    let ceremony = begin(&server.operator(), &at, json!({})).await;
    let credential = device.create(&ceremony["options"]);
    let user = finish(&server.operator(), &at, &ceremony, &credential).await.ok();
    let last = user["passkeys"].as_array().expect("an array").last().cloned();
    id(&last.expect("a passkey"))
}

async fn authenticate(server: &Server, user: Option<&str>, device: &mut Authenticator) -> Reply {
    let at = authentication(server.instance_id.as_str(), "");
    let ceremony = begin(&server.operator(), &at, json!({ "user_id": user })).await;
    finish(&server.operator(), &at, &ceremony, &device.get(&ceremony["options"])).await
}

async fn import(server: &Server, user: &str, device: &Authenticator, name: &str) -> Value {
    let body = json!({
        "name": name, "counter": device.counter,
        "credential_id": base64url(&device.id), "public_key": base64url(&device.cose_key()),
    });
    let at = passkeys(server.instance_id.as_str(), user, "");
    server.operator().post(&at).json(body).send().await.ok()
}

both!(a_passkey_is_registered_shown_used_and_deleted_with_a_notice, async |server| {
    let instance = set_up(server).await;
    let person = json!({ "username": "adaada", "email_address": ["a@example.com"] });
    let user = id(&server.create_user(person).await);
    let operator = server.operator();

    let at = passkeys(&instance, &user, "/registration");
    let ceremony = begin(&operator, &at, json!({})).await;
    let options = &ceremony["options"];
    assert_eq!(options["rp"]["id"], RP_ID);
    assert_eq!(options["user"]["name"], "a@example.com");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    let mut device = Authenticator::new(1);
    let body = json!({ "credential": device.create(options), "name": " Telefon " });
    let answer = operator.post(&format!("{at}/{}", text(&ceremony["id"]))).json(body);
    let answer = answer.send().await.ok();
    assert_eq!(answer, server.get_user(&user).await);
    let passkey = id(&answer["passkeys"][0]);
    assert!(passkey.starts_with("idn_"), "{passkey}");
    assert_eq!(
        answer["passkeys"],
        json!([{
            "id": passkey, "object": "passkey", "name": "Telefon", "last_used_at": START,
            "verification": {
                "object": "verification_passkey", "status": "verified", "strategy": "passkey",
                "attempts": null, "expire_at": null,
            },
        }])
    );

    server.clock.advance(60_000);
    let expected = json!({
        "object": "passkey_authentication", "user_id": user, "passkey_id": passkey,
    });
    assert_eq!(authenticate(server, Some(&user), &mut device).await.ok(), expected);
    assert_eq!(authenticate(server, None, &mut device).await.ok(), expected);
    let used = server.get_user(&user).await;
    assert_eq!(used["passkeys"][0]["last_used_at"], START + 60_000);
    assert_eq!(used["updated_at"], answer["updated_at"]);

    // It is no second factor, so that it stays when those go.
    server.client().delete(&path(&user, "/mfa")).send().await.ok();
    assert_eq!(server.get_user(&user).await["passkeys"], used["passkeys"]);

    let open = begin(&operator, &authentication(&instance, ""), json!({})).await;
    let below = format!("/passkeys/{passkey}");
    let deleted = server.client().delete(&path(&user, &below)).send().await.ok();
    assert_eq!(deleted, json!({ "object": "passkey", "id": passkey, "deleted": true }));
    assert_eq!(server.get_user(&user).await["passkeys"], json!([]));
    server.client().delete(&path(&user, &below)).send().await.refused(404, NOT_REGISTERED);
    let late = device.get(&open["options"]);
    let late = finish(&operator, &authentication(&instance, ""), &open, &late).await;
    late.refused(404, NOT_REGISTERED);
    let start = operator.post(&authentication(&instance, "")).json(json!({ "user_id": user }));
    start.send().await.refused(404, NOT_REGISTERED);

    let u = user.as_str();
    let told = events([
        ("user.created", u),
        ("user.updated", u),
        ("user.updated", u),
        ("email.created", u),
    ]);
    assert_eq!(server.events().await, told);
    let outbox = server.outbox().await;
    let mail = outbox.iter().find(|event| event.kind == "email.created").expect("a notice");
    let mail: Value = serde_json::from_str(&mail.data).expect("JSON");
    assert_eq!(mail["slug"], "passkey_removed");
    assert_eq!(mail["to_email_address"], "a@example.com");
    assert_eq!(mail["data"]["passkey_name"], "Telefon");
});

both!(a_ceremony_counts_once_in_time_and_for_whom_it_was_begun, async |server| {
    let instance = set_up(server).await;
    let [ada, bob] = [someone(server, "adaada").await, someone(server, "bobbob").await];
    let mut device = Authenticator::new(1);
    let operator = server.operator();
    let [of_ada, of_bob] = [&ada, &bob].map(|user| passkeys(&instance, user, "/registration"));

    // Another user's, another kind's and an unknown one are not found, and not used up.
    let ceremony = begin(&operator, &of_ada, json!({})).await;
    let credential = device.create(&ceremony["options"]);
    finish(&operator, &of_bob, &ceremony, &credential).await.refused(404, NOT_FOUND);
    let at = authentication(&instance, "");
    let wrong = device.get(&ceremony["options"]);
    finish(&operator, &at, &ceremony, &wrong).await.refused(404, NOT_FOUND);
    let nothing = json!({ "id": "cer_34OkW3rUlQGlAzCORHT4DHFLqcc" });
    finish(&operator, &of_ada, &nothing, &credential).await.refused(404, NOT_FOUND);
    finish(&operator, &of_ada, &ceremony, &credential).await.ok();
    finish(&operator, &of_ada, &ceremony, &credential).await.refused(404, NOT_FOUND);

    // A bad answer uses it up, too.
    let ceremony = begin(&operator, &at, json!({ "user_id": ada })).await;
    let mut bad = device.get(&ceremony["options"]);
    bad["response"]["signature"] = json!(base64url(b"no signature at all"));
    finish(&operator, &at, &ceremony, &bad).await.refused(422, REFUSED);
    let good = device.get(&ceremony["options"]);
    finish(&operator, &at, &ceremony, &good).await.refused(404, NOT_FOUND);

    for (wait, status) in [(299_999, 200), (300_000, 404)] {
        let ceremony = begin(&operator, &at, json!({ "user_id": ada })).await;
        assert_eq!(number(&ceremony["expires_at"]), server.clock.now() + 300_000);
        let answer = device.get(&ceremony["options"]);
        server.clock.advance(wait);
        assert_eq!(finish(&operator, &at, &ceremony, &answer).await.status, status, "{wait}");
    }

    // One asked of Bob is not answered by Ada.
    register(server, &bob, &mut Authenticator::new(2)).await;
    let reply = authenticate(server, Some(&bob), &mut device).await;
    reply.refused(404, NOT_REGISTERED);
});

both!(of_two_answers_at_once_one_counts, async |server| {
    let instance = set_up(server).await;
    let user = someone(server, "adaada").await;
    let mut device = Authenticator::new(1);
    register(server, &user, &mut device).await;
    let at = authentication(&instance, "");
    for _ in 0..5 {
        let ceremony = begin(&server.operator(), &at, json!({})).await;
        let body = json!({ "credential": device.get(&ceremony["options"]) });
        let at = format!("{at}/{}", text(&ceremony["id"]));
        let send = || tokio::spawn(server.operator().post(&at).json(body.clone()).send());
        let (one, two) = (send(), send());
        let mut statuses = [one.await.expect("sent").status, two.await.expect("sent").status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404]);
    }
});

both!(what_proves_nothing_is_refused, async |server| {
    let instance = set_up(server).await;
    let user = someone(server, "adaada").await;
    let mut device = Authenticator::new(1);
    let operator = server.operator();

    let at = passkeys(&instance, &user, "/registration");
    let mut phished = device.clone();
    "https://app.example.org".clone_into(&mut phished.origin);
    let ceremony = begin(&operator, &at, json!({})).await;
    let credential = phished.create(&ceremony["options"]);
    finish(&operator, &at, &ceremony, &credential).await.refused(422, REFUSED);
    let ceremony = begin(&operator, &at, json!({})).await;
    finish(&operator, &at, &ceremony, &json!({ "id": 1 })).await.refused(422, REFUSED);

    register(server, &user, &mut device).await;
    let mut copy = device.clone();
    authenticate(server, Some(&user), &mut device).await.ok();
    // The copy counts on from where it was taken.
    authenticate(server, Some(&user), &mut copy).await.refused(422, REFUSED);
    let mut phished = device.clone();
    "http://app.example.com".clone_into(&mut phished.origin);
    authenticate(server, Some(&user), &mut phished).await.refused(422, REFUSED);
    let mut other = Authenticator { id: device.id.clone(), ..Authenticator::new(2) };
    other.counter = 100;
    other.user_handle.clone_from(&device.user_handle);
    authenticate(server, Some(&user), &mut other).await.refused(422, REFUSED);
    let mut foreign = Authenticator { user_handle: Some("AAAA".to_owned()), ..device.clone() };
    authenticate(server, Some(&user), &mut foreign).await.refused(422, REFUSED);
    let mut silent = Authenticator { user_handle: None, ..device.clone() };
    authenticate(server, None, &mut silent).await.refused(422, REFUSED);
    authenticate(server, Some(&user), &mut silent).await.ok();
});

both!(nothing_begins_where_passkeys_are_off_or_have_no_domain, async |server| {
    let user = someone(server, "adaada").await;
    let instance = server.instance_id.to_string();
    let at = passkeys(&instance, &user, "/registration");
    let begin = async || server.operator().post(&at).json(json!({})).send().await;
    // The server of a test is reached by an address.
    begin().await.refused(400, &[("request_invalid_for_instance", "")]);
    set_up(server).await;
    assert_eq!(begin().await.status, 200);
    let mut device = Authenticator::new(1);
    let passkey = register(server, &user, &mut device).await;
    server.settings(json!({ "attributes": { "passkey": { "enabled": false } } })).await;
    begin().await.refused(403, &[("feature_not_enabled", "")]);
    let start = server.operator().post(&authentication(&instance, "")).json(json!({}));
    start.send().await.refused(403, &[("feature_not_enabled", "")]);
    let below = format!("/passkeys/{passkey}");
    server.client().delete(&path(&user, &below)).send().await.ok();
});

both!(a_fork_has_the_passkeys_but_no_open_ceremony, async |server| {
    let instance = set_up(server).await;
    let user = someone(server, "adaada").await;
    let mut device = Authenticator::new(1);
    let passkey = register(server, &user, &mut device).await;
    let open = begin(&server.operator(), &authentication(&instance, ""), json!({})).await;

    let operator = server.operator();
    let fork = operator.post(&format!("/admin/v1/instances/{instance}/fork")).json(json!({}));
    let fork = id(&fork.send().await.ok());
    let at = authentication(&fork, "");
    let answer = device.get(&open["options"]);
    finish(&operator, &at, &open, &answer).await.refused(404, NOT_FOUND);
    let ceremony = begin(&operator, &at, json!({})).await;
    let answer = device.get(&ceremony["options"]);
    let who = finish(&operator, &at, &ceremony, &answer).await.ok();
    assert_eq!((text(&who["user_id"]), text(&who["passkey_id"])), (&*user, &*passkey));
    operator.delete(&format!("/admin/v1/instances/{fork}")).send().await.ok();
    // The original is as it was.
    let answer = device.get(&open["options"]);
    finish(&operator, &authentication(&instance, ""), &open, &answer).await.ok();
});

both!(a_user_has_ten_passkeys_at_most, async |server| {
    let instance = set_up(server).await;
    let user = someone(server, "adaada").await;
    let at = passkeys(&instance, &user, "/registration");
    let mut device = Authenticator::new(99);
    let ceremony = begin(&server.operator(), &at, json!({})).await;
    for seed in 1..=10 {
        import(server, &user, &Authenticator::new(seed), "").await;
    }
    let full = &[("quota_exceeded", "")];
    server.operator().post(&at).json(json!({})).send().await.refused(403, full);
    let credential = device.create(&ceremony["options"]);
    finish(&server.operator(), &at, &ceremony, &credential).await.refused(403, full);
    assert_eq!(server.get_user(&user).await["passkeys"].as_array().map(Vec::len), Some(10));
});
