//! Delivery: what is sent, when again, and in which order.

use rollbook_testkit::{Engine, Server, both};
use serde_json::{Value, json};

use super::receiver::{Answer, Receiver, Told};
use super::{at, deliver, endpoint, messages, now, rename};
use crate::support::{id, someone};

const SECOND: i64 = 1000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

const FAILED: Answer = Answer::Status(500, "no");

/// What the schedule says, with its jitter.
const PAUSES: [i64; 7] =
    [5 * SECOND, 300 * SECOND, 1800 * SECOND, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR];

fn names(told: &[Told]) -> Vec<String> {
    let name = |told: &Told| told.json()["data"]["first_name"].as_str().unwrap_or("").to_owned();
    told.iter().map(name).collect()
}

both!(an_event_is_told_in_its_envelope_with_both_families_of_headers, async |server| {
    let receiver = Receiver::start().await;
    endpoint(server, &receiver, json!({})).await;
    let call = server.client().post("/v1/users").header("user-agent", "sdk/1.0");
    let user = call.json(json!({ "username": "adaada", "external_id": "7" })).send().await.ok();
    assert_eq!(deliver(server).await, 1);
    let told = receiver.told();
    assert_eq!(
        told[0].json(),
        json!({
            "data": user,
            "object": "event",
            "type": "user.created",
            "timestamp": server.clock.now(),
            "instance_id": server.instance_id,
            "event_attributes": {
                "http_request": { "client_ip": "127.0.0.1", "user_agent": "sdk/1.0" },
            },
        })
    );
    let header = |name: &str| told[0].headers[name].clone();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("svix-timestamp"), (server.clock.now() / 1000).to_string());
    for name in ["id", "timestamp", "signature"] {
        assert_eq!(header(&format!("svix-{name}")), header(&format!("webhook-{name}")));
    }
    let deleted = server.client().delete(&format!("/v1/users/{}", id(&user))).send().await.ok();
    deliver(server).await;
    assert_eq!(receiver.told()[1].json()["data"], deleted);
    assert_eq!(deliver(server).await, 0);
});

both!(a_failed_message_is_sent_again_by_the_schedule_and_given_up_at_last, async |server| {
    let receiver = Receiver::start().await;
    let made = endpoint(server, &receiver, json!({})).await;
    receiver.always(FAILED);
    someone(server, "adaada").await;
    assert_eq!(deliver(server).await, 1);
    for (n, pause) in PAUSES.into_iter().enumerate() {
        server.clock.advance(pause - 1);
        assert_eq!(deliver(server).await, 0, "{n} came early");
        server.clock.advance(pause / 10 + 2);
        assert_eq!(deliver(server).await, 1, "{n} did not come");
    }
    server.clock.advance(DAY);
    assert_eq!(deliver(server).await, 0);
    let message = &messages(server, &made, "").await[0];
    assert_eq!((&message["status"], &message["attempts"]), (&json!("failed"), &json!(8)));

    let told = receiver.told();
    assert_eq!(told.len(), 8);
    // The same message, signed anew.
    assert!(told.iter().all(|one| one.id() == told[0].id() && one.body == told[0].body));
    assert_ne!(told[0].headers["svix-timestamp"], told[1].headers["svix-timestamp"]);
});

both!(only_2xx_counts, async |server| {
    let receiver = Receiver::start().await;
    let made = endpoint(server, &receiver, json!({})).await;
    for (n, status) in [301, 302, 400, 404, 410, 500, 204].into_iter().enumerate() {
        receiver.next([Answer::Status(status, "")]);
        someone(server, &format!("person{n}")).await;
        deliver(server).await;
    }
    assert_eq!(receiver.told().len(), 7, "a redirect was followed");
    assert_eq!(messages(server, &made, "&status=pending").await.len(), 6);
    assert_eq!(messages(server, &made, "&status=delivered").await.len(), 1);
});

both!(events_of_a_user_wait_for_those_before_and_other_users_do_not, async |server| {
    let receiver = Receiver::start().await;
    endpoint(server, &receiver, json!({})).await;
    let ada = someone(server, "adaada").await;
    deliver(server).await;
    receiver.next([FAILED]);
    for name in ["one", "two", "three"] {
        rename(server, &ada, name).await;
    }
    assert_eq!(deliver(server).await, 1);
    someone(server, "grace").await;
    assert_eq!(deliver(server).await, 1);
    server.clock.advance(6 * SECOND);
    assert_eq!(deliver(server).await, 3);
    assert_eq!(names(&receiver.told()), ["", "one", "", "one", "two", "three"]);
});

both!(what_follows_a_message_that_is_given_up_is_told, async |server| {
    let receiver = Receiver::start().await;
    let made = endpoint(server, &receiver, json!({ "events": ["user.updated"] })).await;
    let ada = someone(server, "adaada").await;
    receiver.next(vec![FAILED; 8]);
    rename(server, &ada, "one").await;
    rename(server, &ada, "two").await;
    for pause in [0].into_iter().chain(PAUSES) {
        server.clock.advance(pause + pause / 10 + 1);
        deliver(server).await;
    }
    assert_eq!(names(&receiver.told())[7..], ["one", "two"]);
    assert_eq!(messages(server, &made, "&status=pending").await.len(), 0);
});

both!(an_endpoint_that_fails_for_five_days_is_disabled_and_says_why, async |server| {
    let receiver = Receiver::start().await;
    let made = endpoint(server, &receiver, json!({})).await;
    receiver.always(FAILED);
    let ada = someone(server, "adaada").await;
    deliver(server).await;
    let since = server.clock.now();
    assert_eq!(now(server, &made).await["failing_since"], since);
    for n in 0..6 {
        server.clock.advance(DAY);
        rename(server, &ada, &format!("n{n}")).await;
        deliver(server).await;
    }
    let disabled = now(server, &made).await;
    assert_eq!(disabled["enabled"], false);
    assert!(disabled["disabled_reason"].as_str().is_some_and(|reason| reason.contains("5 days")));

    // Silent while it is disabled; then it goes on where it was, in order.
    let n_told = receiver.told().len();
    server.clock.advance(DAY);
    assert_eq!(deliver(server).await, 0);
    receiver.always(Answer::Status(200, ""));
    let one = at(server, &format!("/{}", id(&made)));
    let body = json!({ "enabled": true });
    let enabled = server.operator().patch(&one).json(body).send().await.ok();
    assert_eq!(enabled["disabled_reason"], Value::Null);
    assert_eq!(enabled["failing_since"], Value::Null);
    server.clock.advance(DAY);
    deliver(server).await;
    let after = names(&receiver.told()[n_told..]);
    assert!(after.is_sorted() && after.ends_with(&["n4".to_owned()]), "{after:?}");
});

both!(a_success_forgives_the_failures_before, async |server| {
    let receiver = Receiver::start().await;
    let made = endpoint(server, &receiver, json!({})).await;
    receiver.next([FAILED]);
    someone(server, "adaada").await;
    deliver(server).await;
    server.clock.advance(6 * SECOND);
    deliver(server).await;
    assert_eq!(now(server, &made).await["failing_since"], Value::Null);
});

both!(a_slow_endpoint_does_not_delay_another, async |server| {
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    endpoint(server, &slow, json!({})).await;
    endpoint(server, &quick, json!({})).await;
    slow.always(Answer::Hang);
    for n in 0..20 {
        someone(server, &format!("person{n}")).await;
    }
    let (ctx, instance) = (server.ctx.clone(), server.instance_id.clone());
    let delivering = tokio::spawn(async move {
        rollbook_worker::deliver_webhooks(&ctx, &instance).await.expect("a round")
    });
    let began = std::time::Instant::now();
    while quick.told().len() < 20 {
        assert!(began.elapsed().as_secs() < 10, "the quick one waits");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(slow.told().len() <= 8);
    delivering.abort();
});

both!(what_was_claimed_by_a_server_that_died_is_taken_over, async |server| {
    let receiver = Receiver::start().await;
    endpoint(server, &receiver, json!({})).await;
    receiver.next([Answer::Hang]);
    someone(server, "adaada").await;
    let (ctx, instance) = (server.ctx.clone(), server.instance_id.clone());
    let dying = tokio::spawn(async move {
        rollbook_worker::deliver_webhooks(&ctx, &instance).await.expect("a round")
    });
    while receiver.told().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    dying.abort();
    // Not while the other one may still be at it.
    assert_eq!(deliver(server).await, 0);
    server.clock.advance(rollbook_worker::WEBHOOK_LEASE_MS);
    assert_eq!(deliver(server).await, 1);
    let told = receiver.told();
    assert_eq!((told.len(), told[0].id()), (2, told[1].id()));
});

both!(what_was_committed_is_told_after_a_restart, async |server| {
    let receiver = Receiver::start().await;
    endpoint(server, &receiver, json!({})).await;
    let ada = someone(server, "adaada").await;
    rename(server, &ada, "one").await;
    server.restart().await;
    rename(server, &ada, "two").await;
    deliver(server).await;
    assert_eq!(names(&receiver.told()), ["", "one", "two"]);
});

both!(a_refused_change_is_told_nobody, async |server| {
    let receiver = Receiver::start().await;
    endpoint(server, &receiver, json!({})).await;
    server.client().post("/v1/users").json(json!({ "username": "no!" })).send().await;
    assert_eq!(deliver(server).await, 0);
    assert!(receiver.told().is_empty());
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_send_each_message_once_and_in_order() {
    let Some(one) = Server::start(Engine::Postgres).await else { return };
    let mut other = one.second().await;
    let receiver = Receiver::start().await;
    endpoint(&one, &receiver, json!({})).await;
    other.ctx.refresh_catalog().await.expect("a catalog");
    let mut users = Vec::new();
    for n in 0..5 {
        users.push(someone(&one, &format!("person{n}")).await);
    }
    for n in 0..6 {
        for user in &users {
            rename(if n % 2 == 0 { &one } else { &other }, user, &format!("n{n}")).await;
        }
        tokio::join!(deliver(&one), deliver(&other));
    }
    // Each may have left to the other what it was about to send.
    tokio::join!(deliver(&one), deliver(&other));
    let told = receiver.told();
    assert_eq!(told.len(), 5 * 7, "told twice, or not at all");
    for user in &users {
        let of_user: Vec<Told> =
            told.iter().filter(|told| told.json()["data"]["id"] == **user).cloned().collect();
        assert_eq!(names(&of_user), ["", "n0", "n1", "n2", "n3", "n4", "n5"]);
    }
    other.stop().await;
    one.end().await;
}
