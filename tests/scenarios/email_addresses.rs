//! `/v1/email_addresses` and `PUT /v1/users/{id}/email_address`

use rollbook_testkit::{Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{connect_with, delete_instance, id, instance, number, path, text};

async fn person(server: &Server, addresses: &[&str]) -> Value {
    server.create_user(json!({ "username": "adaada", "email_address": addresses })).await
}

fn at(address: &Value) -> String {
    format!("/v1/email_addresses/{}", text(&address["id"]))
}

async fn add(server: &Server, user: &Value, body: Value) -> Reply {
    let mut all = json!({ "user_id": id(user) });
    all.as_object_mut().expect("an object").extend(body.as_object().expect("one").clone());
    server.client().post("/v1/email_addresses").json(all).send().await
}

async fn patch(server: &Server, address: &Value, body: Value) -> Reply {
    server.client().patch(&at(address)).json(body).send().await
}

/// The primary address of the user.
async fn primary(server: &Server, user: &Value) -> Option<String> {
    let user = server.get_user(&id(user)).await;
    let all = user["email_addresses"].as_array().expect("an array").clone();
    let primary = all.into_iter().find(|one| one["id"] == user["primary_email_address_id"]);
    primary.map(|one| text(&one["email_address"]).to_owned())
}

both!(an_address_is_created_read_changed_and_deleted_by_its_own_id, async |server| {
    let user = person(server, &[]).await;
    let new = add(server, &user, json!({ "email_address": "Ada@Example.com" })).await.ok();
    assert_eq!(new["email_address"], "ada@example.com");
    assert_eq!((&new["verification"], &new["reserved"]), (&Value::Null, &json!(false)));
    // The first is primary, whatever its proof.
    assert_eq!(primary(server, &user).await.as_deref(), Some("ada@example.com"));
    assert_eq!(server.client().get(&at(&new)).send().await.ok(), new);

    server.clock.advance(1000);
    let now = patch(server, &new, json!({ "verified": true })).await.ok();
    assert_eq!(now["verification"]["strategy"], "admin");
    assert_eq!(number(&now["updated_at"]), number(&new["updated_at"]) + 1000);
    let shown = server.get_user(&id(&user)).await;
    assert_eq!(shown["email_addresses"], json!([now]));
    assert_eq!(shown["updated_at"], now["updated_at"]);

    let gone = server.client().delete(&at(&new)).send().await.ok();
    assert_eq!(gone, json!({ "object": "email_address", "id": new["id"], "deleted": true }));
    for call in [
        server.client().get(&at(&new)),
        server.client().delete(&at(&new)),
        server.client().patch(&at(&new)).json(json!({ "verified": true })),
        server.client().post(&format!("{}/prepare_verification", at(&new))),
    ] {
        call.send().await.refused(404, &[("resource_not_found", "")]);
    }
    assert_eq!(server.get_user(&id(&user)).await["primary_email_address_id"], Value::Null);
    let updates = server.events().await.iter().filter(|(kind, _)| kind == "user.updated").count();
    assert_eq!(updates, 3);
});

both!(only_a_verified_address_becomes_primary_beside_others, async |server| {
    let user = person(server, &["a@example.com"]).await;
    add(server, &user, json!({ "email_address": "b@example.com", "primary": true }))
        .await
        .refused(422, &[("form_verification_needed", "primary")]);
    let b = add(server, &user, json!({ "email_address": "b@example.com" })).await.ok();
    patch(server, &b, json!({ "primary": true }))
        .await
        .refused(422, &[("form_verification_needed", "primary")]);
    assert_eq!(primary(server, &user).await.as_deref(), Some("a@example.com"));
    patch(server, &b, json!({ "primary": true, "verified": true })).await.ok();
    assert_eq!(primary(server, &user).await.as_deref(), Some("b@example.com"));
    patch(server, &b, json!({ "primary": false })).await.ok();
    assert_eq!(primary(server, &user).await.as_deref(), Some("b@example.com"));
    let body = json!({ "email_address": "c@example.com", "verified": true, "primary": true });
    add(server, &user, body).await.ok();
    assert_eq!(primary(server, &user).await.as_deref(), Some("c@example.com"));
});

both!(the_oldest_verified_address_left_becomes_primary, async |server| {
    let user = person(server, &["a@example.com"]).await;
    add(server, &user, json!({ "email_address": "b@example.com" })).await.ok();
    for address in ["c@example.com", "d@example.com"] {
        let body = json!({ "email_address": address, "verified": true });
        add(server, &user, body).await.ok();
    }
    for expected in [Some("c@example.com"), Some("d@example.com"), None] {
        let shown = server.get_user(&id(&user)).await;
        let primary_id = text(&shown["primary_email_address_id"]);
        let gone = format!("/v1/email_addresses/{primary_id}");
        server.client().delete(&gone).send().await.ok();
        assert_eq!(primary(server, &user).await.as_deref(), expected);
    }
    assert_eq!(server.get_user(&id(&user)).await["email_addresses"][0]["reserved"], false);
});

both!(an_address_that_is_not_verified_is_not_held, async |server| {
    let ada = person(server, &[]).await;
    let claim = add(server, &ada, json!({ "email_address": "x@example.com" })).await.ok();
    let eve = server.create_user(json!({ "username": "eveeve" })).await;
    let body = json!({ "email_address": "x@example.com", "verified": true });
    let held = add(server, &eve, body.clone()).await.ok();
    patch(server, &claim, json!({ "verified": true }))
        .await
        .refused(400, &[("identification_claimed", "")]);
    let found = server.client().get("/v1/users").query("email_address", "x@example.com");
    assert_eq!(found.send().await.ok()[0]["id"], eve["id"]);
    let new = server.create_user(json!({ "username": "newnew" })).await;
    add(server, &new, json!({ "email_address": "x@example.com" }))
        .await
        .refused(422, &[("form_identifier_exists", "email_address")]);
    add(server, &ada, body).await.refused(422, &[("form_identifier_exists", "email_address")]);
    // Given up by one, it is free for the other.
    patch(server, &held, json!({ "verified": false })).await.ok();
    patch(server, &claim, json!({ "verified": true })).await.ok();
});

both!(of_two_users_who_prove_one_address_at_once_one_gets_it, async |server| {
    let mut claims = Vec::new();
    for name in ["adaada", "eveeve"] {
        let user = server.create_user(json!({ "username": name })).await;
        claims.push(add(server, &user, json!({ "email_address": "x@example.com" })).await.ok());
    }
    for _ in 0..4 {
        let calls: Vec<_> = claims
            .iter()
            .map(|claim| server.client().patch(&at(claim)).json(json!({ "verified": true })))
            .map(|call| tokio::spawn(call.send()))
            .collect();
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.expect("sent").status);
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
        for claim in &claims {
            patch(server, claim, json!({ "verified": false })).await.ok();
        }
    }
});

both!(what_is_last_linked_or_required_cannot_go, async |server| {
    let only = server.create_user(json!({ "email_address": ["only@example.com"] })).await;
    let only = &only["email_addresses"][0];
    let delete = server.client().delete(&at(only));
    delete.send().await.refused(400, &[("identification_deletion_failed", "")]);
    patch(server, only, json!({ "verified": false }))
        .await
        .refused(400, &[("identification_update_failed", "")]);

    let user = person(server, &["a@example.com", "b@example.com"]).await;
    let (a, b) = (&user["email_addresses"][0], &user["email_addresses"][1]);
    connect_with(server, &id(&user), json!({ "email_address": "a@example.com" })).await;
    let linked = &[("delete_linked_identification_disallowed", "")];
    server.client().delete(&at(a)).send().await.refused(400, linked);
    let body = json!({ "email_address": "c@example.com" });
    let put = server.client().put(&path(&id(&user), "/email_address")).json(body);
    put.send().await.refused(400, linked);

    server.settings(json!({ "attributes": { "email_address": { "required": true } } })).await;
    let required = &[("last_required_identification_deletion_failed", "")];
    let eve = json!({ "username": "eveeve", "email_address": ["e@example.com"] });
    let eve = server.create_user(eve).await;
    let delete = server.client().delete(&at(&eve["email_addresses"][0]));
    delete.send().await.refused(400, required);
    server.client().delete(&at(b)).send().await.ok();
});

both!(every_wrong_parameter_is_refused_by_name, async |server| {
    let user = person(server, &["a@example.com"]).await;
    let before = server.events().await;
    for (body, problems) in [
        (
            json!({ "email_address": "b@example.com", "colour": 1 }),
            [("form_param_unknown", "colour")],
        ),
        (json!({ "email_address": "b" }), [("form_param_format_invalid", "email_address")]),
        (json!({ "email_address": "" }), [("form_param_missing", "email_address")]),
        (json!({}), [("form_param_missing", "email_address")]),
        (json!({ "email_address": 1 }), [("form_param_value_invalid", "email_address")]),
        (
            json!({ "email_address": "A@example.com" }),
            [("form_identifier_exists", "email_address")],
        ),
        (
            json!({ "email_address": "b@example.com", "verified": 1 }),
            [("form_param_value_invalid", "verified")],
        ),
    ] {
        add(server, &user, body).await.refused(422, &problems);
    }
    let client = server.client();
    let two = [("form_param_missing", "user_id"), ("form_param_missing", "email_address")];
    client.post("/v1/email_addresses").send().await.refused(422, &two);
    let nobody = json!({ "user_id": "user_none", "email_address": "b@example.com" });
    let call = client.post("/v1/email_addresses").json(nobody);
    call.send().await.refused(404, &[("resource_not_found", "")]);
    let address = &user["email_addresses"][0];
    patch(server, address, json!({ "primary": "x", "email_address": "b@example.com" }))
        .await
        .refused(
            422,
            &[("form_param_value_invalid", "primary"), ("form_param_unknown", "email_address")],
        );
    let put = client.put(&path(&id(&user), "/email_address"));
    put.json(json!({ "email_address": "b@example.com", "identification_status": "maybe" }))
        .send()
        .await
        .refused(422, &[("form_param_value_invalid", "identification_status")]);
    assert_eq!(server.events().await, before);

    server.settings(json!({ "attributes": { "email_address": { "enabled": false } } })).await;
    let off = add(server, &user, json!({ "email_address": "b@example.com" })).await;
    off.refused(422, &[("form_param_unknown", "email_address")]);
});

both!(a_user_has_at_most_a_hundred_addresses, async |server| {
    let many: Vec<_> = (0..100).map(|n| format!("a{n}@example.com")).collect();
    let user = server.create_user(json!({ "email_address": many })).await;
    let one_more = add(server, &user, json!({ "email_address": "b@example.com" })).await;
    one_more.refused(403, &[("quota_exceeded", "")]);
});

both!(replacing_leaves_one_primary_address, async |server| {
    let user = person(server, &["a@example.com", "b@example.com"]).await;
    let put = |body: Value| server.client().put(&path(&id(&user), "/email_address")).json(body);
    let kept = put(json!({ "email_address": "B@example.com" })).send().await.ok();
    assert_eq!(kept["id"], user["email_addresses"][1]["id"]);
    assert_eq!(primary(server, &user).await.as_deref(), Some("b@example.com"));

    let body = json!({ "email_address": "c@example.com", "identification_status": "reserved" });
    let reserved = put(body).send().await.ok();
    assert_eq!((&reserved["reserved"], &reserved["verification"]), (&json!(true), &Value::Null));
    let shown = server.get_user(&id(&user)).await;
    assert_eq!(shown["email_addresses"], json!([reserved]));
    assert_eq!(shown["primary_email_address_id"], reserved["id"]);

    let body = json!({ "email_address": "c@example.com", "identification_status": "unverified" });
    let open = put(body).send().await.ok();
    assert_eq!((&open["id"], &open["reserved"]), (&reserved["id"], &json!(false)));
    server.create_user(json!({ "email_address": ["c@example.com", "a@example.com"] })).await;
    let taken = put(json!({ "email_address": "a@example.com" })).send().await;
    taken.refused(422, &[("form_identifier_exists", "email_address")]);
    let nobody = server.client().put(&path("user_none", "/email_address"));
    let nobody = nobody.json(json!({ "email_address": "d@example.com" })).send().await;
    nobody.refused(404, &[("resource_not_found", "")]);
});

both!(the_address_that_was_primary_is_told_if_asked, async |server| {
    let user = person(server, &["a@example.com"]).await;
    let notify = "notify_primary_email_address_changed";
    let body = json!({ "email_address": "b@example.com", "verified": true, "primary": true, notify: true });
    add(server, &user, body).await.ok();
    let put = |body: Value| server.client().put(&path(&id(&user), "/email_address")).json(body);
    put(json!({ "email_address": "b@example.com", notify: true })).send().await.ok();
    put(json!({ "email_address": "c@example.com", notify: true })).send().await.ok();
    put(json!({ "email_address": "d@example.com" })).send().await.ok();
    let mut told = Vec::new();
    for event in server.outbox().await {
        if event.kind == "email.created" {
            let data: Value = serde_json::from_str(&event.data).expect("JSON");
            told.push(text(&data["to_email_address"]).to_owned());
        }
    }
    told.sort();
    assert_eq!(told, ["a@example.com", "b@example.com"]);
});

both!(another_instance_knows_nothing_of_an_address, async |server| {
    let user = person(server, &["a@example.com"]).await;
    let address = &user["email_addresses"][0];
    let (other, client) = instance(server, json!({})).await;
    for call in [
        client.get(&at(address)),
        client.delete(&at(address)),
        client.patch(&at(address)).json(json!({ "verified": false })),
        client.post(&format!("{}/prepare_verification", at(address))),
        client
            .put(&path(&id(&user), "/email_address"))
            .json(json!({ "email_address": "x@example.com" })),
        client
            .post("/v1/email_addresses")
            .json(json!({ "user_id": user["id"], "email_address": "x@example.com" })),
    ] {
        call.send().await.refused(404, &[("resource_not_found", "")]);
    }
    assert_eq!(server.get_user(&id(&user)).await, user);
    // A copy has the same ids, and its own addresses.
    let fork = format!("/admin/v1/instances/{}/fork", server.instance_id);
    let fork = server.operator().post(&fork).json(json!({})).send().await.ok();
    let copy = server.client().with_token(Some(text(&fork["secret_key"])));
    copy.patch(&at(address)).json(json!({ "verified": false })).send().await.ok();
    assert_eq!(server.client().get(&at(address)).send().await.ok(), *address);
    delete_instance(server, &other).await;
    delete_instance(server, &id(&fork)).await;
});
