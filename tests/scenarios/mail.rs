//! Mail to users, as an operator finds it in the mailbox of an instance.
//!
//! On PostgreSQL the tests share a database, and with it whoever sends: mail may
//! be gone before the test that caused it looks.

use std::time::{Duration, Instant};

use rollbook_mail::Mailer;
use rollbook_testkit::{Server, both};
use serde_json::{Value, json};

use crate::support::{delete_instance, id, path, text};

async fn someone_with_two_addresses(server: &Server, first: &str, second: &str) -> Value {
    server.create_user(json!({ "email_address": [first, second] })).await
}

async fn make_primary(server: &Server, user: &Value, n: usize, notify: bool) {
    let body = json!({
        "primary_email_address_id": user["email_addresses"][n]["id"],
        "notify_primary_email_address_changed": notify,
    });
    server.client().patch(&path(&id(user), "")).json(body).send().await.ok();
}

fn mailbox(instance: &str, query: &str) -> String {
    format!("/admin/v1/instances/{instance}/mailbox{query}")
}

async fn list(server: &Server, query: &str) -> Value {
    let path = mailbox(server.instance_id.as_str(), query);
    server.operator().get(&path).send().await.ok()
}

/// Has everything sent and waits until it is.
async fn drain(server: &Server) {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        rollbook_worker::deliver(&server.ctx, &Mailer::Mailbox).await.expect("a store that works");
        let list = list(server, "?limit=500").await;
        let mut mails = list["data"].as_array().expect("an array").iter();
        if mails.all(|mail| mail["status"] != "queued") {
            return;
        }
        assert!(Instant::now() < end, "mail is left: {list}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

both!(a_change_of_the_primary_address_puts_one_mail_in_the_mailbox_if_asked, async |server| {
    let user = someone_with_two_addresses(server, "a@example.com", "b@example.com").await;
    make_primary(server, &user, 1, true).await;
    make_primary(server, &user, 0, false).await;
    make_primary(server, &user, 0, true).await;
    drain(server).await;

    let list = list(server, "").await;
    assert_eq!(list["total_count"], 1, "{list}");
    let mail = &list["data"][0];
    let expected = [
        ("object", json!("email")),
        ("slug", json!("primary_email_address_changed")),
        ("to_email_address", json!("a@example.com")),
        ("email_address_id", user["email_addresses"][0]["id"].clone()),
        ("user_id", user["id"].clone()),
        ("status", json!("sent")),
        ("attempts", json!(1)),
        ("last_error", Value::Null),
    ];
    for (name, value) in expected {
        assert_eq!(mail[name], value, "{name}");
    }
    assert!(text(&mail["body_plain"]).contains("is now b@example.com."), "{mail}");
    assert!(text(&mail["body"]).contains("<p>Hello,</p>"), "{mail}");

    let mut events = server.outbox().await;
    events.retain(|event| event.kind == "email.created");
    assert_eq!(events.len(), 1);
    let event: Value = serde_json::from_str(&events[0].data).expect("JSON");
    assert_eq!(event["status"], "queued");
    for (name, value) in event.as_object().expect("an object") {
        assert!(name == "status" || *value == mail[name], "{name} is not what was mailed");
    }
});

both!(what_was_committed_is_sent_after_a_restart, async |server| {
    let user = someone_with_two_addresses(server, "a@example.com", "b@example.com").await;
    make_primary(server, &user, 1, true).await;
    server.restart().await;
    drain(server).await;
    assert_eq!(list(server, "").await["data"][0]["status"], "sent");
});

both!(a_refused_change_mails_nobody, async |server| {
    let user = someone_with_two_addresses(server, "a@example.com", "b@example.com").await;
    let body = json!({
        "primary_email_address_id": user["email_addresses"][1]["id"],
        "notify_primary_email_address_changed": true,
        "username": "not a username!",
    });
    assert_eq!(server.client().patch(&path(&id(&user), "")).json(body).send().await.status, 422);
    assert_eq!(list(server, "").await["total_count"], 0);
});

both!(the_mailbox_is_paged_newest_first_and_can_be_emptied, async |server| {
    let user = someone_with_two_addresses(server, "a@example.com", "b@example.com").await;
    for n in [1, 0, 1] {
        server.clock.advance(1);
        make_primary(server, &user, n, true).await;
    }
    let to = |list: &Value| -> Vec<String> {
        let mails = list["data"].as_array().expect("an array").iter();
        mails.map(|mail| text(&mail["to_email_address"]).to_owned()).collect()
    };
    let all = list(server, "").await;
    assert_eq!(to(&all), ["a@example.com", "b@example.com", "a@example.com"]);
    let created: Vec<_> =
        all["data"].as_array().expect("an array").iter().map(|mail| &mail["created_at"]).collect();
    assert!(created.is_sorted_by_key(|at| std::cmp::Reverse(at.as_i64())), "{created:?}");
    let second = list(server, "?limit=1&offset=1").await;
    assert_eq!((to(&second), &second["total_count"]), (vec!["b@example.com".into()], &json!(3)));

    let operator = server.operator();
    let box_ = mailbox(server.instance_id.as_str(), "");
    let refused = operator.get(&format!("{box_}?limit=501")).unchecked().send().await;
    refused.refused(422, &[("form_param_value_invalid", "limit")]);
    let deleted = operator.delete(&box_).send().await.ok();
    assert_eq!(deleted, json!({ "object": "mailbox", "id": server.instance_id, "deleted": true }));
    assert_eq!(list(server, "").await, json!({ "total_count": 0, "data": [] }));
});

both!(a_mailbox_is_the_operators_and_of_one_instance, async |server| {
    let user = someone_with_two_addresses(server, "a@example.com", "b@example.com").await;
    make_primary(server, &user, 1, true).await;
    let box_ = mailbox(server.instance_id.as_str(), "");
    for method in ["GET", "DELETE"] {
        let method = || method.parse().expect("a method");
        assert_eq!(server.client().call(method(), &box_).send().await.status, 401);
        let none = mailbox("ins_none", "");
        assert_eq!(server.operator().call(method(), &none).send().await.status, 404);
    }

    // A fork has the users but not what was mailed to them.
    let fork = format!("/admin/v1/instances/{}/fork", server.instance_id);
    let fork = id(&server.operator().post(&fork).json(json!({})).send().await.ok());
    let forked = server.operator().get(&mailbox(&fork, "")).send().await.ok();
    assert_eq!(forked["total_count"], 0);
    delete_instance(server, &fork).await;

    let reset = format!("/admin/v1/instances/{}/reset", server.instance_id);
    assert_eq!(list(server, "").await["total_count"], 1);
    server.operator().post(&reset).send().await.ok();
    assert_eq!(list(server, "").await["total_count"], 0);
});
