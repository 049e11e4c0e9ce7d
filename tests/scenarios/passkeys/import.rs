//! Passkeys that another service has registered.

use rollbook_testkit::{START, both};
use serde_json::{Value, json};

use super::authenticator::{Authenticator, base64url};
use super::{authenticate, import, passkeys, register, set_up};
use crate::support::{id, path, someone};

both!(an_imported_passkey_proves_its_user, async |server| {
    let instance = set_up(server).await;
    let user = someone(server, "adaada").await;
    let at = passkeys(&instance, &user, "");

    let mut counting = Authenticator::new(1);
    counting.counter = 41;
    let body = json!({
        "name": "Alter Schlüssel", "counter": 41, "transports": ["usb", "nfc"],
        "credential_id": base64url(&counting.id), "public_key": base64url(&counting.cose_key()),
    });
    let answer = server.operator().post(&at).json(body).send().await.ok();
    assert_eq!(answer["passkeys"][0]["name"], "Alter Schlüssel");
    assert_eq!(answer["passkeys"][0]["last_used_at"], START);
    authenticate(server, Some(&user), &mut counting).await.ok();
    counting.counter = 41;
    assert_eq!(authenticate(server, Some(&user), &mut counting).await.status, 422);

    // One that is on several devices and counts nothing, known by another user handle.
    let mut synced = Authenticator::new(2);
    (synced.counter, synced.synced) = (0, true);
    synced.user_handle = Some(base64url(b"user 7 of the old service"));
    let body = json!({
        "credential_id": base64url(&synced.id), "public_key": base64url(&synced.spki()),
        "user_handle": synced.user_handle,
    });
    let answer = server.operator().post(&at).json(body).send().await.ok();
    assert_eq!(answer["passkeys"][1]["name"], "Passkey");
    for user in [None, Some(user.as_str()), None] {
        authenticate(server, user, &mut synced).await.ok();
    }
    // What it once was it stays.
    synced.synced = false;
    assert_eq!(authenticate(server, None, &mut synced).await.status, 422);
});

both!(what_is_wrong_with_an_import_is_said_by_name, async |server| {
    let instance = set_up(server).await;
    let user = someone(server, "adaada").await;
    let device = Authenticator::new(1);
    let good = json!({
        "credential_id": base64url(&device.id), "public_key": base64url(&device.cose_key()),
    });
    let send = async |patch: Value| {
        let mut body = good.clone();
        for (name, value) in patch.as_object().expect("an object") {
            body[name] = value.clone();
        }
        server.operator().post(&passkeys(&instance, &user, "")).json(body).send().await
    };
    let invalid = "form_param_value_invalid";
    let mut off_curve = device.spki();
    off_curve[90] ^= 1;
    for (patch, name) in [
        (json!({ "credential_id": "§" }), "credential_id"),
        (json!({ "credential_id": base64url(&[1; 15]) }), "credential_id"),
        (json!({ "credential_id": base64url(&[1; 1024]) }), "credential_id"),
        (json!({ "public_key": "" }), "public_key"),
        (json!({ "public_key": "AAAA" }), "public_key"),
        (json!({ "public_key": "A".repeat(5000) }), "public_key"),
        (json!({ "public_key": base64url(&[0x9f; 3000]) }), "public_key"),
        (json!({ "public_key": base64url(&off_curve) }), "public_key"),
        (json!({ "counter": -1 }), "counter"),
        (json!({ "counter": 4_294_967_296_i64 }), "counter"),
        (json!({ "transports": ["pigeon"] }), "transports"),
        (json!({ "user_handle": "" }), "user_handle"),
        (json!({ "name": "a\u{7}b" }), "name"),
    ] {
        send(patch).await.refused(422, &[(invalid, name)]);
    }
    let all = json!({ "credential_id": "", "public_key": "", "counter": -1, "transports": ["x"] });
    let names = ["credential_id", "public_key", "counter", "transports"];
    send(all).await.refused(422, &names.map(|name| (invalid, name)));
    let none = server.operator().post(&passkeys(&instance, &user, "")).json(json!({}));
    let missing = ["credential_id", "public_key"].map(|name| ("form_param_missing", name));
    none.send().await.refused(422, &missing);

    let nobody = passkeys(&instance, "user_34OkW3rUlQGlAzCORHT4DHFLqcc", "");
    let reply = server.operator().post(&nobody).json(good.clone()).send().await;
    reply.refused(404, &[("resource_not_found", "")]);
    assert_eq!(server.get_user(&user).await["passkeys"], json!([]));
});

both!(a_credential_is_the_passkey_of_one_user_and_free_once_that_is_gone, async |server| {
    let instance = set_up(server).await;
    let [ada, bob] = [someone(server, "adaada").await, someone(server, "bobbob").await];
    let device = Authenticator::new(1);
    import(server, &ada, &device, "").await;
    let body = json!({
        "credential_id": base64url(&device.id), "public_key": base64url(&device.cose_key()),
    });
    for user in [&ada, &bob] {
        let again = server.operator().post(&passkeys(&instance, user, "")).json(body.clone());
        again.send().await.refused(422, &[("form_identifier_exists", "credential_id")]);
    }
    server.client().delete(&path(&ada, "")).send().await.ok();
    let passkey = register(server, &bob, &mut device.clone()).await;
    server.client().delete(&path(&bob, &format!("/passkeys/{passkey}"))).send().await.ok();
    let answer = import(server, &bob, &device, "Neu").await;
    assert_eq!(id(&answer), bob);
});
