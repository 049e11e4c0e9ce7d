//! Backup codes: good once each.

use rollbook_testkit::{Engine, Server, both};
use serde_json::{Value, json};

use super::authenticator::App;
use super::{INCORRECT, INVALID_LENGTH, at_once, factors, one_of, verified_as, verify};
use crate::support::{TOTP_SECRET, events, id, number, path};

/// "mz4ypu7c", by the bcrypt package of Python.
const HASHED: &str = "$2b$04$iyaj9BtKUBoUvkFZHeEusenmLIYKeqAaYe.xZG.c.igx4Ps9j4fsy";

/// "tiger lily", in the version that PHP writes.
const HASHED_BY_PHP: &str = "$2y$04$UvUByqZ2wwV1F1oiyOY3Lute66sXkoLQ0/hbaLIEJ3x4FRwXnvtwa";

async fn with_codes(server: &Server, codes: impl Into<Value>) -> String {
    let codes: Value = codes.into();
    let body = json!({ "username": "adaada", "totp_secret": TOTP_SECRET, "backup_codes": codes });
    id(&server.create_user(body).await)
}

both!(each_code_plain_or_hashed_is_consumed_once_and_the_last_one_ends_them, async |server| {
    let user =
        with_codes(server, json!(["kbdnh3wq", HASHED, "246810", HASHED_BY_PHP, "1234"])).await;
    let client = server.client();
    let at_first = factors(&server.get_user(&user).await);
    // A digest is not the code that it is of.
    verify(&client, &user, HASHED).send().await.refused(422, &[INCORRECT]);
    let mut updated_at = number(&server.get_user(&user).await["updated_at"]);
    for code in ["246810", "mz4ypu7c", "1234", "kbdnh3wq", "tiger lily"] {
        assert_eq!(server.get_user(&user).await["backup_code_enabled"], true);
        let reply = verify(&client, &user, code).send().await;
        assert_eq!(reply.ok(), verified_as("backup_code"), "{code}");
        assert_ne!(verify(&client, &user, code).send().await.status, 200, "{code}");
        let now = number(&server.get_user(&user).await["updated_at"]);
        assert!(now > updated_at, "a consumed code is a change");
        updated_at = now;
    }
    let mut at_last = at_first;
    at_last["backup_code_enabled"] = false.into();
    assert_eq!(factors(&server.get_user(&user).await), at_last);
    verify(&client, &user, "kbdnh3wq").send().await.refused(422, &[INVALID_LENGTH]);
    let code = App::new(TOTP_SECRET).code(server.clock.now());
    assert_eq!(verify(&client, &user, &code).send().await.ok(), verified_as("totp"));
    let updated = ("user.updated", user.as_str());
    let expected = [("user.created", user.as_str()), updated, updated, updated, updated, updated];
    assert_eq!(server.events().await, events(expected));
});

both!(a_consumed_code_stays_consumed_after_a_restart, async |server| {
    let user = with_codes(server, json!(["kbdnh3wq", HASHED])).await;
    verify(&server.client(), &user, "mz4ypu7c").send().await.ok();
    server.restart().await;
    verify(&server.client(), &user, "mz4ypu7c").send().await.refused(422, &[INCORRECT]);
    verify(&server.client(), &user, "kbdnh3wq").send().await.ok();
});

/// Sixteen requests with the same code at once, for a plain code and for a hashed one;
/// then one request each with sixteen codes, at once.
async fn race(servers: &[&Server]) {
    let user = with_codes(servers[0], json!(["kbdnh3wq", HASHED, "one more"])).await;
    let clients: Vec<_> = servers.iter().map(|server| server.client()).cycle().take(16).collect();
    for code in ["kbdnh3wq", "mz4ypu7c"] {
        let calls = clients.iter().map(|client| verify(client, &user, code));
        one_of(&at_once(calls).await, "backup_code");
    }
    assert_eq!(servers[0].get_user(&user).await["backup_code_enabled"], true);

    let codes: Vec<_> = (0..16).map(|n| format!("code number {n}")).collect();
    let body = json!({ "backup_codes": codes });
    clients[0].patch(&path(&user, "")).json(body).send().await.ok();
    let calls = clients.iter().zip(&codes).map(|(client, code)| verify(client, &user, code));
    for reply in at_once(calls).await {
        assert_eq!(reply.ok(), verified_as("backup_code"));
    }
    for server in servers {
        let seen = server.get_user(&user).await;
        assert_eq!(seen["backup_code_enabled"], false, "the last one was consumed");
    }
    let updates = servers[0].events().await.iter().filter(|e| e.0 == "user.updated").count();
    assert_eq!(updates, 2 + 1 + 16, "one event for each code and one for the update");
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

both!(the_last_code_sent_at_once_is_good_for_one_request, async |server| {
    for _ in 0..4 {
        let user = with_codes(server, json!(["kbdnh3wq"])).await;
        let client = server.client();
        let replies = at_once((0..16).map(|_| verify(&client, &user, "kbdnh3wq"))).await;
        let good = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(good, 1);
        // Who came when it was gone is told that this can be no code any more.
        assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 422)));
        client.delete(&path(&user, "")).send().await.ok();
    }
});

both!(an_update_replaces_the_codes_and_an_empty_list_removes_them, async |server| {
    let user = with_codes(server, json!(["kbdnh3wq", HASHED])).await;
    let client = server.client();
    let update =
        |codes: Value| client.patch(&path(&user, "")).json(json!({ "backup_codes": codes })).send();
    assert_eq!(update(json!(["new one", "mz4ypu7c"])).await.ok()["backup_code_enabled"], true);
    verify(&client, &user, "kbdnh3wq").send().await.refused(422, &[INCORRECT]);
    for code in ["mz4ypu7c", "new one"] {
        verify(&client, &user, code).send().await.ok();
    }
    assert_eq!(update(json!(["third set"])).await.ok()["backup_code_enabled"], true);
    let removed = update(json!([])).await.ok();
    assert_eq!(removed["backup_code_enabled"], false);
    verify(&client, &user, "third set").send().await.refused(422, &[INVALID_LENGTH]);
    assert_eq!(update(json!([])).await.ok(), removed, "there is nothing to remove");
    let updates = server.events().await.iter().filter(|e| e.0 == "user.updated").count();
    assert_eq!(updates, 5);
});

both!(codes_that_cannot_be_kept_are_refused_and_the_old_ones_stay, async |server| {
    let user = with_codes(server, json!(["kbdnh3wq"])).await;
    let client = server.client();
    let many: Vec<_> = (0..101).map(|n| format!("code number {n}")).collect();
    let malformed = format!("$2b$04${}", "!".repeat(53));
    for (codes, code) in [
        (json!(null), "form_param_nil"),
        (json!("kbdnh3wq"), "form_param_value_invalid"),
        (json!([1]), "form_param_value_invalid"),
        (json!([""]), "form_param_value_invalid"),
        (json!(["x".repeat(257)]), "form_param_value_invalid"),
        (json!([malformed]), "form_param_value_invalid"),
        (json!(["twice", "twice"]), "form_param_duplicate"),
        (json!(many), "form_param_array_size_exceeded"),
        // Every wrong code would cost that much for each digest.
        (json!([HASHED.replace("$04$", "$13$")]), "form_param_value_invalid"),
    ] {
        let reply =
            client.patch(&path(&user, "")).json(json!({ "backup_codes": codes })).send().await;
        reply.refused(422, &[(code, "backup_codes")]);
    }
    verify(&client, &user, "kbdnh3wq").send().await.ok();
});
