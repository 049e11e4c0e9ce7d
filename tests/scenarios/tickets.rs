//! Sign-in tokens and actor tokens: made, revoked, used up.

use rollbook_testkit::{Reply, START, Server, both};
use serde_json::{Value, json};

use crate::session_tokens::claims;
use crate::support::{id, instance, member, organization, path, someone, text};

const KINDS: [(&str, &str); 2] = [("sign_in", "sign_in_token"), ("actor", "actor_token")];

async fn create(server: &Server, kind: &str, user: &str, more: Value) -> Value {
    let mut body = json!({ "user_id": user });
    if kind == "actor" {
        body["actor"] = json!({ "sub": "user_boss" });
    }
    body.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
    server.client().post(&format!("/v1/{kind}_tokens")).json(body).send().await.ok()
}

async fn consume(server: &Server, kind: &str, body: Value) -> Reply {
    let at = format!("/admin/v1/instances/{}/{kind}_tokens/consume", server.instance_id);
    server.operator().post(&at).json(body).send().await
}

both!(a_ticket_is_made_and_signs_its_user_in_once, async |server| {
    let page = "https://app.example.com/in";
    server.settings(json!({ "sessions": { "sign_in_url": page } })).await;
    let user = someone(server, "adaada").await;
    for (kind, object) in KINDS {
        let made = create(server, kind, &user, json!({})).await;
        assert_eq!((&made["object"], &made["status"]), (&json!(object), &json!("pending")));
        let token = text(&made["token"]);
        assert_eq!(made["url"], format!("{page}?__clerk_ticket={token}"));
        let used = json!({ "token": token, "origin": "https://app.example.com" });
        let signed_in = consume(server, kind, used.clone()).await.ok();
        let session = &signed_in["session"];
        assert_eq!((&session["user_id"], &session["status"]), (&json!(user), &json!("active")));
        let said = claims(text(&signed_in["session_token"]));
        assert_eq!((&said["sid"], &said["azp"]), (&session["id"], &used["origin"]));
        let actor = if kind == "actor" { json!({ "sub": "user_boss" }) } else { Value::Null };
        assert_eq!((&session["actor"], said.get("act").unwrap_or(&Value::Null)), (&actor, &actor));
        let again = consume(server, kind, used).await;
        again.refused(400, &[(&format!("{object}_already_used_code"), "token")]);
        let revoke = server.client().post(&format!("/v1/{object}s/{}/revoke", id(&made)));
        revoke.send().await.refused(400, &[(&format!("{object}_cannot_be_revoked_code"), "")]);
    }
    // Whoever acts as a user does not count as the user.
    assert_eq!(server.get_user(&user).await["last_sign_in_at"], START);
});

both!(a_revoked_ticket_or_one_of_another_kind_signs_nobody_in, async |server| {
    let user = someone(server, "adaada").await;
    for (kind, object) in KINDS {
        let made = create(server, kind, &user, json!({})).await;
        let token = json!({ "token": made["token"] });
        let other = if kind == "actor" { "sign_in" } else { "actor" };
        let wrong = consume(server, other, token.clone()).await;
        wrong.refused(400, &[("ticket_invalid_code", "token")]);
        let at = format!("/v1/{object}s/{}/revoke", id(&made));
        assert_eq!(server.client().post(&at).send().await.ok()["status"], "revoked");
        let revoked = consume(server, kind, token).await;
        revoked.refused(400, &[(&format!("{object}_revoked_code"), "token")]);
        let unknown = server.client().post(&format!("/v1/{object}s/none_1/revoke")).send().await;
        unknown.refused(404, &[("resource_not_found", "")]);
        for forged in ["", "a.b.c"] {
            let reply = consume(server, kind, json!({ "token": forged })).await;
            reply.refused(400, &[("ticket_invalid_code", "token")]);
        }
    }
    assert_eq!(server.client().get("/v1/sessions").send().await.ok(), json!([]));
});

both!(a_ticket_and_its_session_end_by_the_clock, async |server| {
    let user = someone(server, "adaada").await;
    for (kind, _) in KINDS {
        let made = create(server, kind, &user, json!({ "expires_in_seconds": 60 })).await;
        let token = json!({ "token": made["token"] });
        server.clock.advance(60_000);
        let late = consume(server, kind, token).await;
        late.refused(400, &[("ticket_expired_code", "token")]);
    }
    let short = json!({ "session_max_duration_in_seconds": 90 });
    let made = create(server, "actor", &user, short).await;
    let signed_in = consume(server, "actor", json!({ "token": made["token"] })).await.ok();
    assert_eq!(signed_in["session"]["expire_at"], server.clock.now() + 90_000);
});

both!(who_may_not_sign_in_may_not_by_ticket, async |server| {
    let user = someone(server, "adaada").await;
    let made = create(server, "sign_in", &user, json!({})).await;
    let token = json!({ "token": made["token"] });
    server.client().post(&path(&user, "/lock")).send().await.ok();
    consume(server, "sign_in", token.clone()).await.refused(403, &[("user_locked", "")]);
    server.client().post(&path(&user, "/unlock")).send().await.ok();
    // A refusal uses nothing up.
    consume(server, "sign_in", token).await.ok();
    let made = create(server, "sign_in", &user, json!({})).await;
    server.client().delete(&path(&user, "")).send().await.ok();
    let gone = consume(server, "sign_in", json!({ "token": made["token"] })).await;
    gone.refused(400, &[("ticket_invalid_code", "token")]);
});

both!(a_sign_in_token_can_make_an_organization_active, async |server| {
    let (ada, acme) = (someone(server, "adaada").await, organization(server, "Acme").await);
    let body = json!({ "user_id": ada, "org_id": acme });
    let stranger = server.client().post("/v1/sign_in_tokens").json(body).send().await;
    stranger.refused(422, &[("form_resource_not_found", "org_id")]);
    member(server, &acme, &ada, "org:admin").await;
    let made = create(server, "sign_in", &ada, json!({ "org_id": acme })).await;
    let signed_in = consume(server, "sign_in", json!({ "token": made["token"] })).await.ok();
    assert_eq!(signed_in["session"]["last_active_organization_id"], acme);
    assert_eq!(claims(text(&signed_in["session_token"]))["o"]["id"], acme);
});

both!(of_two_who_present_a_ticket_at_once_one_is_signed_in, async |server| {
    let user = someone(server, "adaada").await;
    let at = format!("/admin/v1/instances/{}/sign_in_tokens/consume", server.instance_id);
    for _ in 0..4 {
        let made = create(server, "sign_in", &user, json!({})).await;
        let body = json!({ "token": made["token"] });
        let calls =
            [0, 1].map(|_| tokio::spawn(server.operator().post(&at).json(body.clone()).send()));
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.expect("sent").status);
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
    }
});

both!(a_ticket_of_another_instance_signs_nobody_in, async |server| {
    let (other, client) = instance(server, json!({})).await;
    let body = json!({ "username": "adaada" });
    let user = id(&client.post("/v1/users").json(body).send().await.ok());
    let theirs = client.post("/v1/sign_in_tokens").json(json!({ "user_id": user }));
    let theirs = theirs.send().await.ok();
    let reply = consume(server, "sign_in", json!({ "token": theirs["token"] })).await;
    reply.refused(400, &[("ticket_invalid_code", "token")]);
    let revoke = server.client().post(&format!("/v1/sign_in_tokens/{}/revoke", id(&theirs)));
    revoke.send().await.refused(404, &[("resource_not_found", "")]);
    crate::support::delete_instance(server, &other).await;
});
