//! What time does to subscriptions: trials and periods end, payments become late.

use rollbook_ops::billing::advance;
use rollbook_testkit::{Engine, START, Server, both};
use serde_json::{Value, json};

use crate::billing_subscription::{admin, bill, plan, subscription};
use crate::support::{id, path, someone, text};

pub(crate) const DAY: i64 = 86_400_000;

/// Puts a user on a plan.
pub(crate) async fn subscribe(server: &Server, user: &str, plan: &Value, more: Value) -> Value {
    let mut body = json!({ "user_id": user, "plan_id": plan["id"] });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    server.operator().post(&admin(server, "/subscription_items")).json(body).send().await.ok()
}

/// The open payments.
pub(crate) async fn pending(server: &Server) -> Vec<Value> {
    let at = admin(server, "/payment_attempts?status=pending");
    server.operator().get(&at).send().await.ok()["data"].as_array().expect("payments").clone()
}

/// Says that a payment came in.
pub(crate) async fn pay(server: &Server, attempt: &Value) -> Value {
    let at = admin(server, &format!("/payment_attempts/{}/pay", id(attempt)));
    server.operator().post(&at).send().await.ok()
}

/// Lets days go by, and the worker notice.
async fn wait(server: &Server, days: i64) {
    server.clock.advance(days * DAY);
    while advance(&server.ctx, Some(&server.instance_id)).await.expect("a store") > 0 {}
}

/// How often something was told.
async fn told(server: &Server, kind: &str) -> usize {
    server.events().await.iter().filter(|(told, _)| told == kind).count()
}

async fn item(server: &Server, user: &str) -> Value {
    subscription(server, user, "2025-11-10").await["subscription_items"][0].clone()
}

both!(periods_follow_each_other_as_long_as_they_are_paid, async |server| {
    bill(server).await;
    let (pro, user) = (plan(server, json!({})).await, someone(server, "ada_l").await);
    let start = server.clock.now();
    let first = subscribe(server, &user, &pro, json!({})).await;
    // From the 15th of January to the 15th of February.
    assert_eq!(
        (&first["status"], &first["period_end"]),
        (&json!("active"), &json!(start + 31 * DAY))
    );
    let found = subscription(server, &user, "2025-11-10").await;
    assert_eq!(found["next_payment"]["date"], start + 31 * DAY);
    assert_eq!(found["subscription_items"].as_array().expect("items").len(), 1);
    for n in 1..=3 {
        let open = pending(server).await;
        assert_eq!((open.len(), &open[0]["amount"]["amount"]), (1, &json!(1000)));
        assert_eq!(pay(server, &open[0]).await["status"], "paid");
        assert_eq!(item(server, &user).await["lifetime_paid"]["amount"], 1000 * n);
        wait(server, if n == 2 { 28 } else { 31 }).await;
    }
    assert_eq!(item(server, &user).await["period_start"], start + (31 + 28 + 31) * DAY);
    assert_eq!(told(server, "paymentAttempt.created").await, 4);
    assert_eq!(told(server, "subscription.created").await, 1);
    assert_eq!(told(server, "subscriptionItem.pastDue").await, 0);
});

both!(a_late_payment_is_past_due_and_one_that_never_comes_ends_the_plan, async |server| {
    bill(server).await;
    let (pro, user) = (plan(server, json!({})).await, someone(server, "ada_l").await);
    subscribe(server, &user, &pro, json!({})).await;
    wait(server, 6).await;
    assert_eq!(item(server, &user).await["status"], "active");
    wait(server, 1).await;
    let found = subscription(server, &user, "2025-11-10").await;
    assert_eq!(
        (&found["status"], &found["subscription_items"][0]["status"]),
        (&json!("past_due"), &json!("past_due"))
    );
    assert_eq!(
        (
            told(server, "subscription.pastDue").await,
            told(server, "subscriptionItem.pastDue").await
        ),
        (1, 1)
    );
    pay(server, &pending(server).await[0]).await;
    let found = subscription(server, &user, "2025-11-10").await;
    assert_eq!((&found["status"], &found["past_due_at"]), (&json!("active"), &json!(null)));
    assert_eq!(told(server, "subscription.active").await, 1);

    wait(server, 24).await;
    wait(server, 8).await;
    assert_eq!(item(server, &user).await["status"], "past_due");
    wait(server, 30).await;
    let now = item(server, &user).await;
    assert_eq!((&now["plan"]["slug"], &now["status"]), (&json!("free_user"), &json!("active")));
    assert_eq!((told(server, "subscriptionItem.ended").await, pending(server).await.len()), (1, 0));
});

both!(a_free_trial_is_announced_charged_at_its_end_and_had_once, async |server| {
    bill(server).await;
    let pro = plan(server, json!({ "free_trial_days": 14 })).await;
    let user = someone(server, "ada_l").await;
    let first = subscribe(server, &user, &pro, json!({})).await;
    assert_eq!((&first["is_free_trial"], pending(server).await.len()), (&json!(true), 0));
    assert_eq!(subscription(server, &user, "2025-11-10").await["eligible_for_free_trial"], false);
    wait(server, 11).await;
    wait(server, 0).await;
    assert_eq!(told(server, "subscriptionItem.freeTrialEnding").await, 1);
    wait(server, 3).await;
    let now = item(server, &user).await;
    assert_eq!(
        (&now["is_free_trial"], &now["period_start"]),
        (&json!(false), &first["period_end"])
    );
    assert_eq!(pending(server).await.len(), 1);
    server
        .client()
        .delete(&format!("/v1/billing/subscription_items/{}?end_now=true", id(&now)))
        .send()
        .await
        .ok();
    let again = subscribe(server, &user, &pro, json!({})).await;
    assert_eq!(again["is_free_trial"], false);
});

both!(a_canceled_plan_runs_to_its_end_and_the_default_one_follows, async |server| {
    bill(server).await;
    let (pro, user) = (plan(server, json!({})).await, someone(server, "ada_l").await);
    let first = subscribe(server, &user, &pro, json!({})).await;
    pay(server, &pending(server).await[0]).await;
    let at = format!("/v1/billing/subscription_items/{}", id(&first));
    let canceled =
        server.client().delete(&at).header("Clerk-API-Version", "2025-11-10").send().await.ok();
    assert_eq!(canceled["status"], "canceled");
    let again = server.client().delete(&at).send().await.ok();
    assert_eq!(
        (&again["status"], &again["canceled_at"]),
        (&json!("active"), &canceled["canceled_at"])
    );
    let found = subscription(server, &user, "2025-11-10").await;
    assert_eq!(found["subscription_items"][1]["status"], "upcoming");
    assert_eq!(found["subscription_items"][1]["period_start"], first["period_end"]);
    wait(server, 31).await;
    assert_eq!(item(server, &user).await["plan"]["slug"], "free_user");
    assert_eq!(
        (
            told(server, "subscriptionItem.canceled").await,
            told(server, "subscriptionItem.ended").await
        ),
        (1, 1)
    );
    server.client().delete(&at).send().await.refused(400, &[("bad_request", "")]);
});

both!(a_year_without_a_worker_is_caught_up_in_order, async |server| {
    bill(server).await;
    let (pro, user) = (plan(server, json!({})).await, someone(server, "ada_l").await);
    subscribe(server, &user, &pro, json!({})).await;
    pay(server, &pending(server).await[0]).await;
    // The second period is never paid: past due after seven days, over at its end.
    wait(server, 365).await;
    assert_eq!(item(server, &user).await["plan"]["slug"], "free_user");
    assert_eq!(told(server, "paymentAttempt.created").await, 2);
    assert_eq!(told(server, "subscriptionItem.ended").await, 1);
    assert_eq!(item(server, &user).await["period_start"], START + 1000 + (31 + 28) * DAY);
});

both!(two_servers_advance_each_subscription_once, async |server| {
    bill(server).await;
    let pro = plan(server, json!({})).await;
    for n in 0..5 {
        let user = someone(server, &format!("user_{n}")).await;
        subscribe(server, &user, &pro, json!({})).await;
    }
    server.clock.advance(7 * DAY);
    if server.engine() == Engine::Postgres {
        let second = server.second().await;
        second.ctx.refresh_catalog().await.expect("a catalog");
        let (one, two) = tokio::join!(
            advance(&server.ctx, Some(&server.instance_id)),
            advance(&second.ctx, Some(&server.instance_id))
        );
        one.and(two).expect("a store");
        let mut second = second;
        second.stop().await;
    } else {
        let (one, two) = tokio::join!(
            advance(&server.ctx, Some(&server.instance_id)),
            advance(&server.ctx, Some(&server.instance_id))
        );
        one.and(two).expect("a store");
    }
    assert_eq!(told(server, "subscriptionItem.pastDue").await, 5);
    assert_eq!(told(server, "subscription.pastDue").await, 5);
});

both!(deleting_a_user_deletes_what_it_owes, async |server| {
    bill(server).await;
    let (pro, user) = (plan(server, json!({})).await, someone(server, "ada_l").await);
    subscribe(server, &user, &pro, json!({})).await;
    server.client().delete(&path(&user, "")).send().await.ok();
    assert_eq!(pending(server).await.len(), 0);
    wait(server, 60).await;
    let list = server.client().get("/v1/billing/statements").send().await.ok();
    assert_eq!(list["total_count"], 0);
    assert_eq!(text(&pro["slug"]), "pro");
});

both!(what_cannot_be_done_is_tried_again_after_a_pause_and_keeps_nobody_waiting, async |server| {
    bill(server).await;
    let (pro, broken) = (plan(server, json!({})).await, someone(server, "ada_l").await);
    subscribe(server, &broken, &pro, json!({})).await;
    let other = plan(server, json!({ "slug": "other", "name": "Other" })).await;
    let sound = someone(server, "grace").await;
    subscribe(server, &sound, &other, json!({})).await;
    // No request can do this to a plan that somebody has.
    let (instance, gone): (_, rollbook_wire::Id) =
        (server.instance_id.clone(), id(&pro).parse().expect("an id"));
    server.write(move |tx| rollbook_store::billing::plans::delete(tx, &instance, &gone)).await;

    server.clock.advance(8 * DAY);
    let looked =
        || async { advance(&server.ctx, Some(&server.instance_id)).await.expect("a store") };
    assert_eq!(looked().await, 2);
    assert_eq!(item(server, &sound).await["status"], "past_due");
    assert_eq!(looked().await, 0);
    for pause in [5_000, 10_000, 20_000] {
        server.clock.advance(pause);
        assert_eq!((looked().await, looked().await), (1, 0), "{pause}");
    }
});
