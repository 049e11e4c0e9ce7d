//! Events: in the order in which they happened, with the body that the API shows.

use rollbook_testkit::both;
use serde_json::{Value, json};

use crate::support::{id, path};

both!(events_of_a_user_are_in_their_order_though_the_clock_stands, async |server| {
    let user = id(&server.create_user(json!({ "username": "adaada" })).await);
    for n in 0..20 {
        let body = json!({ "first_name": format!("Ada {n}") });
        server.client().patch(&path(&user, "")).json(body).send().await.ok();
    }
    server.client().delete(&path(&user, "")).send().await.ok();
    let events = server.outbox().await;
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds.first().zip(kinds.last()), Some((&"user.created", &"user.deleted")));
    for (n, event) in events[1..21].iter().enumerate() {
        let body: Value = serde_json::from_str(&event.data).expect("JSON");
        assert_eq!(body["first_name"], format!("Ada {n}"));
    }
});

both!(an_event_holds_what_the_api_showed_then, async |server| {
    let created = server.create_user(json!({ "username": "adaada", "external_id": "crm-7" })).await;
    let user = id(&created);
    let body = json!({ "public_metadata": { "plan": "pro" } });
    let changed = server.client().patch(&path(&user, "")).json(body).send().await.ok();
    let events = server.outbox().await;
    let bodies: Vec<Value> =
        events.iter().map(|event| serde_json::from_str(&event.data).expect("JSON")).collect();
    assert_eq!(bodies, [created, changed]);
});

both!(concurrent_changes_of_a_user_each_have_their_place, async |server| {
    let user = id(&server.create_user(json!({ "username": "adaada" })).await);
    let changes = (0..12).map(|n| {
        let body = json!({ "public_metadata": { format!("k{n}"): n } });
        let call = server.client().patch(&path(&user, "/metadata")).json(body);
        tokio::spawn(async move { call.send().await.ok() })
    });
    for change in changes.collect::<Vec<_>>() {
        change.await.expect("an answer");
    }
    // Each sees all that those before it did.
    for (n, event) in server.outbox().await.iter().enumerate() {
        let body: Value = serde_json::from_str(&event.data).expect("JSON");
        assert_eq!(body["public_metadata"].as_object().map(serde_json::Map::len), Some(n));
    }
});
