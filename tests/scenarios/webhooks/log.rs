//! The log of an endpoint, and replay.

use rollbook_testkit::{Engine, Server, both};
use rollbook_worker::{Retention, prune};
use serde_json::{Value, json};

use super::receiver::{Answer, Receiver};
use super::{at, deliver, endpoint, messages, rename};
use crate::support::{id, someone, text};

const FAILED: Answer = Answer::Status(503, "come back later");
const DAY: i64 = 86_400_000;

both!(every_attempt_is_in_the_log, async |server| {
    let receiver = Receiver::start().await;
    let made = endpoint(server, &receiver, json!({})).await;
    receiver.next([FAILED]);
    someone(server, "adaada").await;
    deliver(server).await;
    let pending = &messages(server, &made, "").await[0];
    assert_eq!(pending["status"], "pending");
    let next = pending["next_attempt_at"].as_i64().expect("a time") - server.clock.now();
    assert!((5_000..=5_500).contains(&next), "{next}");
    server.clock.advance(6_000);
    deliver(server).await;

    let path = at(server, &format!("/{}/messages/{}", id(&made), id(pending)));
    let message = server.operator().get(&path).send().await.ok();
    assert_eq!((&message["status"], &message["attempts"]), (&json!("delivered"), &json!(2)));
    assert_eq!(message["body"], receiver.told()[0].body);
    assert_eq!(message["type"], "user.created");

    let attempts = server.operator().get(&format!("{path}/attempts")).send().await.ok();
    let shown: Vec<_> = attempts["data"]
        .as_array()
        .expect("an array")
        .iter()
        .map(|a| (text(&a["status"]), a["response_status"].clone(), text(&a["response_body"])))
        .collect();
    assert_eq!(
        shown,
        [("delivered", json!(200), "fine"), ("failed", json!(503), "come back later")]
    );
    assert_eq!(attempts["data"][0]["error"], Value::Null);

    let unknown = at(server, &format!("/{}/messages/evt_none", id(&made)));
    for path in [unknown.clone(), format!("{unknown}/attempts")] {
        let reply = server.operator().get(&path).send().await;
        reply.refused(404, &[("resource_not_found", "")]);
    }
    let replay = server.operator().post(&format!("{unknown}/replay")).send().await;
    replay.refused(404, &[("resource_not_found", "")]);
});

both!(nobody_there_is_in_the_log_too, async |server| {
    let mut receiver = Receiver::start().await;
    receiver.url = String::from("http://127.0.0.1:1/");
    let made = endpoint(server, &receiver, json!({})).await;
    someone(server, "adaada").await;
    deliver(server).await;
    let message = id(&messages(server, &made, "").await[0]);
    let path = at(server, &format!("/{}/messages/{message}/attempts", id(&made)));
    let attempt = server.operator().get(&path).send().await.ok()["data"][0].clone();
    assert_eq!(attempt["response_status"], Value::Null);
    assert!(attempt["error"].is_string(), "{attempt}");
});

both!(messages_are_paged_and_filtered_by_status, async |server| {
    let receiver = Receiver::start().await;
    let made = endpoint(server, &receiver, json!({})).await;
    receiver.next([FAILED]);
    for n in 0..3 {
        someone(server, &format!("person{n}")).await;
        server.clock.advance(1);
        deliver(server).await;
    }
    assert_eq!(messages(server, &made, "&status=delivered").await.len(), 2);
    assert_eq!(messages(server, &made, "&status=pending").await.len(), 1);
    assert_eq!(messages(server, &made, "&status=failed").await.len(), 0);
    let path = at(server, &format!("/{}/messages?limit=1&offset=2", id(&made)));
    let page = server.operator().get(&path).send().await.ok();
    assert_eq!((&page["total_count"], &page["data"][0]["status"]), (&json!(3), &json!("pending")));
    let bad = at(server, &format!("/{}/messages?status=lost", id(&made)));
    let reply = server.operator().get(&bad).unchecked().send().await;
    reply.refused(422, &[("form_param_value_invalid", "status")]);
});

both!(a_message_can_be_told_again_under_its_id, async |server| {
    let receiver = Receiver::start().await;
    let made = endpoint(server, &receiver, json!({})).await;
    someone(server, "adaada").await;
    deliver(server).await;
    let message = id(&messages(server, &made, "").await[0]);
    let path = at(server, &format!("/{}/messages/{message}/replay", id(&made)));
    let replayed = server.operator().post(&path).send().await.ok();
    assert_eq!(replayed["status"], "pending");
    deliver(server).await;
    let told = receiver.told();
    assert_eq!((told.len(), &told[0].body), (2, &told[1].body));
    assert_eq!(told[0].id(), told[1].id());
});

both!(what_an_endpoint_missed_can_be_replayed_since_a_time_in_order, async |server| {
    let receiver = Receiver::start().await;
    let made =
        endpoint(server, &receiver, json!({ "enabled": false, "events": ["user.updated"] })).await;
    let ada = someone(server, "adaada").await;
    rename(server, &ada, "long ago").await;
    server.clock.advance(DAY);
    let since = server.clock.now();
    for name in ["one", "two", "three"] {
        rename(server, &ada, name).await;
    }
    let one = at(server, &format!("/{}", id(&made)));
    server.operator().patch(&one).json(json!({ "enabled": true })).send().await.ok();
    assert_eq!(deliver(server).await, 0);
    let replay = format!("{one}/replay");
    let body = json!({ "since": since });
    let replayed = server.operator().post(&replay).json(body.clone()).send().await.ok();
    assert_eq!(replayed["n_messages"], 3);
    deliver(server).await;
    let names = || -> Vec<_> {
        receiver.told().iter().map(|t| t.json()["data"]["first_name"].clone()).collect()
    };
    assert_eq!(names(), ["one", "two", "three"]);

    // What was delivered stays so, unless that is asked for.
    let again = server.operator().post(&replay).json(body).send().await.ok();
    assert_eq!(again["n_messages"], 0);
    let body = json!({ "since": since, "with_delivered": true });
    server.operator().post(&replay).json(body).send().await.ok();
    deliver(server).await;
    assert_eq!(names(), ["one", "two", "three", "one", "two", "three"]);

    let missing = server.operator().post(&replay).json(json!({})).unchecked().send().await;
    missing.refused(422, &[("form_param_missing", "since")]);
});

/// On an engine of its own: on the shared one it would sweep the others' events.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_is_pruned_but_nothing_that_is_still_to_be_told() {
    let server = Server::start(Engine::Sqlite).await.expect("a server");
    let (well, ill) = (Receiver::start().await, Receiver::start().await);
    let heard = endpoint(&server, &well, json!({})).await;
    let unheard = endpoint(&server, &ill, json!({})).await;
    ill.always(FAILED);
    someone(&server, "adaada").await;
    deliver(&server).await;
    server.clock.advance(3 * DAY);
    let retention = Retention { outbox_days: 2 };
    prune(&server.ctx, retention).await.expect("a sweep");
    assert_eq!(messages(&server, &heard, "").await.len(), 0);
    assert_eq!(messages(&server, &unheard, "").await.len(), 1);
    assert_eq!(server.outbox().await.len(), 1);

    // A disabled endpoint keeps nothing for ever.
    let one = at(&server, &format!("/{}", id(&unheard)));
    server.operator().patch(&one).json(json!({ "enabled": false })).send().await.ok();
    prune(&server.ctx, retention).await.expect("a sweep");
    assert_eq!(messages(&server, &unheard, "&status=failed").await.len(), 1);
    server.clock.advance(3 * DAY);
    prune(&server.ctx, retention).await.expect("a sweep");
    prune(&server.ctx, retention).await.expect("a sweep");
    assert_eq!(server.outbox().await.len(), 0);
    server.end().await;
}
