//! Too much of something.

use rollbook_testkit::both;
use serde_json::{Map, Value, json};

use super::{Target, refused};
use crate::support::path;

const MANY: usize = 10_000;

both!(arrays_of_ten_thousand_are_refused_in_every_field, async |server| {
    let target = Target::make(server).await;
    let client = server.client();
    let create = [
        "email_address",
        "email_address_identification_status",
        "phone_number",
        "phone_number_identification_status",
        "web3_wallet",
        "backup_codes",
    ];
    let create = create.map(|name| (client.post("/v1/users"), name));
    let update = [(client.patch(&path(&target.user, "")), "backup_codes")];
    let bulk =
        [(client.post("/v1/users/ban"), "user_ids"), (client.post("/v1/users/unban"), "user_ids")];
    for (call, name) in create.into_iter().chain(update).chain(bulk) {
        let values: Vec<String> = (0..MANY).map(|n| format!("{n}@example.com")).collect();
        let body = Map::from_iter([(name.to_owned(), json!(values))]);
        let reply = call.unchecked().json(body).send().await;
        refused(name, &reply);
        let found = reply.problems();
        let code = match name {
            "user_ids" => "bulk_size_exceeded",
            _ => "form_param_array_size_exceeded",
        };
        let expected = (code.to_owned(), name.to_owned());
        assert!(found.contains(&expected), "{name}: {found:?}");
    }
    target.unchanged(server).await;
});

both!(metadata_beyond_its_limit_is_refused_also_after_the_merge, async |server| {
    let target = Target::make(server).await;
    let client = server.client();
    let metadata = path(&target.user, "/metadata");
    for name in ["public_metadata", "private_metadata", "unsafe_metadata"] {
        for value in [json!("x".repeat(8192)), json!(vec![0; MANY]), json!("é".repeat(4096))] {
            let body = json!({ name: { "k": value } });
            for call in [
                client.post("/v1/users"),
                client.patch(&path(&target.user, "")),
                client.patch(&metadata),
                client.put(&metadata),
            ] {
                refused(name, &call.unchecked().json(body.clone()).send().await);
            }
        }
    }
    target.unchanged(server).await;

    let half = json!({ "public_metadata": { "first": "x".repeat(5000) } });
    client.patch(&metadata).json(half).send().await.ok();
    let before = server.get_user(&target.user).await;
    let other = json!({ "public_metadata": { "second": "x".repeat(5000) } });
    refused("the second half", &client.patch(&metadata).json(other).send().await);
    assert_eq!(server.get_user(&target.user).await, before);
});

both!(deep_nesting_is_refused_in_bodies_and_in_metadata, async |server| {
    let target = Target::make(server).await;
    let client = server.client();
    for depth in [70, 127, 128, 1000, 100_000] {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            for body in [
                nested.clone(),
                format!(r#"{{"public_metadata":{{"a":{nested}}}}}"#),
                format!(r#"{{"username":{nested}}}"#),
                // Never closed.
                open.repeat(depth),
            ] {
                for call in [
                    client.post("/v1/users"),
                    client.patch(&path(&target.user, "")),
                    client.patch(&path(&target.user, "/metadata")),
                    client.put(&path(&target.user, "/metadata")),
                ] {
                    let call = call.unchecked().body("application/json", body.as_str());
                    refused(&format!("depth {depth}"), &call.send().await);
                }
            }
        }
    }
    target.unchanged(server).await;
});

both!(metadata_with_odd_texts_is_kept_as_it_is_or_refused, async |server| {
    let target = Target::make(server).await;
    for odd in [
        r#"{"k":"\u0000"}"#,
        r#"{"\u0000":1}"#,
        r#"{"k":"\u202e\ufeff\ufffd\uffff"}"#,
        r#"{"__proto__":{"polluted":true},"constructor":1}"#,
        r#"{"k":12345678901234567890.12345678901234567890}"#,
        r#"{"k":1e999,"l":-0,"m":1E5}"#,
        r#"{"":{"":""}}"#,
        r#"{"k":"'; DROP TABLE users; --"}"#,
    ] {
        let body = format!(r#"{{"public_metadata":{odd}}}"#);
        let put = server.client().put(&path(&target.user, "/metadata"));
        let reply = put.body("application/json", body).send().await;
        if reply.status == 200 {
            let kept = server.get_user(&target.user).await["public_metadata"].clone();
            let sent: Value = serde_json::from_str(odd).expect("JSON");
            assert_eq!(kept, sent, "{odd}");
        } else {
            refused(odd, &reply);
        }
    }
});
