//! `PATCH` merges metadata, `PUT` replaces them.

use rollbook_testkit::{Client, Engine, Server, both};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{id, path, someone};

const FIELDS: [&str; 3] = ["public_metadata", "private_metadata", "unsafe_metadata"];

both!(a_merge_does_what_rfc_7396_says, async |server| {
    let client = server.client();
    // Before, patch, after; as text, for the order of keys and the digits of numbers count.
    for (n, (before, patch, after)) in [
        (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
        (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
        (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
        (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
        (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1,null]}"#, r#"{"a":[1,null]}"#),
        (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
        (r#"{"a":1}"#, r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        (
            r#"{"z":1,"m":2,"a":3}"#,
            r#"{"b":0,"m":{"y":1,"x":1}}"#,
            r#"{"z":1,"m":{"y":1,"x":1},"a":3,"b":0}"#,
        ),
        (
            r#"{"n":1}"#,
            r#"{"n":1.10,"big":123456789012345678901234567890,"e":1e+400}"#,
            r#"{"n":1.10,"big":123456789012345678901234567890,"e":1e+400}"#,
        ),
        (r#"{"a":1}"#, "{}", r#"{"a":1}"#),
    ]
    .into_iter()
    .enumerate()
    {
        for field in FIELDS {
            let user = someone(server, &format!("user_{n}_{}", &field[..3])).await;
            let put = client.put(&path(&user, "/metadata"));
            let body = format!(r#"{{"{field}":{before}}}"#);
            put.body("application/json", body).send().await.ok();
            let call = client.patch(&path(&user, "/metadata"));
            let answer =
                call.body("application/json", format!(r#"{{"{field}":{patch}}}"#)).send().await;
            answer.ok();
            let wanted = format!(r#""{field}":{after}"#);
            assert!(answer.text().contains(&wanted), "{before} + {patch}: {}", answer.text());
            let read = client.get(&path(&user, "")).send().await;
            assert_eq!(read.text(), answer.text());
        }
    }
});

both!(a_field_that_is_absent_or_null_stays_as_it_is, async |server| {
    let user = server
        .create_user(json!({ "username": "adaada", "public_metadata": { "a": 1 }, "unsafe_metadata": { "b": 1 } }))
        .await;
    let client = server.client();
    let below = path(&id(&user), "/metadata");
    server.clock.advance(1000);
    for body in [
        json!({}),
        json!({ "public_metadata": null, "private_metadata": null }),
        json!({ "public_metadata": {} }),
    ] {
        assert_eq!(client.patch(&below).json(body).send().await.ok(), user);
    }
    let answer = client
        .put(&below)
        .json(json!({ "public_metadata": {}, "unsafe_metadata": null }))
        .send()
        .await
        .ok();
    assert_eq!(answer["public_metadata"], json!({}));
    assert_eq!(answer["unsafe_metadata"], json!({ "b": 1 }));
    let updates = server.events().await.iter().filter(|(kind, _)| kind == "user.updated").count();
    assert_eq!(updates, 1);
});

both!(a_put_replaces_each_field_given_and_null_inside_stays_null, async |server| {
    let user = server
        .create_user(json!({ "username": "adaada", "public_metadata": { "a": { "b": 1 } }, "private_metadata": { "p": 1 } }))
        .await;
    let body = json!({ "public_metadata": { "a": { "c": null }, "d": null } });
    let answer = server.client().put(&path(&id(&user), "/metadata")).json(body).send().await.ok();
    assert_eq!(answer["public_metadata"].to_string(), r#"{"a":{"c":null},"d":null}"#);
    assert_eq!(answer["private_metadata"], json!({ "p": 1 }));
});

both!(the_limit_of_8192_bytes_holds_after_the_merge, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    let below = path(&user, "/metadata");
    for field in FIELDS {
        // {"a":"…"} is 8192 bytes long.
        let full = json!({ field: { "a": "x".repeat(8192 - 8) } });
        client.patch(&below).json(full).send().await.ok();
        for wrong in [json!({ field: { "b": 1 } }), json!({ field: { "a": "x".repeat(8192 - 7) } })]
        {
            let reply = client.patch(&below).json(wrong.clone()).send().await;
            reply.refused(422, &[("form_param_exceeds_allowed_size", field)]);
        }
        // What goes makes room for what comes.
        let answer =
            client.patch(&below).json(json!({ field: { "a": null, "b": 1 } })).send().await;
        assert_eq!(answer.ok()[field], json!({ "b": 1 }));
        let reply =
            client.put(&below).json(json!({ field: { "a": "x".repeat(8185) } })).send().await;
        reply.refused(422, &[("form_param_exceeds_allowed_size", field)]);
    }
});

both!(what_is_no_object_is_refused_by_name, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    let all = json!({ "public_metadata": [], "private_metadata": "x", "unsafe_metadata": 1, "colour": 1 });
    let below = path(&user, "/metadata");
    for call in [client.patch(&below), client.put(&below)] {
        call.json(all.clone()).send().await.refused(
            422,
            &[
                ("form_param_value_invalid", "public_metadata"),
                ("form_param_value_invalid", "private_metadata"),
                ("form_param_value_invalid", "unsafe_metadata"),
                ("form_param_unknown", "colour"),
            ],
        );
    }
    let unknown = path("user_none", "/metadata");
    for call in [client.patch(&unknown), client.put(&unknown)] {
        let reply = call.json(json!({ "public_metadata": { "a": 1 } })).send().await;
        reply.refused(404, &[("resource_not_found", "")]);
    }
});

/// Sixteen merges of sixteen keys at once; every one of them must be there.
async fn merge_at_once(server: &Server, clients: &[Client]) {
    let user = someone(server, "adaada").await;
    let mut writing = JoinSet::new();
    for (n, client) in (0..16).zip(clients.iter().cycle()) {
        let body = json!({ "public_metadata": { format!("key_{n}"): n, "shared": { format!("k{n}"): n } } });
        writing.spawn(client.patch(&path(&user, "/metadata")).json(body).send());
    }
    let mut times = Vec::new();
    for reply in writing.join_all().await {
        times.push(reply.ok()["updated_at"].as_i64().expect("a time"));
    }
    let user = server.get_user(&user).await;
    let metadata = user["public_metadata"].as_object().expect("an object");
    for n in 0..16 {
        assert_eq!(metadata[&format!("key_{n}")], n);
        assert_eq!(metadata["shared"][format!("k{n}")], n);
    }
    // Each write answered a version of its own.
    times.sort_unstable();
    times.dedup();
    assert_eq!(times.len(), 16);
    assert_eq!(user["updated_at"], Value::from(times[15]));
    let updates = server.events().await.iter().filter(|(kind, _)| kind == "user.updated").count();
    assert_eq!(updates, 16);
}

both!(concurrent_merges_of_one_user_lose_nothing, async |server| {
    merge_at_once(server, &[server.client()]).await;
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_merges_through_two_servers_lose_nothing() {
    let Some(server) = Server::start(Engine::Postgres).await else { return };
    let mut second = server.second().await;
    merge_at_once(&server, &[server.client(), second.client()]).await;
    second.stop().await;
    server.end().await;
}
