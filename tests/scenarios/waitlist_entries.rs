//! The waitlist: who waits, is invited, turned down, or a user in the end.

use rollbook_testkit::{Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{delete_instance, id, ids, instance, text};

const AT: &str = "/v1/waitlist_entries";

async fn wait(server: &Server, address: &str) -> Value {
    let call = server.client().post(AT);
    call.json(json!({ "email_address": address, "notify": false })).send().await.ok()
}

async fn act(server: &Server, entry: &Value, what: &str) -> Reply {
    server.client().post(&format!("{AT}/{}/{what}", id(entry))).json(json!({})).send().await
}

async fn list(server: &Server, query: &str) -> Value {
    server.client().get(&format!("{AT}?{query}")).send().await.ok()
}

async fn mailed(server: &Server) -> Vec<String> {
    let path = format!("/admin/v1/instances/{}/mailbox", server.instance_id);
    let page = server.operator().get(&path).send().await.ok();
    let data = page["data"].as_array().expect("a page");
    data.iter().map(|mail| text(&mail["slug"]).to_owned()).collect()
}

both!(an_address_waits_once, async |server| {
    let body = json!({ "email_address": "Ada@example.com" });
    let made = server.client().post(AT).json(body.clone()).send().await.ok();
    assert_eq!(
        (&made["email_address"], &made["status"]),
        (&json!("ada@example.com"), &json!("pending"))
    );
    assert_eq!((&made["is_locked"], &made["invitation"]), (&json!(false), &Value::Null));
    assert_eq!(mailed(server).await, ["waitlist_confirmation"]);
    server.clock.advance(5);
    let again = server.client().post(AT).json(body).send().await.ok();
    assert_eq!(again, made);
    assert_eq!(mailed(server).await.len(), 1);
    let kinds: Vec<_> = server.events().await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["email.created", "waitlistEntry.created"]);
    // Two at once make one.
    let (a, b) = tokio::join!(wait(server, "b@example.com"), wait(server, "b@example.com"));
    assert_eq!(id(&a), id(&b));
    assert_eq!(list(server, "").await["total_count"], 2);
});

both!(who_is_no_address_or_a_user_already_does_not_wait, async |server| {
    server.create_user(json!({ "email_address": ["u@example.com"] })).await;
    for (body, code) in [
        (json!({}), "form_param_missing"),
        (json!({ "email_address": "x" }), "form_param_format_invalid"),
        (json!({ "email_address": "u@example.com" }), "form_identifier_exists"),
    ] {
        let reply = server.client().post(AT).json(body).unchecked().send().await;
        reply.refused(422, &[(code, "email_address")]);
    }
    assert_eq!(list(server, "").await["total_count"], 0);
});

both!(several_wait_at_once_or_none, async |server| {
    let there = wait(server, "b@example.com").await;
    let bulk =
        |body: Value| server.client().post(&format!("{AT}/bulk")).json(body).unchecked().send();
    let addresses = ["c@example.com", "b@example.com", "a@example.com"];
    let body = addresses.map(|address| json!({ "email_address": address, "notify": false }));
    let made = bulk(json!(body)).await.ok();
    let found: Vec<_> =
        made.as_array().expect("entries").iter().map(|e| text(&e["email_address"])).collect();
    assert_eq!(found, addresses);
    assert_eq!(made[1], there);
    let twice = json!([{ "email_address": "d@example.com" }, { "email_address": "D@example.com" }]);
    bulk(twice).await.refused(422, &[("form_param_duplicate", "email_address")]);
    let many: Vec<_> =
        (0..51).map(|n| json!({ "email_address": format!("x{n}@example.com") })).collect();
    bulk(json!(many)).await.refused(400, &[("bulk_size_exceeded", "")]);
    assert_eq!(list(server, "").await["total_count"], 3);
});

both!(an_entry_is_invited_by_mail, async |server| {
    let entry = wait(server, "a@example.com").await;
    server.clock.advance(5);
    let invited = act(server, &entry, "invite").await.ok();
    assert_eq!(
        (&invited["status"], &invited["invitation"]["status"]),
        (&json!("invited"), &json!("pending"))
    );
    assert_eq!(invited["updated_at"], server.clock.now());
    assert_eq!(mailed(server).await, ["waitlist_invitation"]);
    let invitations = server.client().get("/v1/invitations").send().await.ok();
    assert_eq!(invitations[0], invited["invitation"]);
    act(server, &entry, "invite").await.refused(400, &[("duplicate_record", "email_address")]);
    let at = format!("{AT}/{}/invite", id(&entry));
    let again =
        server.client().post(&at).json(json!({ "ignore_existing": true })).send().await.ok();
    assert_ne!(again["invitation"]["id"], invited["invitation"]["id"]);
    act(server, &entry, "reject").await.refused(400, &[("bad_request", "")]);
    let delete = server.client().delete(&format!("{AT}/{}", id(&entry))).send().await;
    delete.refused(400, &[("bad_request", "")]);
});

both!(an_entry_is_turned_down_and_may_be_invited_after_all, async |server| {
    let entry = wait(server, "a@example.com").await;
    let rejected = act(server, &entry, "reject").await.ok();
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(act(server, &entry, "reject").await.ok(), rejected);
    assert_eq!(act(server, &entry, "invite").await.ok()["status"], "invited");
});

both!(an_entry_that_waits_is_deleted, async |server| {
    let entry = wait(server, "a@example.com").await;
    let at = format!("{AT}/{}", id(&entry));
    let deleted = server.client().delete(&at).send().await.ok();
    assert_eq!(deleted, json!({ "object": "waitlist_entry", "id": id(&entry), "deleted": true }));
    server.client().delete(&at).send().await.refused(404, &[("resource_not_found", "")]);
    for what in ["invite", "reject"] {
        act(server, &entry, what).await.refused(404, &[("resource_not_found", "")]);
    }
});

both!(who_becomes_a_user_no_longer_waits, async |server| {
    let (waits, invited) =
        (wait(server, "a@example.com").await, wait(server, "b@example.com").await);
    act(server, &invited, "invite").await.ok();
    server.create_user(json!({ "email_address": ["a@example.com"] })).await;
    server.create_user(json!({ "email_address": ["b@example.com"] })).await;
    let done = list(server, "status=completed&order_by=email_address").await;
    assert_eq!(ids(&done["data"]), [id(&waits), id(&invited)]);
    assert_eq!(done["data"][1]["invitation"]["status"], "accepted");
    for entry in [&waits, &invited] {
        assert!(server.events().await.contains(&("waitlistEntry.updated".to_owned(), id(entry))));
    }
    act(server, &waits, "invite").await.refused(400, &[("bad_request", "")]);
});

both!(lists_filter_sort_and_page, async |server| {
    let mut made = Vec::new();
    for address in ["c@example.com", "a@example.com", "b@example.net"] {
        server.clock.advance(1);
        made.push(wait(server, address).await);
    }
    for entry in [&made[1], &made[0]] {
        server.clock.advance(1);
        act(server, entry, "invite").await.ok();
    }
    let [c, a, b] = [id(&made[0]), id(&made[1]), id(&made[2])];
    for (query, expected) in [
        (String::new(), vec![&b, &a, &c]),
        ("order_by=email_address".to_owned(), vec![&a, &b, &c]),
        ("order_by=invited_at".to_owned(), vec![&a, &c, &b]),
        ("order_by=-invited_at&limit=2".to_owned(), vec![&c, &a]),
        ("query=Example.COM&order_by=created_at".to_owned(), vec![&c, &a]),
        (format!("query={b}"), vec![&b]),
        ("status=pending".to_owned(), vec![&b]),
        ("status=invited&offset=1".to_owned(), vec![&c]),
    ] {
        let found = list(server, &query).await;
        assert_eq!(ids(&found["data"]).iter().collect::<Vec<_>>(), expected, "{query}");
    }
    for (query, name) in [("status=expired", "status"), ("order_by=status", "order_by")] {
        let reply = server.client().get(&format!("{AT}?{query}")).unchecked().send().await;
        reply.refused(422, &[("form_param_value_invalid", name)]);
    }
});

both!(entries_of_another_instance_are_unknown, async |server| {
    let entry = wait(server, "a@example.com").await;
    let (other, client) = instance(server, json!({})).await;
    assert_eq!(client.get(AT).send().await.ok()["total_count"], 0);
    let at = format!("{AT}/{}", id(&entry));
    for call in [
        client.delete(&at),
        client.post(&format!("{at}/invite")),
        client.post(&format!("{at}/reject")),
    ] {
        call.send().await.refused(404, &[("resource_not_found", "")]);
    }
    delete_instance(server, &other).await;
});
