//! `/v1/allowlist_identifiers`, `/v1/blocklist_identifiers`, and whom they let in.

use rollbook_testkit::{Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{delete_instance, id, instance, path, someone, text};

async fn put(server: &Server, list: &str, identifier: &str) -> Reply {
    let at = format!("/v1/{list}_identifiers");
    server.client().post(&at).json(json!({ "identifier": identifier })).send().await
}

async fn restrict(server: &Server, rules: Value) {
    server.client().patch("/v1/instance/restrictions").json(rules).send().await.ok();
}

async fn sign_up(server: &Server, email: &str) -> Reply {
    server.client().post("/v1/users").json(json!({ "email_address": [email] })).send().await
}

/// Which of these addresses may come in, each with a user that is deleted again.
async fn admitted(server: &Server, emails: &[&str]) -> Vec<bool> {
    let mut admitted = Vec::new();
    for email in emails {
        let reply = sign_up(server, email).await;
        if reply.status == 200 {
            server.client().delete(&path(&id(&reply.ok()), "")).send().await.ok();
        } else {
            reply.refused(403, &[("not_allowed_access", "email_address")]);
            assert_eq!(reply.json()["errors"][0]["meta"]["identifiers"], json!([email]));
        }
        admitted.push(reply.status == 200);
    }
    admitted
}

both!(entries_are_listed_newest_first_and_deleted_by_id, async |server| {
    let client = server.client();
    for (list, object) in
        [("allowlist", "allowlist_identifier"), ("blocklist", "blocklist_identifier")]
    {
        let at = format!("/v1/{list}_identifiers");
        let mut made = Vec::new();
        for identifier in ["Ada@Example.com", "*@example.org", "+12025550101"] {
            made.insert(0, put(server, list, identifier).await.ok());
            server.clock.advance(1000);
        }
        assert_eq!(made[2]["identifier"], "ada@example.com");
        assert_eq!(
            (&made[2]["object"], &made[0]["identifier_type"]),
            (&json!(object), &json!("phone_number"))
        );
        put(server, list, "ada@EXAMPLE.com")
            .await
            .refused(400, &[("duplicate_record", "identifier")]);
        let all = client.get(&at).send().await.ok();
        let page = client.get(&at).query("paginated", true).query("limit", 1).query("offset", 1);
        let page = page.send().await.ok();
        if list == "allowlist" {
            assert_eq!(all, json!(made));
            assert_eq!(page, json!({ "data": [made[1]], "total_count": 3 }));
        } else {
            assert_eq!(all, json!({ "data": made, "total_count": 3 }));
        }
        let one = format!("{at}/{}", text(&made[0]["id"]));
        let gone = client.delete(&one).send().await.ok();
        assert_eq!(gone, json!({ "object": object, "id": made[0]["id"], "deleted": true }));
        client.delete(&one).send().await.refused(404, &[("resource_not_found", "")]);
        put(server, list, "+1 202 555 0101").await.ok();
    }
});

both!(wrong_entries_are_refused_by_name, async |server| {
    for (list, other) in [("allowlist", "blocklist"), ("blocklist", "allowlist")] {
        for (identifier, code) in [
            ("", "form_param_missing"),
            ("ada", "form_param_format_invalid"),
            ("*@*", "form_param_format_invalid"),
            ("*.example.com", "form_param_format_invalid"),
        ] {
            put(server, list, identifier).await.refused(422, &[(code, "identifier")]);
        }
        let at = format!("/v1/{list}_identifiers");
        let call = server.client().post(&at).json(json!({ "identifier": 1, "colour": 2 }));
        call.send().await.refused(
            422,
            &[("form_param_value_invalid", "identifier"), ("form_param_unknown", "colour")],
        );
        // What is on one list is not on the other.
        let entry = put(server, list, "a@example.com").await.ok();
        let there = format!("/v1/{other}_identifiers/{}", text(&entry["id"]));
        server.client().delete(&there).send().await.refused(404, &[("resource_not_found", "")]);
    }
    let page = server.client().get("/v1/allowlist_identifiers?limit=0&offset=-1").send().await;
    assert_eq!(page.status, 422);
});

both!(the_allow_list_admits_addresses_and_domains_in_any_letter_case, async |server| {
    for entry in ["Ada@Example.com", "*@x.example", "*@*.y.example"] {
        put(server, "allowlist", entry).await.ok();
    }
    let emails = [
        "ADA@example.com",
        "ada+1@example.com",
        "eve@example.com",
        "a@x.example",
        "a@z.x.example",
        "a@z.y.example",
        "a@q.z.y.example",
        "a@y.example",
    ];
    assert_eq!(admitted(server, &emails).await, [true; 8]);
    restrict(server, json!({ "allowlist": true })).await;
    let expected = [true, false, false, true, false, true, true, false];
    assert_eq!(admitted(server, &emails[1..]).await, expected[1..]);
    assert_eq!(admitted(server, &["ada@example.com"]).await, [true]);
    let nameless = server.client().post("/v1/users").json(json!({ "username": "adaada" }));
    nameless.send().await.refused(403, &[("not_allowed_access", "username")]);
});

both!(the_block_list_shuts_subaddresses_out_too_and_the_allow_list_wins, async |server| {
    put(server, "blocklist", "ada@example.com").await.ok();
    put(server, "blocklist", "*@bad.example").await.ok();
    restrict(server, json!({ "blocklist": true })).await;
    let emails = ["ada@example.com", "ada+1@example.com", "ad@example.com", "x@bad.example"];
    assert_eq!(admitted(server, &emails).await, [false, false, true, false]);
    put(server, "allowlist", "x@bad.example").await.ok();
    put(server, "allowlist", "ad@example.com").await.ok();
    restrict(server, json!({ "allowlist": true })).await;
    assert_eq!(admitted(server, &emails).await, [false, false, true, true]);
});

both!(numbers_wallets_and_later_addresses_are_held_against_the_lists_too, async |server| {
    let user = someone(server, "adaada").await;
    for entry in ["+12025550101", "0x71C7656EC7ab88b098defB751B7401B5f6d8976F", "a@example.com"] {
        put(server, "blocklist", entry).await.ok();
    }
    restrict(server, json!({ "blocklist": true })).await;
    let client = server.client();
    let refused = |param| [("not_allowed_access", param)];
    let body = json!({
        "phone_number": ["+12025550101"], "first_name": "\n",
        "web3_wallet": ["0x71c7656ec7ab88b098defb751b7401b5f6d8976f"],
    });
    let reply = client.post("/v1/users").json(body).send().await;
    let problems = reply.problems();
    assert_eq!((reply.status, problems.len()), (422, 3), "{}", reply.text());
    for (at, param, value) in [
        ("/v1/phone_numbers", "phone_number", "+12025550101"),
        ("/v1/email_addresses", "email_address", "A@example.com"),
    ] {
        let body = json!({ "user_id": user, param: value });
        client.post(at).json(body).send().await.refused(403, &refused(param));
        let put = client.put(&path(&user, &format!("/{param}"))).json(json!({ param: value }));
        put.send().await.refused(403, &refused(param));
    }
});

both!(one_mailbox_is_for_one_user_where_subaddresses_are_blocked, async |server| {
    sign_up(server, "ada+first@example.com").await.ok();
    sign_up(server, "a.b@gmail.com").await.ok();
    restrict(server, json!({ "block_email_subaddresses": true })).await;
    let emails = [
        "ada@example.com",
        "ada+2@example.com",
        "ada=2@example.com",
        "ab+x@gmail.com",
        "adb@example.com",
        "new+1@example.com",
    ];
    assert_eq!(admitted(server, &emails).await, [false, false, false, false, true, true]);
    sign_up(server, "ada+first@example.com")
        .await
        .refused(422, &[("form_identifier_exists", "email_address")]);
    restrict(
        server,
        json!({ "block_email_subaddresses": false, "ignore_dots_for_gmail_addresses": true }),
    )
    .await;
    let emails = ["ada+2@example.com", "ab@gmail.com", "ab+x@gmail.com"];
    assert_eq!(admitted(server, &emails).await, [true, false, true]);
});

both!(of_two_subaddresses_of_one_mailbox_at_once_one_comes_in, async |server| {
    restrict(server, json!({ "block_email_subaddresses": true })).await;
    for round in 0..5 {
        let calls = [1, 2].map(|n| {
            let email = format!("ada{round}+{n}@example.com");
            let body = json!({ "email_address": [email] });
            tokio::spawn(server.client().post("/v1/users").json(body).send())
        });
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.expect("sent").status);
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403]);
    }
});

both!(of_two_users_given_one_mailbox_at_once_one_gets_it, async |server| {
    let users = [someone(server, "lovelace").await, someone(server, "hopper").await];
    restrict(server, json!({ "block_email_subaddresses": true })).await;
    for round in 0..10 {
        let calls = users.iter().enumerate().map(|(n, user)| {
            let email = format!("ada{round}+{n}@example.com");
            let body = json!({ "user_id": user, "email_address": email, "verified": true });
            tokio::spawn(server.client().post("/v1/email_addresses").json(body).send())
        });
        let calls: Vec<_> = calls.collect();
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.expect("sent").status);
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403]);
    }
});

both!(mailboxes_to_throw_away_are_refused_where_the_instance_says_so, async |server| {
    assert_eq!(admitted(server, &["a@mailinator.com"]).await, [true]);
    restrict(server, json!({ "block_disposable_email_domains": true })).await;
    assert_eq!(admitted(server, &["a@mailinator.com", "a@example.com"]).await, [false, true]);
});

both!(the_lists_of_an_instance_are_its_own, async |server| {
    let entry = put(server, "blocklist", "a@example.com").await.ok();
    let (other, client) = instance(server, json!({})).await;
    let list = client.get("/v1/blocklist_identifiers").send().await.ok();
    assert_eq!(list, json!({ "data": [], "total_count": 0 }));
    let at = format!("/v1/blocklist_identifiers/{}", text(&entry["id"]));
    client.delete(&at).send().await.refused(404, &[("resource_not_found", "")]);
    client.patch("/v1/instance/restrictions").json(json!({ "blocklist": true })).send().await.ok();
    let body = json!({ "email_address": ["a@example.com"] });
    client.post("/v1/users").json(body).send().await.ok();
    delete_instance(server, &other).await;
});
