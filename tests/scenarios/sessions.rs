//! Sessions: made, listed, ended, and over by the clock.

use rollbook_domain::Environment;
use rollbook_ops::instances::CreateInstance;
use rollbook_testkit::{Engine, START, Server, both};
use serde_json::{Value, json};

use crate::support::{events, id, ids, instance, path, sign_in, someone, text};

const DAY: i64 = 86_400_000;

/// The path of a session, or of what is below it.
fn at(session: &str, below: &str) -> String {
    format!("/v1/sessions/{session}{below}")
}

both!(a_new_session_is_active_and_moves_the_users_times, async |server| {
    let user = someone(server, "adaada").await;
    // In the cache, to be dropped from it.
    assert_eq!(server.get_user(&user).await["last_active_at"], Value::Null);
    server.clock.advance(5_000);
    let call = server.client().post("/v1/sessions").json(json!({ "user_id": user }));
    let session = call.send().await.ok();
    let now = START + 5_000;
    let expected = json!({
        "object": "session", "id": session["id"], "client_id": session["client_id"],
        "user_id": user, "actor": null, "status": "active", "last_active_organization_id": null,
        "last_active_at": now, "latest_activity": null, "expire_at": now + 7 * DAY,
        "abandon_at": now + 30 * DAY, "tasks": null, "updated_at": now, "created_at": now,
    });
    assert_eq!(session, expected);
    assert_eq!(server.client().get(&at(text(&session["id"]), "")).send().await.ok(), session);
    let body = server.get_user(&user).await;
    assert_eq!((&body["last_active_at"], &body["last_sign_in_at"]), (&json!(now), &json!(now)));
    assert_eq!(body["updated_at"], START, "signing in is no change of the user");

    let told = server.outbox().await.pop().expect("an event");
    assert_eq!(told.kind, "session.created");
    let mut data: Value = serde_json::from_str(&told.data).expect("JSON");
    let nested = data.as_object_mut().and_then(|data| data.remove("user"));
    assert_eq!((data, nested), (session, Some(body)));
});

both!(a_session_needs_a_user_who_may_sign_in, async |server| {
    let client = server.client();
    let create = |body: Value| client.post("/v1/sessions").json(body).send();
    create(json!({})).await.refused(422, &[("form_param_missing", "user_id")]);
    create(json!({ "user_id": null })).await.refused(422, &[("form_param_nil", "user_id")]);
    create(json!({ "user_id": 1, "colour": "red" }))
        .await
        .refused(422, &[("form_param_value_invalid", "user_id"), ("form_param_unknown", "colour")]);
    create(json!({ "user_id": "" })).await.refused(422, &[("form_resource_not_found", "user_id")]);
    create(json!({ "user_id": "user_none" })).await.refused(404, &[("resource_not_found", "")]);

    let user = someone(server, "mallory").await;
    let foreign = json!({ "user_id": user, "active_organization_id": "org_none" });
    let reply = create(foreign).await;
    reply.refused(422, &[("form_resource_not_found", "active_organization_id")]);
    for (verb, code) in [("ban", "user_banned"), ("lock", "user_locked")] {
        client.post(&path(&user, &format!("/{verb}"))).send().await.ok();
        create(json!({ "user_id": user })).await.refused(403, &[(code, "")]);
        client.post(&path(&user, &format!("/un{verb}"))).send().await.ok();
        create(json!({ "user_id": user })).await.ok();
    }
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_in_production_creates_no_sessions() {
    let production =
        CreateInstance { environment: Environment::Production, ..CreateInstance::default() };
    let server = Server::start_with(Engine::Sqlite, production).await.expect("the engine");
    let user = someone(&server, "adaada").await;
    let call = server.client().post("/v1/sessions").json(json!({ "user_id": user }));
    call.send().await.refused(400, &[("request_invalid_for_environment", "")]);
    server.end().await;
}

both!(lists_are_filtered_paged_and_come_in_two_shapes, async |server| {
    let (ada, bob) = (someone(server, "adaada").await, someone(server, "bobbob").await);
    let mut sessions = Vec::new();
    for user in [&ada, &bob, &ada, &ada] {
        sessions.push(sign_in(server, user).await);
        server.clock.advance(1000);
    }
    sessions.reverse();
    let client = server.client();
    client.post(&at(&sessions[3], "/revoke")).send().await.ok();
    let one = client.get(&at(&sessions[2], "")).send().await.ok();
    for (query, found) in [
        (String::new(), vec![0, 1, 2, 3]),
        (format!("user_id={ada}"), vec![0, 1, 3]),
        (format!("user_id={ada}&status=active"), vec![0, 1]),
        (format!("user_id={ada}&status=revoked"), vec![3]),
        (format!("client_id={}", text(&one["client_id"])), vec![2]),
        (format!("client_id={}&user_id={ada}", text(&one["client_id"])), vec![]),
        ("user_id=user_none".to_owned(), vec![]),
        ("status=expired".to_owned(), vec![]),
        ("limit=2".to_owned(), vec![0, 1]),
        ("limit=2&offset=3".to_owned(), vec![3]),
        ("offset=9".to_owned(), vec![]),
    ] {
        let found: Vec<_> = found.into_iter().map(|n: usize| sessions[n].clone()).collect();
        let answer = client.get(&format!("/v1/sessions?{query}")).send().await.ok();
        assert_eq!(ids(&answer), found, "{query}");
        let paged = client.get(&format!("/v1/sessions?paginated=true&{query}")).send().await.ok();
        assert_eq!(ids(&paged["data"]), found, "{query}");
        if !query.contains("limit") && !query.contains("offset") {
            assert_eq!(paged["total_count"], found.len(), "{query}");
        }
    }
    for (query, name, code) in [
        ("status=pending", "status", "form_param_value_invalid"),
        ("status=x", "status", "form_param_value_invalid"),
        ("paginated=1", "paginated", "form_param_type_invalid"),
        ("limit=0", "limit", "form_param_value_invalid"),
        ("offset=-1", "offset", "form_param_value_invalid"),
    ] {
        let reply = client.get(&format!("/v1/sessions?{query}")).send().await;
        reply.refused(422, &[(code, name)]);
    }
});

both!(a_session_is_ended_once_and_in_the_way_it_was_first, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    let operator = server.operator();
    let mut told = vec![("user.created".to_owned(), user.clone())];
    for (end, status) in [("revoke", "revoked"), ("end", "ended"), ("remove", "removed")] {
        let session = sign_in(server, &user).await;
        server.clock.advance(1000);
        let admin = |end: &str| {
            format!("/admin/v1/instances/{}/sessions/{session}/{end}", server.instance_id)
        };
        let ended = match end {
            "revoke" => client.post(&at(&session, "/revoke")).send().await.ok(),
            _ => operator.post(&admin(end)).send().await.ok(),
        };
        assert_eq!(
            (&ended["status"], &ended["updated_at"]),
            (&json!(status), &json!(server.clock.now()))
        );
        server.clock.advance(1000);
        assert_eq!(client.post(&at(&session, "/revoke")).send().await.ok(), ended);
        assert_eq!(operator.post(&admin("end")).send().await.ok(), ended);
        assert_eq!(operator.post(&admin("remove")).send().await.ok(), ended);
        assert_eq!(client.get(&at(&session, "")).send().await.ok(), ended);
        told.push(("session.created".to_owned(), session.clone()));
        told.push((format!("session.{status}"), session));
    }
    told.sort();
    assert_eq!(server.events().await, told);
    let unknown = client.post(&at("sess_none", "/revoke")).send().await;
    unknown.refused(404, &[("resource_not_found", "")]);
    client.get(&at("sess_none", "")).send().await.refused(404, &[("resource_not_found", "")]);
});

both!(the_clock_ends_sessions_and_every_reader_sees_it, async |server| {
    let user = someone(server, "adaada").await;
    let expires = sign_in(server, &user).await;
    server.settings(json!({ "sessions": { "inactivity_timeout_in_seconds": 3600 } })).await;
    let idles = sign_in(server, &user).await;
    let client = server.client();
    let status =
        async |session: &str| client.get(&at(session, "")).send().await.ok()["status"].clone();
    server.clock.advance(3_599_999);
    assert_eq!(status(&idles).await, "active");
    // Use moves the end.
    client.post(&at(&idles, "/tokens")).send().await.ok();
    server.clock.advance(1);
    assert_eq!(status(&idles).await, "active");
    server.clock.advance(3_599_999);
    assert_eq!(
        (status(&idles).await, status(&expires).await),
        (json!("abandoned"), json!("active"))
    );
    server.clock.advance(7 * DAY);
    assert_eq!(
        (status(&idles).await, status(&expires).await),
        (json!("abandoned"), json!("expired"))
    );
    for (word, session) in [("abandoned", &idles), ("expired", &expires)] {
        let answer = client.get(&format!("/v1/sessions?status={word}")).send().await.ok();
        assert_eq!(ids(&answer), [session.as_str()]);
        let reply = client.post(&at(session, "/tokens")).send().await;
        reply.refused(404, &[("resource_not_found", "")]);
        // Nothing is left to revoke, and nobody is told of anything.
        client.post(&at(session, "/revoke")).send().await.ok();
    }
    assert_eq!(client.get("/v1/sessions?status=active").send().await.ok(), json!([]));
    client.post(&path(&user, "/ban")).send().await.ok();
    let events = server.events().await;
    assert!(!events.iter().any(|(kind, _)| kind == "session.revoked"), "{events:?}");
});

both!(what_is_long_over_is_forgotten_when_the_user_signs_in_again, async |server| {
    let user = someone(server, "adaada").await;
    let old = sign_in(server, &user).await;
    server.clock.advance(37 * DAY);
    sign_in(server, &user).await;
    server.client().get(&at(&old, "")).send().await.ok();
    server.clock.advance(1);
    let new = sign_in(server, &user).await;
    server.client().get(&at(&old, "")).send().await.refused(404, &[("resource_not_found", "")]);
    let clients = server.client().get("/v1/clients?paginated=true").send().await.ok();
    assert_eq!(clients["total_count"], 2);
    assert_eq!(clients["data"][0]["session_ids"], json!([new]));
});

both!(clients_hold_the_sessions_and_say_which_was_used_last, async |server| {
    let user = someone(server, "adaada").await;
    let session = sign_in(server, &user).await;
    server.clock.advance(1000);
    let client = server.client();
    let session = client.get(&at(&session, "")).send().await.ok();
    let body =
        client.get(&format!("/v1/clients/{}", text(&session["client_id"]))).send().await.ok();
    let expected = json!({
        "object": "client", "id": session["client_id"], "session_ids": [session["id"]],
        "sessions": [session], "sign_in_id": null, "sign_up_id": null,
        "last_active_session_id": session["id"], "last_authentication_strategy": null,
        "updated_at": START, "created_at": START,
    });
    assert_eq!(body, expected);
    assert_eq!(client.get("/v1/clients").send().await.ok(), json!([body]));
    client.post(&at(text(&session["id"]), "/revoke")).send().await.ok();
    let body = client.get(&format!("/v1/clients/{}", id(&expected))).send().await.ok();
    assert_eq!(body["last_active_session_id"], Value::Null);
    assert_eq!(body["sessions"][0]["status"], "revoked");
    assert_eq!(body["updated_at"], START + 1000);
    let unknown = client.get("/v1/clients/client_none").send().await;
    unknown.refused(404, &[("resource_not_found", "")]);
});

both!(deleting_a_user_removes_the_sessions_and_tells_of_the_active_ones, async |server| {
    let user = someone(server, "adaada").await;
    let (over, active) = (sign_in(server, &user).await, sign_in(server, &user).await);
    server.client().post(&at(&over, "/revoke")).send().await.ok();
    server.client().delete(&path(&user, "")).send().await.ok();
    assert_eq!(server.client().get("/v1/sessions").send().await.ok(), json!([]));
    assert_eq!(server.client().get("/v1/clients").send().await.ok(), json!([]));
    assert_eq!(
        server.events().await,
        events([
            ("session.created", &over),
            ("session.created", &active),
            ("session.revoked", &over),
            ("session.removed", &active),
            ("user.created", &user),
            ("user.deleted", &user),
        ])
    );
});

both!(sessions_of_another_instance_are_never_found, async |server| {
    let (other, client) = instance(server, json!({})).await;
    let body = client.post("/v1/users").json(json!({ "username": "adaada" })).send().await.ok();
    let body = json!({ "user_id": body["id"] });
    let theirs = client.post("/v1/sessions").json(body.clone()).send().await.ok();
    let events = server.events().await;
    let session = id(&theirs);
    let token = client.post(&at(&session, "/tokens")).send().await.ok()["jwt"].clone();
    let mine = server.client();
    mine.post("/v1/sessions").json(body).send().await.refused(404, &[("resource_not_found", "")]);
    for call in [
        mine.get(&at(&session, "")),
        mine.post(&at(&session, "/revoke")),
        mine.post(&at(&session, "/tokens")),
        mine.get(&format!("/v1/clients/{}", text(&theirs["client_id"]))),
    ] {
        call.send().await.refused(404, &[("resource_not_found", "")]);
    }
    // Not even the token's key is ours.
    let verify = mine.post(&at(&session, "/verify")).json(json!({ "token": token }));
    verify.send().await.refused(400, &[("invalid_session_token", "token")]);
    for list in ["/v1/sessions", "/v1/clients"] {
        assert_eq!(mine.get(list).send().await.ok(), json!([]));
    }
    assert_eq!(client.get(&at(&session, "")).send().await.ok(), theirs);
    assert_eq!(server.events().await, events);
    crate::support::delete_instance(server, &other).await;
});

both!(a_ban_and_a_sign_in_at_once_leave_no_active_session, async |server| {
    for round in 0..8 {
        let user = someone(server, &format!("user_{round}")).await;
        let client = server.client();
        let body = json!({ "user_id": user });
        let sign_in = tokio::spawn(client.post("/v1/sessions").json(body).send());
        let ban = tokio::spawn(client.post(&path(&user, "/ban")).send());
        ban.await.expect("sent").ok();
        let status = sign_in.await.expect("sent").status;
        assert!([200, 403].contains(&status), "{status}");
        let active = client.get(&format!("/v1/sessions?user_id={user}&status=active"));
        assert_eq!(active.send().await.ok(), json!([]));
    }
});
