//! Endpoints: made, changed, deleted; their filters and secrets.

use rollbook_testkit::both;
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{at, deliver, endpoint, now, rename};
use crate::support::{delete_instance, id, instance, someone, text};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

both!(an_endpoint_is_made_read_changed_and_deleted, async |server| {
    let operator = server.operator();
    let made = operator
        .post(&at(server, ""))
        .json(json!({ "url": "https://example.com/hooks", "description": "CRM",
            "events": ["user.created"], "secret": SECRET }))
        .send()
        .await
        .ok();
    assert_eq!(made["secret"], SECRET);
    assert_eq!(made["enabled"], true);
    let mut shown = made.clone();
    shown.as_object_mut().expect("an object").remove("secret");
    assert_eq!(now(server, &made).await, shown);
    let all = operator.get(&at(server, "")).send().await.ok();
    assert_eq!(all, json!({ "total_count": 1, "data": [shown] }));

    let one = at(server, &format!("/{}", id(&made)));
    let body = json!({ "url": "http://example.com/", "events": [], "enabled": false });
    let changed = operator.patch(&one).json(body).send().await.ok();
    assert_eq!(changed["events"], json!([]));
    assert_eq!(changed["enabled"], false);
    assert_eq!(changed["description"], "CRM");
    assert_eq!(changed["disabled_reason"], Value::Null);

    let deleted = operator.delete(&one).send().await.ok();
    assert_eq!(deleted, json!({ "object": "webhook_endpoint", "id": made["id"], "deleted": true }));
    for call in [operator.get(&one), operator.delete(&one), operator.patch(&one)] {
        call.send().await.refused(404, &[("resource_not_found", "")]);
    }
});

both!(all_problems_of_an_endpoint_are_told_at_once, async |server| {
    let refused = server
        .operator()
        .post(&at(server, ""))
        .json(json!({ "url": "ftp://example.com", "events": ["user.banned"], "secret": "hunter2",
            "description": "x".repeat(1025), "enabled": "yes", "colour": 1 }))
        .unchecked()
        .send()
        .await;
    refused.refused(
        422,
        &[
            ("form_param_value_invalid", "enabled"),
            ("form_param_unknown", "colour"),
            ("form_param_value_invalid", "url"),
            ("form_param_max_length_exceeded", "description"),
            ("form_param_value_invalid", "events"),
            ("form_param_format_invalid", "secret"),
        ],
    );
    let missing = server.operator().post(&at(server, "")).json(json!({})).unchecked().send().await;
    missing.refused(422, &[("form_param_missing", "url")]);
    let credentials = json!({ "url": "https://ada:pw@example.com" });
    let refused = server.operator().post(&at(server, "")).json(credentials).send().await;
    refused.refused(422, &[("form_param_value_invalid", "url")]);
    assert_eq!(server.operator().get(&at(server, "")).send().await.ok()["total_count"], 0);
});

both!(an_instance_has_no_more_than_fifty_endpoints, async |server| {
    let body = json!({ "url": "https://example.com/hooks" });
    for _ in 0..50 {
        server.operator().post(&at(server, "")).json(body.clone()).send().await.ok();
    }
    let refused = server.operator().post(&at(server, "")).json(body).send().await;
    refused.refused(403, &[("quota_exceeded", "")]);
});

both!(only_the_operator_sees_endpoints_and_only_those_of_the_instance, async |server| {
    let receiver = Receiver::start().await;
    let made = endpoint(server, &receiver, json!({})).await;
    let one = at(server, &format!("/{}", id(&made)));
    server.client().get(&one).send().await.refused(401, &[("authentication_invalid", "")]);

    let (other, client) = instance(server, json!({})).await;
    let elsewhere = format!("/admin/v1/instances/{other}/webhook_endpoints/{}", id(&made));
    for below in ["", "/secrets", "/messages"] {
        let reply = server.operator().get(&format!("{elsewhere}{below}")).send().await;
        reply.refused(404, &[("resource_not_found", "")]);
    }
    // What happens elsewhere is told nobody here.
    client.post("/v1/users").json(json!({ "username": "adaada" })).send().await.ok();
    someone(server, "grace").await;
    deliver(server).await;
    let told = receiver.told();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].json()["data"]["username"], "grace");
    delete_instance(server, &other).await;
});

both!(a_filter_lets_only_its_types_through, async |server| {
    let (some, all) = (Receiver::start().await, Receiver::start().await);
    endpoint(server, &some, json!({ "events": ["user.deleted", "user.created"] })).await;
    endpoint(server, &all, json!({})).await;
    let user = someone(server, "adaada").await;
    rename(server, &user, "Ada").await;
    server.client().delete(&format!("/v1/users/{user}")).send().await.ok();
    deliver(server).await;
    assert_eq!(some.kinds(), ["user.created", "user.deleted"]);
    assert_eq!(all.kinds(), ["user.created", "user.updated", "user.deleted"]);
});

both!(a_new_endpoint_hears_nothing_of_the_past, async |server| {
    let user = someone(server, "adaada").await;
    let receiver = Receiver::start().await;
    endpoint(server, &receiver, json!({})).await;
    rename(server, &user, "Ada").await;
    deliver(server).await;
    assert_eq!(receiver.kinds(), ["user.updated"]);
});

both!(the_old_secret_signs_for_a_day_after_a_rotation, async |server| {
    let receiver = Receiver::start().await;
    let made = endpoint(server, &receiver, json!({ "secret": SECRET })).await;
    let secrets = at(server, &format!("/{}/secrets", id(&made)));
    let rotate = format!("{secrets}/rotate");
    let new = server.operator().post(&rotate).json(json!({})).send().await.ok();
    assert_ne!(new["secret"], SECRET);
    let all = server.operator().get(&secrets).send().await.ok();
    assert_eq!(all["data"][0]["secret"], new["secret"]);
    assert_eq!(all["data"][1]["secret"], SECRET);
    assert_eq!(all["data"][1]["expires_at"], server.clock.now() + 86_400_000);

    let user = someone(server, "adaada").await;
    deliver(server).await;
    server.clock.advance(86_400_000);
    rename(server, &user, "Ada").await;
    deliver(server).await;
    let told = receiver.told();
    let signatures = |n: usize| told[n].headers["svix-signature"].split(' ').count();
    assert_eq!((signatures(0), signatures(1)), (2, 1));
    let left = server.operator().get(&secrets).send().await.ok();
    assert_eq!(left["total_count"], 1);

    let bad = server.operator().post(&rotate).json(json!({ "secret": "whsec_short" })).send().await;
    bad.refused(422, &[("form_param_format_invalid", "secret")]);
});

both!(no_secret_lies_in_the_open, async |server| {
    let receiver = Receiver::start().await;
    let made = endpoint(server, &receiver, json!({})).await;
    let base64 = text(&made["secret"]).trim_start_matches("whsec_").to_owned();
    let (instance, endpoint) = (server.instance_id.clone(), id(&made).parse().expect("an id"));
    let now = server.clock.now();
    let kept = server
        .write(move |tx| {
            rollbook_store::webhook_endpoints::secrets_of(tx, &instance, &endpoint, now)
        })
        .await;
    let sealed = String::from_utf8_lossy(&kept[0].sealed).into_owned();
    assert!(!sealed.contains(&base64));
    let Some(file) = server.database_file() else { return };
    let mut bytes = std::fs::read(&file).expect("the database");
    bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
    assert!(!bytes.windows(base64.len()).any(|window| window == base64.as_bytes()));
});

both!(a_test_is_told_one_endpoint_alone_whatever_it_listens_to, async |server| {
    let (one, other) = (Receiver::start().await, Receiver::start().await);
    let made = endpoint(server, &one, json!({ "events": ["user.deleted"] })).await;
    endpoint(server, &other, json!({})).await;
    let path = at(server, &format!("/{}/test", id(&made)));
    let message = server.operator().post(&path).send().await.ok();
    assert_eq!(message["type"], "webhook.test");
    deliver(server).await;
    assert_eq!(one.kinds(), ["webhook.test"]);
    assert_eq!(one.told()[0].id(), text(&message["id"]));
    assert_eq!(other.kinds().len(), 0);
});

both!(a_fork_and_a_reset_instance_have_no_endpoints, async |server| {
    let receiver = Receiver::start().await;
    endpoint(server, &receiver, json!({})).await;
    someone(server, "adaada").await;
    let instance = format!("/admin/v1/instances/{}", server.instance_id);
    let fork = server.operator().post(&format!("{instance}/fork")).json(json!({}));
    let fork = id(&fork.send().await.ok());
    let path = format!("/admin/v1/instances/{fork}/webhook_endpoints");
    assert_eq!(server.operator().get(&path).send().await.ok()["total_count"], 0);
    delete_instance(server, &fork).await;

    server.operator().post(&format!("{instance}/reset")).send().await.ok();
    assert_eq!(server.operator().get(&at(server, "")).send().await.ok()["total_count"], 0);
    assert_eq!(deliver(server).await, 0);
});
