//! Many users in one body: in, refused by row, found, and able to sign in.

use rollbook_testkit::{Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TOTP_SECRET, id, number, text};

/// Made by the reference implementation of bcrypt.
const DIGEST: &str = "$2b$10$abcdefghijklmnopqrstuuLSFgy6NNouncfY7wjAHgjaJjjcjDOn2";

/// What [`DIGEST`] was made of.
const SECRET: &str = "Secure*Pass4";

fn path(server: &Server, below: &str) -> String {
    format!("/admin/v1/instances/{}/imports{below}", server.instance_id)
}

async fn send(server: &Server, query: &str, rows: &str) -> Reply {
    let call = server.operator().post(&path(server, query));
    call.body("application/x-ndjson", rows.to_owned()).send().await
}

async fn import(server: &Server, rows: &[Value]) -> Value {
    let rows: Vec<_> = rows.iter().map(ToString::to_string).collect();
    send(server, "", &rows.join("\n")).await.ok()
}

/// Line, code and parameter of each refusal.
async fn refusals(server: &Server, import: &Value) -> Vec<(i64, String, String)> {
    let path = path(server, &format!("/{}/refusals?limit=500", id(import)));
    let list = server.operator().get(&path).send().await.ok();
    assert_eq!(list["total_count"], import["refused"]);
    let rows = list["data"].as_array().expect("a list").iter();
    rows.flat_map(|row| {
        let errors = row["errors"].as_array().expect("errors").iter();
        errors.map(|error| {
            let param = error["meta"]["param_name"].as_str().unwrap_or_default();
            (number(&row["line"]), text(&error["code"]).to_owned(), param.to_owned())
        })
    })
    .collect()
}

async fn count(server: &Server) -> i64 {
    number(&server.client().get("/v1/users/count").send().await.ok()["total_count"])
}

async fn by_username(server: &Server, username: &str) -> Value {
    let found = server.client().get("/v1/users").query("username", username).send().await.ok();
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{username}: {found}");
    found[0].clone()
}

both!(imported_users_are_like_created_ones, async |server| {
    let body = json!({
        "external_id": "ext-1", "first_name": "Ada", "last_name": "Lovelace",
        "email_address": ["ada@example.com", "ada@example.org"],
        "email_address_identification_status": ["verified", "reserved"],
        "phone_number": ["+15555550101"], "username": "ada_l",
        "password_digest": DIGEST, "password_hasher": "bcrypt", "totp_secret": TOTP_SECRET,
        "backup_codes": ["one-code", "another"],
        "public_metadata": { "plan": "pro" }, "created_at": "2020-01-02T03:04:05Z",
    });
    let created = server.create_user(body.clone()).await;
    server.client().delete(&format!("/v1/users/{}", id(&created))).send().await.ok();

    let done = import(server, &[body]).await;
    assert_eq!((&done["accepted"], &done["refused"]), (&json!(1), &json!(0)));
    let mut imported = by_username(server, "ada_l").await;
    let mut created = created;
    for body in [&mut imported, &mut created] {
        without_ids(body);
    }
    assert_eq!(imported, created);
});

/// Takes the ids away, which are random.
fn without_ids(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !name.ends_with("id") && !name.ends_with("image_url"));
            members.values_mut().for_each(without_ids);
        }
        Value::Array(items) => items.iter_mut().for_each(without_ids),
        _ => {}
    }
}

both!(imported_users_sign_in_with_what_they_had, async |server| {
    import(
        server,
        &[
            json!({ "username": "digest", "password_digest": DIGEST, "password_hasher": "bcrypt" }),
            json!({ "username": "plain", "password": PASSWORD }),
            json!({ "username": "codes", "backup_codes": ["one-code"], "totp_secret": TOTP_SECRET }),
        ],
    )
    .await;
    for (username, password) in [("digest", SECRET), ("plain", PASSWORD)] {
        let user = id(&by_username(server, username).await);
        let call = server.client().post(&format!("/v1/users/{user}/verify_password"));
        assert_eq!(call.json(json!({ "password": password })).send().await.ok()["verified"], true);
    }
    let user = id(&by_username(server, "codes").await);
    let call = server.client().post(&format!("/v1/users/{user}/verify_totp"));
    let verified = call.json(json!({ "code": "one-code" })).send().await.ok();
    assert_eq!(verified["code_type"], "backup_code");
});

both!(refused_rows_are_told_and_the_rest_goes_in, async |server| {
    server.create_user(json!({ "email_address": ["taken@example.com"] })).await;
    let rows = [
        r#"{"username":"first"}"#,
        r#"{"email_address":["TAKEN@example.com"],"username":"second"}"#,
        "",
        r#"{"email_address":["nowhere"],"shoe_size":44}"#,
        "{nonsense",
        // The first of two wins, and what one was refused the next may have.
        r#"{"username":"third","email_address":["twin@example.com"]}"#,
        r#"{"username":"fourth","email_address":["twin@example.com"]}"#,
        r#"{"username":"fourth"}"#,
        r#"{"id":"auth0|1","username":"fifth"}"#,
        "[1]",
        r#"{"username":"last_one","password_digest":"x","password_hasher":"bcrypt"}"#,
        "{}",
    ];
    let done = send(server, "", &rows.join("\n")).await.ok();
    let expected = [
        (2, "form_identifier_exists", "email_address"),
        (4, "form_param_unknown", "shoe_size"),
        (4, "form_param_format_invalid", "email_address"),
        (5, "request_body_invalid", ""),
        (7, "form_identifier_exists", "email_address"),
        (9, "form_param_format_invalid", "id"),
        (10, "request_body_invalid", ""),
        (11, "form_password_digest_invalid_code", "password_digest"),
        (12, "form_data_missing", ""),
    ];
    let expected = expected.map(|(line, code, param)| (line, code.to_owned(), param.to_owned()));
    assert_eq!(refusals(server, &done).await, expected);
    assert_eq!(done["accepted"], 3);
    assert_eq!(count(server).await, 4);
    for username in ["first", "third", "fourth"] {
        by_username(server, username).await;
    }
});

both!(more_users_than_one_portion_keep_their_order_and_their_first_owner, async |server| {
    // Every tenth wants the address of the one before, every hundredth the id.
    let rows: Vec<Value> = (0..9000)
        .map(|n| {
            let address = if n % 10 == 9 { n - 1 } else { n };
            let own = if n % 100 == 50 { n - 1 } else { n };
            json!({
                "id": format!("user_{own:027}"), "external_id": format!("e-{n}"),
                "email_address": [format!("p{address}@example.com")], "username": format!("user_{n}"),
            })
        })
        .collect();
    let done = import(server, &rows).await;
    let expected: Vec<i64> = (1..=9000).filter(|n| n % 10 == 0 || n % 100 == 51).collect();
    let found: Vec<i64> = refusals_all(server, &done).await;
    // Line 51 wants the id of line 50, which was refused its address: so it has it.
    let expected: Vec<i64> = expected.into_iter().filter(|n| n % 100 != 51).collect();
    assert_eq!(found, expected);
    assert_eq!(done["accepted"], 8100);
    assert_eq!(count(server).await, 8100);
    assert_eq!(id(&by_username(server, "user_50").await), format!("user_{:027}", 49));
});

async fn refusals_all(server: &Server, import: &Value) -> Vec<i64> {
    let mut lines = Vec::new();
    loop {
        let page = format!("/{}/refusals?limit=500&offset={}", id(import), lines.len());
        let list = server.operator().get(&path(server, &page)).send().await.ok();
        let rows = list["data"].as_array().expect("a list");
        if rows.is_empty() {
            return lines;
        }
        lines.extend(rows.iter().map(|row| number(&row["line"])));
    }
}

both!(an_instance_with_restrictions_keeps_its_rules_unless_told_otherwise, async |server| {
    let at = format!("/admin/v1/instances/{}/settings", server.instance_id);
    let settings = json!({ "restrictions": { "block_email_subaddresses": true }, "user_limit": 3 });
    server.operator().patch(&at).json(settings).send().await.ok();
    let invitation = json!({ "email_address": "c@example.com", "public_metadata": { "by": "me" } });
    server.client().post("/v1/invitations").json(invitation).send().await.ok();
    let rows = ["a@example.com", "a+x@example.com", "a@example.com", "b@example.com"];
    let row = |address: &&str| json!({ "email_address": [address] });
    let done = import(server, &rows.iter().map(row).collect::<Vec<_>>()).await;
    let refused = refusals(server, &done).await;
    let codes: Vec<_> = refused.iter().map(|(line, code, _)| (*line, code.as_str())).collect();
    assert_eq!(codes, [(2, "not_allowed_access"), (3, "form_identifier_exists")]);

    let rows =
        "{\"email_address\":[\"a+x@example.com\"]}\n{\"email_address\":[\"c@example.com\"]}\n";
    let done = send(server, "?skip_restrictions=true", rows).await.ok();
    let refused = refusals(server, &done).await;
    assert_eq!(refused, [(2, "user_quota_exceeded".to_owned(), String::new())]);

    server.settings(json!({ "user_limit": null })).await;
    let done =
        import(server, &[json!({ "email_address": ["c@example.com"], "username": "invited" })])
            .await;
    assert_eq!(done["accepted"], 1);
    assert_eq!(by_username(server, "invited").await["public_metadata"], json!({ "by": "me" }));
});

both!(webhooks_hear_of_an_import_only_if_they_are_to, async |server| {
    import(server, &[json!({ "username": "silent" })]).await;
    assert_eq!(server.events().await, []);
    send(server, "?events=true", "{\"username\":\"told\"}").await.ok();
    let user = id(&by_username(server, "told").await);
    assert_eq!(server.events().await, [("user.created".to_owned(), user)]);
});

both!(imports_are_listed_and_what_is_over_is_not_cancelled, async |server| {
    let first = import(server, &[json!({ "username": "first" })]).await;
    server.clock.advance(1000);
    let second = import(server, &[json!({ "username": "second" })]).await;
    let list = server.operator().get(&path(server, "")).send().await.ok();
    assert_eq!(list, json!({ "data": [second, first], "total_count": 2 }));
    let at = path(server, &format!("/{}", id(&first)));
    let cancelled = server.operator().post(&format!("{at}/cancel")).send().await.ok();
    assert_eq!(cancelled, first);
    assert_eq!(server.operator().get(&at).send().await.ok(), first);
});

both!(what_is_no_import_is_refused, async |server| {
    let reply = send(server, "?format=floppy", "{}").await;
    reply.refused(422, &[("form_param_value_invalid", "format")]);
    let call = server.operator().post(&path(server, "")).unchecked();
    let reply = call.body("text/plain", "{}").send().await;
    reply.refused(415, &[("unsupported_content_type", "")]);
    let reply = send(server, "", "[{\"username\":\"in_time\"},\n{\"username\":").await;
    reply.refused(400, &[("request_body_invalid", "")]);
    by_username(server, "in_time").await;
    let list = server.operator().get(&path(server, "")).send().await.ok();
    assert_eq!(list["data"][0]["status"], "failed");
    assert_eq!(list["data"][0]["accepted"], 1);
});

both!(arrays_and_tables_are_recognised, async |server| {
    let array = r#"[ {"username": "in_array"}, {"username": "in_array_too"} ]"#;
    assert_eq!(send(server, "", array).await.ok()["accepted"], 2);
    let table = "\u{feff}username,email_address,banned,public_metadata\r\n\
        in_table,t@example.com;u@example.com,true,\"{\"\"a\"\": 1}\"\r\nin_table_too,,,\r\nshort\r\n";
    let done = send(server, "", table).await.ok();
    assert_eq!((&done["accepted"], &done["refused"]), (&json!(2), &json!(1)));
    let user = by_username(server, "in_table").await;
    assert_eq!((&user["banned"], &user["public_metadata"]), (&json!(true), &json!({ "a": 1 })));
    assert_eq!(user["email_addresses"].as_array().map(Vec::len), Some(2));
});

both!(lists_know_when_imported_users_were_active, async |server| {
    let times = json!({ "last_active_at": "2024-01-02T00:00:00Z", "last_sign_in_at": "2024-01-01T00:00:00Z" });
    let mut active = json!({ "username": "active" });
    active.as_object_mut().expect("an object").extend(times.as_object().cloned().expect("times"));
    import(server, &[json!({ "username": "quiet" }), active]).await;
    // 2024-01-01T12:00:00Z
    let list = server.client().get("/v1/users").query("last_active_at_after", "1704110400000");
    let found = list.send().await.ok();
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(found[0]["username"], "active");
    assert_eq!(found[0]["last_sign_in_at"], 1_704_067_200_000_i64);
});
