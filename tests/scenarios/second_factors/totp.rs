//! The code of the authenticator app.

use rollbook_testkit::{Engine, Server, both};
use serde_json::json;

use super::authenticator::{App, STEP};
use super::{INCORRECT, INVALID_LENGTH, at_once, one_of, verified_as, verify};
use crate::support::{TOTP_SECRET, events, id, path, someone};

const OTHER_SECRET: &str = "ONUXQ5DFMVXCAYTZORSSA23FPE";

async fn with_app(server: &Server, username: &str) -> String {
    id(&server.create_user(json!({ "username": username, "totp_secret": TOTP_SECRET })).await)
}

both!(the_code_of_the_app_is_right_once, async |server| {
    let user = with_app(server, "adaada").await;
    let before = server.get_user(&user).await;
    let code = App::new(TOTP_SECRET).code(server.clock.now());
    assert_eq!(verify(&server.client(), &user, &code).send().await.ok(), verified_as("totp"));
    for _ in 0..2 {
        verify(&server.client(), &user, &code).send().await.refused(422, &[INCORRECT]);
        server.restart().await;
    }
    // Also while it is still shown, and while it is the neighbour of what is shown.
    for passed in [STEP - 1, 1, STEP - 1, 1] {
        server.clock.advance(passed);
        verify(&server.client(), &user, &code).send().await.refused(422, &[INCORRECT]);
    }
    // Not the whole body: the address of its picture changes with the port.
    let after = server.get_user(&user).await;
    assert_eq!(after["updated_at"], before["updated_at"], "no verification is a change");
    assert_eq!(server.events().await, events([("user.created", &user)]));
});

both!(the_codes_of_neighbouring_steps_are_right_and_no_others, async |server| {
    let user = with_app(server, "adaada").await;
    let (app, client) = (App::new(TOTP_SECRET), server.client());
    // At the beginning and at the very end of a step.
    for passed in [0, 10 * STEP - 1] {
        server.clock.advance(passed);
        let now = server.clock.now();
        for steps in [-120, -3, -2, 2, 3, 120] {
            let reply = verify(&client, &user, &app.code(now + steps * STEP)).send().await;
            reply.refused(422, &[INCORRECT]);
        }
        for steps in [0, -1, 1] {
            let code = app.code(now + steps * STEP);
            assert_eq!(verify(&client, &user, &code).send().await.ok(), verified_as("totp"));
            verify(&client, &user, &code).send().await.refused(422, &[INCORRECT]);
        }
    }
});

/// In each round the same code goes to the servers eight times at once.
async fn race(servers: &[&Server]) {
    let user = with_app(servers[0], "adaada").await;
    let app = App::new(TOTP_SECRET);
    for round in 0..6 {
        let clock = &servers[0].clock;
        clock.advance(STEP);
        // Every other round has a used neighbour whose row is there to be forgotten.
        let code = app.code(clock.now() + STEP * (round % 2));
        clock.advance(STEP * (round % 2));
        let clients = servers.iter().map(|server| server.client());
        let clients: Vec<_> = clients.cycle().take(8).collect();
        let calls = clients.iter().map(|client| verify(client, &user, &code));
        one_of(&at_once(calls).await, "totp");
    }
}

both!(of_requests_with_the_same_code_at_once_one_succeeds, async |server| {
    race(&[server]).await;
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_requests_with_the_same_code_at_two_servers_one_succeeds() {
    let Some(server) = Server::start(Engine::Postgres).await else { return };
    let mut second = server.second().await;
    race(&[&server, &second]).await;
    second.stop().await;
    server.end().await;
}

both!(a_new_seed_forgets_the_steps_used_with_the_old, async |server| {
    let user = with_app(server, "adaada").await;
    let client = server.client();
    let now = server.clock.now();
    let (old, new) = (App::new(TOTP_SECRET).code(now), App::new(OTHER_SECRET).code(now));
    verify(&client, &user, &new).send().await.refused(422, &[INCORRECT]);
    verify(&client, &user, &old).send().await.ok();
    let body = json!({ "totp_secret": OTHER_SECRET });
    client.patch(&path(&user, "")).json(body).send().await.ok();
    verify(&client, &user, &old).send().await.refused(422, &[INCORRECT]);
    verify(&client, &user, &new).send().await.ok();
    verify(&client, &user, &new).send().await.refused(422, &[INCORRECT]);
});

both!(a_secret_may_be_in_any_letter_case_with_or_without_padding, async |server| {
    let code = App::new(OTHER_SECRET).code(server.clock.now());
    let lower = OTHER_SECRET.to_lowercase();
    let mixed = format!("{}{}", &lower[..10], &OTHER_SECRET[10..]);
    for (n, bare) in [OTHER_SECRET, &lower, &mixed].into_iter().enumerate() {
        for (m, secret) in [bare.to_owned(), format!("{bare}======")].into_iter().enumerate() {
            let body = json!({ "username": format!("user_{n}_{m}"), "totp_secret": secret });
            let user = id(&server.create_user(body).await);
            verify(&server.client(), &user, &code).send().await.ok();
        }
    }
});

both!(a_secret_that_is_not_base32_is_refused, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    // The last two are the examples of the reference.
    for secret in [
        "",
        "====",
        "A",
        "JBSWY3DPEHPK3PX!",
        "JBSW Y3DP EHPK 3PXP",
        "JBSWY3DP-EHPK3PXP",
        "ONUXQ5DFMVXCAYTZORSSA23FPE==",
        &"JBSWY3DP".repeat(64),
        "base32totpsecretkey",
        "ABCD1234EFGH5678",
    ] {
        let refused = [("invalid_totp_secret_code", "totp_secret")];
        let body = json!({ "totp_secret": secret });
        client.patch(&path(&user, "")).json(body).send().await.refused(422, &refused);
        let body = json!({ "username": "someone_new", "totp_secret": secret });
        client.post("/v1/users").json(body).send().await.refused(422, &refused);
    }
    assert_eq!(server.get_user(&user).await["totp_enabled"], false);
    assert_eq!(server.events().await, events([("user.created", &user)]));
});

both!(null_for_the_secret_is_no_change, async |server| {
    let user = with_app(server, "adaada").await;
    let before = server.get_user(&user).await;
    let body = json!({ "totp_secret": null });
    assert_eq!(server.client().patch(&path(&user, "")).json(body).send().await.ok(), before);
    let body = json!({ "username": "someone_new", "totp_secret": null });
    assert_eq!(server.create_user(body).await["totp_enabled"], false);
});

both!(a_text_that_can_be_no_code_has_the_wrong_length, async |server| {
    let user = with_app(server, "adaada").await;
    let client = server.client();
    for text in ["", "1", "12345", "1234567", "12345a", "abcdef", "１２３４５６", "-12345"] {
        verify(&client, &user, text).send().await.refused(422, &[INVALID_LENGTH]);
    }
    // Where there are backup codes, everything but fewer than six digits can be one.
    let body = json!({ "backup_codes": ["kbdnh3wq"] });
    client.patch(&path(&user, "")).json(body).send().await.ok();
    for text in ["1234567", "12345a", "abcdef", "KBDNH3WQ", "kbdnh3wq ", "x"] {
        verify(&client, &user, text).send().await.refused(422, &[INCORRECT]);
    }
    for text in ["", "1", "12345"] {
        verify(&client, &user, text).send().await.refused(422, &[INVALID_LENGTH]);
    }
});

both!(a_user_without_an_app_is_told_so_also_with_a_backup_code, async |server| {
    let client = server.client();
    let bare = someone(server, "adaada").await;
    let body = json!({ "username": "hopper", "backup_codes": ["kbdnh3wq"] });
    let codes_only = id(&server.create_user(body).await);
    for user in [&bare, &codes_only] {
        for code in ["123456", "kbdnh3wq", ""] {
            verify(&client, user, code).send().await.refused(400, &[("totp_disabled", "")]);
        }
    }
    let kept = server.get_user(&codes_only).await;
    assert_eq!(
        (&kept["backup_code_enabled"], &kept["two_factor_enabled"]),
        (&true.into(), &false.into())
    );
});

both!(an_unknown_user_is_not_found, async |server| {
    let client = server.client();
    for user in ["user_none", "user_34OkW3rUlQGlAzCORHT4DHFLqcc"] {
        let reply = verify(&client, user, "123456").send().await;
        reply.refused(404, &[("resource_not_found", "")]);
        for below in ["/mfa", "/totp", "/backup_code"] {
            let reply = client.delete(&path(user, below)).send().await;
            reply.refused(404, &[("resource_not_found", "")]);
        }
    }
});

both!(the_code_must_be_given_and_be_a_text, async |server| {
    let user = with_app(server, "adaada").await;
    let client = server.client();
    for (body, code) in [
        (json!({}), "form_param_missing"),
        (json!({ "code": null }), "form_param_nil"),
        (json!({ "code": 123_456 }), "form_param_value_invalid"),
        (json!({ "code": ["123456"] }), "form_param_value_invalid"),
    ] {
        let reply = client.post(&path(&user, "/verify_totp")).json(body).send().await;
        reply.refused(422, &[(code, "code")]);
    }
});

both!(wrong_codes_lock_nobody_and_a_banned_or_locked_user_is_verified, async |server| {
    let body = json!({
        "username": "mallory", "totp_secret": TOTP_SECRET, "banned": true, "locked": true,
    });
    let user = id(&server.create_user(body).await);
    let client = server.client();
    let now = server.clock.now();
    let wrong = App::new(TOTP_SECRET).code(now + 40 * STEP);
    for _ in 0..12 {
        verify(&client, &user, &wrong).send().await.refused(422, &[INCORRECT]);
    }
    assert_eq!(server.get_user(&user).await["verification_attempts_remaining"], 10);
    verify(&client, &user, &App::new(TOTP_SECRET).code(now)).send().await.ok();
});

both!(a_secret_is_unknown_where_the_instance_has_no_apps, async |server| {
    server
        .settings(json!({ "attributes": {
            "authenticator_app": { "enabled": false }, "backup_code": { "enabled": false },
        } }))
        .await;
    let user = someone(server, "adaada").await;
    let body = json!({ "totp_secret": TOTP_SECRET, "backup_codes": ["kbdnh3wq"] });
    server.client().patch(&path(&user, "")).json(body).send().await.refused(
        422,
        &[("form_param_unknown", "totp_secret"), ("form_param_unknown", "backup_codes")],
    );
});
