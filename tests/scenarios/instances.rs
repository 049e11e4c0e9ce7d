//! Instances: created, changed, reset, forked and deleted under `/admin/v1`.

use std::time::{Duration, Instant};

use image::ImageFormat;
use rollbook_store::credentials::{self, Kind, Owner};
use rollbook_testkit::{Client, Engine, Server, both};
use rollbook_wire::Id;
use serde_json::{Value, json};

use crate::support::{PASSWORD, TOTP_SECRET, id, instance, path, picture, text};

fn at(id: &str, below: &str) -> String {
    format!("/admin/v1/instances/{id}{below}")
}

async fn count(client: &Client) -> i64 {
    let count = client.get("/v1/users/count").send().await.ok();
    count["total_count"].as_i64().expect("a number")
}

async fn delete(server: &Server, id: &str) {
    server.operator().delete(&at(id, "")).send().await.ok();
}

async fn fork(server: &Server, id: &str) -> (Value, Client) {
    let fork = server.operator().post(&at(id, "/fork")).json(json!({})).send().await.ok();
    let client = server.client().with_token(Some(text(&fork["secret_key"])));
    (fork, client)
}

/// The TOTP seeds of a user, opened.
async fn totp(server: &Server, instance: &str, user: &str) -> Vec<Vec<u8>> {
    let instance: Id = instance.parse().expect("an id");
    let user: Id = user.parse().expect("an id");
    let vault = server.ctx.vault.clone();
    server
        .write(move |tx| {
            let owner = Owner { instance: &instance, user: &user };
            credentials::open(tx, &vault, owner, Kind::Totp)
        })
        .await
}

both!(an_instance_is_created_shown_renamed_listed_and_deleted, async |server| {
    let operator = server.operator();
    let body = json!({ "name": "Tests", "environment_type": "production", "profile": "clerk" });
    let created = operator.post("/admin/v1/instances").json(body).send().await.ok();
    let id = id(&created);
    assert!(text(&created["secret_key"]).starts_with("sk_live_"), "{created}");
    assert!(text(&created["key_id"]).starts_with("key_"), "{created}");
    let mut shown = operator.get(&at(&id, "")).send().await.ok();
    for name in ["id", "name", "environment_type", "created_at", "object"] {
        assert_eq!(shown[name], created[name], "{name}");
    }
    assert_eq!(shown.get("secret_key"), None);
    let list = operator.get("/admin/v1/instances").send().await.ok();
    assert!(list["data"].as_array().expect("an array").contains(&shown), "{list}");

    server.clock.advance(1000);
    let renamed = operator.patch(&at(&id, "")).json(json!({ "name": "Trials" })).send().await.ok();
    shown["name"] = json!("Trials");
    shown["updated_at"] = renamed["updated_at"].clone();
    assert_eq!(renamed, shown);
    assert_ne!(renamed["updated_at"], renamed["created_at"]);
    assert_eq!(operator.get(&at(&id, "")).send().await.ok(), renamed);

    let deleted = operator.delete(&at(&id, "")).send().await.ok();
    assert_eq!(deleted, json!({ "object": "instance", "id": id, "deleted": true }));
    for gone in [operator.get(&at(&id, "")), operator.delete(&at(&id, ""))] {
        gone.send().await.refused(404, &[("resource_not_found", "")]);
    }
});

both!(a_chosen_secret_key_opens_the_new_instance, async |server| {
    let chosen =
        format!("sk_test_mine_mine_mine_{}", server.url.rsplit(':').next().expect("a port"));
    let (id, client) = instance(server, json!({ "secret_key": chosen })).await;
    assert_eq!(client.get("/v1/users").send().await.ok(), json!([]));
    let again = server.operator().post("/admin/v1/instances").json(json!({ "secret_key": chosen }));
    again.send().await.refused(422, &[("form_identifier_exists", "secret_key")]);
    // What did not come to be left nothing behind.
    let list = server.operator().get("/admin/v1/instances").send().await.ok();
    let mine = |row: &&Value| row["id"] == id;
    assert_eq!(list["data"].as_array().expect("an array").iter().filter(mine).count(), 1);
    let live = json!({ "secret_key": chosen, "environment_type": "production" });
    let live = server.operator().post("/admin/v1/instances").json(live);
    live.send().await.refused(422, &[("form_param_value_invalid", "secret_key")]);
    delete(server, &id).await;
});

both!(impossible_parameters_are_refused_by_name, async |server| {
    let create = async |body: Value| {
        server.operator().post("/admin/v1/instances").unchecked().json(body).send().await
    };
    let invalid = "form_param_value_invalid";
    create(json!({ "environment_type": "staging" }))
        .await
        .refused(422, &[(invalid, "environment_type")]);
    create(json!({ "profile": "strict" })).await.refused(422, &[(invalid, "profile")]);
    create(json!({ "name": "x".repeat(257) })).await.refused(422, &[(invalid, "name")]);
    create(json!({ "name": "a\nb" })).await.refused(422, &[(invalid, "name")]);
    let unknown = [("form_param_unknown", "nam")];
    create(json!({ "nam": "x" })).await.refused(422, &unknown);
});

both!(a_reset_instance_is_empty_and_keeps_keys_and_settings, async |server| {
    let (id, client) = instance(server, json!({ "name": "kept" })).await;
    let settings = json!({ "user_limit": 7 });
    server.operator().patch(&at(&id, "/settings")).json(settings).send().await.ok();
    let body = json!({ "username": "lovelace", "email_address": ["ada@example.com"] });
    let user = client.post("/v1/users").json(body.clone()).send().await.ok();
    let user = crate::support::id(&user);
    let upload = client.post(&path(&user, "/profile_image"));
    let user_with_picture = upload.file("file", &picture(8, 8, ImageFormat::Png)).send().await.ok();
    let url = text(&user_with_picture["image_url"]).to_owned();
    assert_eq!(client.get(&path(&user, "")).send().await.status, 200);
    let mine = server.create_user(body.clone()).await;

    let reset = server.operator().post(&at(&id, "/reset")).send().await.ok();
    assert_eq!(reset["name"], "kept");
    assert_eq!(count(&client).await, 0);
    assert_eq!(client.get(&path(&user, "")).send().await.status, 404);
    assert_eq!(server.client().with_token(None).get(&url).send().await.status, 404);
    let settings = server.operator().get(&at(&id, "/settings")).send().await.ok();
    assert_eq!(settings["user_limit"], 7);
    // Its identifiers are free again, and nobody else's are gone.
    client.post("/v1/users").json(body).send().await.ok();
    assert_eq!(server.get_user(&crate::support::id(&mine)).await, mine);
    delete(server, &id).await;
});

both!(a_fork_has_the_same_users_and_a_life_of_its_own, async |server| {
    let (original, client) = instance(server, json!({ "name": "original" })).await;
    let body = json!({
        "username": "lovelace",
        "email_address": ["ada@example.com"],
        "password": PASSWORD,
        "totp_secret": TOTP_SECRET,
        "public_metadata": { "a": 1 },
    });
    let user = crate::support::id(&client.post("/v1/users").json(body).send().await.ok());
    let upload = client.post(&path(&user, "/profile_image"));
    let before = upload.file("file", &picture(8, 8, ImageFormat::Png)).send().await.ok();
    let settings = json!({ "user_limit": 5 });
    server.operator().patch(&at(&original, "/settings")).json(settings).send().await.ok();

    let (fork, forked) = fork(server, &original).await;
    let fork = id(&fork);
    assert_eq!(forked.get(&path(&user, "")).send().await.ok(), before);
    let settings = server.operator().get(&at(&fork, "/settings")).send().await.ok();
    assert_eq!(settings["user_limit"], 5);
    let verify = json!({ "password": PASSWORD });
    forked.post(&path(&user, "/verify_password")).json(verify).send().await.ok();
    let seeds = totp(server, &fork, &user).await;
    assert_eq!(seeds.len(), 1);
    assert_eq!(seeds, totp(server, &original, &user).await);
    let found = forked.get("/v1/users?email_address=ada@example.com").send().await.ok();
    assert_eq!(crate::support::ids(&found), std::slice::from_ref(&user));

    // What is done to one is not done to the other.
    let note = json!({ "public_metadata": { "a": 2 } });
    forked.patch(&path(&user, "/metadata")).json(note).send().await.ok();
    forked.post(&path(&user, "/ban")).send().await.ok();
    assert_eq!(client.get(&path(&user, "")).send().await.ok(), before);
    let same = json!({ "username": "only_there" });
    forked.post("/v1/users").json(same.clone()).send().await.ok();
    assert_eq!((count(&client).await, count(&forked).await), (1, 2));
    client.post("/v1/users").json(same).send().await.ok();

    // The picture is shown for as long as one of them has it.
    let url = text(&before["image_url"]).to_owned();
    let shown = async || server.client().with_token(None).get(&url).send().await.status;
    forked.delete(&path(&user, "")).send().await.ok();
    assert_eq!(client.get(&path(&user, "")).send().await.ok(), before);
    assert_eq!(shown().await, 200);
    delete(server, &fork).await;
    assert_eq!(shown().await, 200);
    assert_eq!(client.get(&path(&user, "")).send().await.ok(), before);
    assert_eq!(totp(server, &original, &user).await, seeds);
    delete(server, &original).await;
    assert_eq!(shown().await, 404);
});

both!(a_deleted_instance_revokes_its_keys_at_once_and_frees_its_name, async |server| {
    let (id, client) = instance(server, json!({})).await;
    let user = client.post("/v1/users").json(json!({ "username": "lovelace" })).send().await.ok();
    let user = path(text(&user["id"]), "");
    client.get(&user).send().await.ok();
    delete(server, &id).await;
    for call in [client.get(&user), client.get("/v1/users"), client.delete(&user)] {
        call.send().await.refused(401, &[("clerk_key_invalid", "")]);
    }
    for below in ["", "/settings", "/keys"] {
        let gone = server.operator().get(&at(&id, below)).send().await;
        gone.refused(404, &[("resource_not_found", "")]);
    }
});

both!(a_hundred_instances_are_created_used_and_deleted, async |server| {
    let mut took = Vec::new();
    for n in 0..100 {
        let began = Instant::now();
        let (id, client) = instance(server, json!({ "name": format!("{n}") })).await;
        took.push(began.elapsed());
        let body = json!({ "username": "lovelace", "email_address": ["ada@example.com"] });
        client.post("/v1/users").json(body).send().await.ok();
        assert_eq!(count(&client).await, 1);
        delete(server, &id).await;
        assert_eq!(client.get("/v1/users").send().await.status, 401);
    }
    took.sort_unstable();
    show(took[50], server.engine());
    assert!(took[50] < Duration::from_secs(1), "not milliseconds: {:?}", took[50]);
});

both!(settings_are_patched_and_checked_by_name, async |server| {
    let id = server.instance_id.to_string();
    let settings = at(&id, "/settings");
    let before = server.operator().get(&settings).send().await.ok();
    let patch = async |patch: Value| {
        server.operator().patch(&settings).unchecked().json(patch).send().await
    };
    for (bad, name) in [
        (json!({ "no_such": 1 }), "no_such"),
        (json!({ "attributes": { "shoe_size": {} } }), "shoe_size"),
        (json!({ "attributes": { "password": { "enabled": "yes" } } }), ""),
        (
            json!({ "attributes": { "username": { "enabled": false, "required": true } } }),
            "username",
        ),
        (json!({ "user_lockout": { "max_attempts": 1 } }), "max_attempts"),
        (json!({ "user_limit": -1 }), ""),
        (json!({ "rate_limits": "fast" }), ""),
        (json!({ "test_mode": 1 }), ""),
    ] {
        let reply = patch(bad.clone()).await;
        assert_eq!(reply.status, 422, "{bad}: {}", reply.text());
        assert!(reply.text().contains(name), "{bad}: {}", reply.text());
    }
    assert_eq!(server.operator().get(&settings).send().await.ok(), before);

    let changed =
        patch(json!({ "user_limit": 1, "password_settings": { "min_length": 12 } })).await.ok();
    assert_eq!(changed["user_limit"], 1);
    assert_eq!(changed["password_settings"]["min_length"], 12);
    assert_eq!(changed["attributes"], before["attributes"]);
    // They hold for the next request.
    server.create_user(json!({ "username": "lovelace" })).await;
    let full = server.client().post("/v1/users").json(json!({ "username": "hopper" }));
    assert_eq!(full.send().await.status, 403);
    // Null brings a default back.
    let back = patch(json!({ "user_limit": null, "password_settings": null })).await.ok();
    assert_eq!(back["password_settings"], before["password_settings"]);
    server.create_user(json!({ "username": "hopper" })).await;
});

#[expect(clippy::print_stdout, reason = "a measurement, worth reading")]
fn show(median: Duration, engine: Engine) {
    println!("an instance is created in {median:?} (median of 100) on {engine:?}");
}
