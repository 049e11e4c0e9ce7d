//! Banning, one by one and in bulk.

use rollbook_testkit::both;
use serde_json::json;

use crate::support::{events, ids, path, session_statuses, sign_in, someone};

both!(banning_a_user_ends_their_sessions, async |server| {
    let user = someone(server, "mallory").await;
    let session = sign_in(server, &user).await;
    let answer = server.client().post(&path(&user, "/ban")).send().await.ok();
    assert_eq!(answer["banned"], true);
    assert_eq!(server.get_user(&user).await, answer);
    assert_eq!(session_statuses(server, &user).await, [(session.clone(), "revoked".to_owned())]);
    assert_eq!(
        server.events().await,
        events([
            ("session.created", &session),
            ("session.revoked", &session),
            ("user.created", &user),
            ("user.updated", &user),
        ])
    );
});

both!(banning_twice_is_banning_once_and_unbanning_restores_no_session, async |server| {
    let user = someone(server, "mallory").await;
    let session = sign_in(server, &user).await;
    let client = server.client();
    let first = client.post(&path(&user, "/ban")).send().await.ok();
    server.clock.advance(1000);
    assert_eq!(client.post(&path(&user, "/ban")).send().await.ok(), first);

    let unbanned = client.post(&path(&user, "/unban")).send().await.ok();
    assert_eq!(unbanned["banned"], false);
    server.clock.advance(1000);
    assert_eq!(client.post(&path(&user, "/unban")).send().await.ok(), unbanned);
    assert_eq!(session_statuses(server, &user).await, [(session, "revoked".to_owned())]);
    let updates = server.events().await.iter().filter(|(kind, _)| kind == "user.updated").count();
    assert_eq!(updates, 2);
});

both!(every_way_of_sending_no_body_is_taken, async |server| {
    let user = someone(server, "mallory").await;
    let client = server.client();
    for below in ["/ban", "/unban", "/lock", "/unlock"] {
        let call = || client.post(&path(&user, below));
        call().send().await.ok();
        call().header("content-type", "application/json").send().await.ok();
        call().body("application/json", "null").send().await.ok();
    }
});

both!(an_unknown_user_can_be_neither_banned_nor_locked, async |server| {
    for below in ["/ban", "/unban", "/lock", "/unlock"] {
        let reply = server.client().post(&path("user_none", below)).send().await;
        reply.refused(404, &[("resource_not_found", "")]);
    }
});

both!(a_bulk_ban_answers_in_the_order_asked_and_each_user_once, async |server| {
    let mut users = Vec::new();
    for n in 0..4 {
        users.push(someone(server, &format!("user_{n}")).await);
    }
    let session = sign_in(server, &users[2]).await;
    let client = server.client();
    let asked = json!({ "user_ids": [users[3], users[0], users[3], users[2]] });
    let answer = client.post("/v1/users/ban").json(asked.clone()).send().await.ok();
    assert_eq!(ids(&answer), [&*users[3], &*users[0], &*users[2]]);
    assert!(answer.as_array().expect("an array").iter().all(|user| user["banned"] == true));
    assert_eq!(server.get_user(&users[1]).await["banned"], false);
    assert_eq!(session_statuses(server, &users[2]).await, [(session, "revoked".to_owned())]);
    let updates =
        async || server.events().await.iter().filter(|(kind, _)| kind == "user.updated").count();
    assert_eq!(updates().await, 3);

    // Again: the same answer and no event.
    assert_eq!(client.post("/v1/users/ban").json(asked.clone()).send().await.ok(), answer);
    assert_eq!(updates().await, 3);
    let answer = client.post("/v1/users/unban").json(asked).send().await.ok();
    assert_eq!(ids(&answer), [&*users[3], &*users[0], &*users[2]]);
    assert!(answer.as_array().expect("an array").iter().all(|user| user["banned"] == false));
});

both!(one_unknown_user_in_a_bulk_ban_and_nothing_is_changed, async |server| {
    let user = server.create_user(json!({ "username": "mallory" })).await;
    let id = crate::support::id(&user);
    let session = sign_in(server, &id).await;
    let user = server.get_user(&id).await;
    for unknown in ["user_none", "user_34OkW3rUlQGlAzCORHT4DHFLqcc"] {
        let body = json!({ "user_ids": [id, unknown] });
        let reply = server.client().post("/v1/users/ban").json(body).send().await;
        reply.refused(404, &[("resource_not_found", "")]);
    }
    assert_eq!(server.get_user(&id).await, user);
    assert_eq!(session_statuses(server, &id).await, [(session.clone(), "active".to_owned())]);
    assert_eq!(
        server.events().await,
        events([("session.created", &session), ("user.created", &id)])
    );
});

both!(fifty_users_are_banned_at_once_and_fifty_one_are_not, async |server| {
    let mut users = Vec::new();
    for n in 0..51 {
        users.push(someone(server, &format!("user_{n}")).await);
    }
    let client = server.client();
    let reply = client.post("/v1/users/ban").json(json!({ "user_ids": users })).send().await;
    reply.refused(400, &[("bulk_size_exceeded", "user_ids")]);
    let count = || client.get("/v1/users/count?banned=true");
    assert_eq!(count().send().await.ok()["total_count"], 0);

    let body = json!({ "user_ids": users[..50] });
    let answer = client.post("/v1/users/ban").json(body).send().await.ok();
    assert_eq!(ids(&answer), users[..50]);
    assert_eq!(count().send().await.ok()["total_count"], 50);
});

both!(a_bulk_ban_needs_its_list, async |server| {
    let client = server.client();
    for (body, code) in [
        (json!({}), "form_param_missing"),
        (json!({ "user_ids": [] }), "form_param_missing"),
        (json!({ "user_ids": "user_1" }), "form_param_value_invalid"),
        (json!({ "user_ids": [1] }), "form_param_value_invalid"),
    ] {
        for path in ["/v1/users/ban", "/v1/users/unban"] {
            let reply = client.post(path).json(body.clone()).send().await;
            reply.refused(422, &[(code, "user_ids")]);
        }
    }
});

both!(bulk_bans_that_overlap_do_not_hang_each_other, async |server| {
    let mut users = Vec::new();
    for n in 0..20 {
        users.push(someone(server, &format!("user_{n}")).await);
    }
    let mut backwards = users.clone();
    backwards.reverse();
    let client = server.client();
    for path in ["/v1/users/ban", "/v1/users/unban"] {
        let [one, two] = [&users, &backwards]
            .map(|ids| tokio::spawn(client.post(path).json(json!({ "user_ids": ids })).send()));
        assert_eq!(ids(&one.await.expect("sent").ok()), users);
        assert_eq!(ids(&two.await.expect("sent").ok()), backwards);
    }
});

both!(bans_and_locks_survive_a_restart_and_are_independent, async |server| {
    let banned = someone(server, "mallory").await;
    let both = someone(server, "trudy").await;
    let client = server.client();
    client.post(&path(&banned, "/ban")).send().await.ok();
    client.post(&path(&both, "/ban")).send().await.ok();
    client.post(&path(&both, "/lock")).send().await.ok();
    server.clock.advance(600_000);
    server.restart().await;
    let banned = server.get_user(&banned).await;
    assert_eq!((&banned["banned"], &banned["locked"]), (&json!(true), &json!(false)));
    let user = server.get_user(&both).await;
    assert_eq!((&user["banned"], &user["locked"]), (&json!(true), &json!(true)));
    assert_eq!(user["lockout_expires_in_seconds"], 3000);
    let user = server.client().post(&path(&both, "/unban")).send().await.ok();
    assert_eq!((&user["banned"], &user["locked"]), (&json!(false), &json!(true)));
});
