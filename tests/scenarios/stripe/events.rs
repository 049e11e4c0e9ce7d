//! What Stripe tells: proved, taken once, in whatever order.

use hmac::{Hmac, KeyInit as _, Mac as _};
use rollbook_testkit::{Reply, Server, both};
use serde_json::{Value, json};
use sha2::Sha256;

use super::stand_in::StandIn;
use super::{WEBHOOK_SECRET, bill_through, collected, payments, status, subscriber};
use crate::support::{delete_instance, instance, someone, text};

/// The header for a body, as Stripe makes it.
fn signed(body: &str, secret: &str, at_ms: i64) -> String {
    let at = at_ms / 1000;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(format!("{at}.{body}").as_bytes());
    let hex = mac
        .finalize()
        .into_bytes()
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("t={at},v1={hex}")
}

async fn send(server: &Server, body: &str, signature: &str) -> Reply {
    let at = format!("/stripe/webhooks/{}", server.instance_id);
    let call = server.client().with_token(None).post(&at).body("application/json", body);
    call.header("Stripe-Signature", signature).send().await
}

/// Tells of an object; it is taken.
async fn tell(server: &Server, event: &str, kind: &str, object: &Value) {
    tell_with(server, event, kind, json!({ "object": object })).await;
}

async fn tell_with(server: &Server, event: &str, kind: &str, data: Value) {
    let body = json!({ "id": event, "object": "event", "type": kind, "data": data }).to_string();
    let signature = signed(&body, WEBHOOK_SECRET, server.clock.now());
    assert_eq!(send(server, &body, &signature).await.ok()["received"], true);
}

/// A user whose payment Stripe is still processing; and the payment there.
async fn in_process(server: &Server, stripe: &StandIn) -> (String, Value) {
    bill_through(server, &stripe.url).await;
    stripe.state().ends = "processing";
    let user = subscriber(server).await;
    collected(server).await;
    let intent = stripe.state().intents["pi_1"].clone();
    (user, intent)
}

both!(only_stripe_is_believed, async |server| {
    let body = r#"{"id":"evt_1","type":"x","data":{"object":{}}}"#;
    let now = server.clock.now();
    let good = signed(body, WEBHOOK_SECRET, now);
    send(server, body, &good).await.refused(404, &[("resource_not_found", "")]);
    let stripe = StandIn::start(None).await;
    bill_through(server, &stripe.url).await;
    send(server, body, &good).await.ok();
    for signature in [
        String::new(),
        "t=,v1=".to_owned(),
        signed(body, "whsec_other", now),
        signed("{}", WEBHOOK_SECRET, now),
        signed(body, WEBHOOK_SECRET, now - 301_000),
        signed(body, WEBHOOK_SECRET, now + 301_000),
    ] {
        let reply = send(server, body, &signature).await;
        reply.refused(401, &[("authentication_invalid", "")]);
    }
    for (body, code) in [("{}", "bad_request"), ("[1]", "bad_request"), ("", "bad_request")] {
        let signature = signed(body, WEBHOOK_SECRET, now);
        let at = format!("/stripe/webhooks/{}", server.instance_id);
        let call = server.client().with_token(None).post(&at).body("application/json", body);
        let reply = call.header("Stripe-Signature", &signature).unchecked().send().await;
        reply.refused(400, &[(code, "")]);
    }
    let (other, _) = instance(server, json!({})).await;
    let at = format!("/stripe/webhooks/{other}");
    let call = server.client().with_token(None).post(&at).body("application/json", body);
    let reply = call.header("Stripe-Signature", &good).send().await;
    reply.refused(404, &[("resource_not_found", "")]);
    delete_instance(server, &other).await;
});

both!(an_event_settles_a_payment_once_and_the_first_word_counts, async |server| {
    let stripe = StandIn::start(None).await;
    let (user, mut intent) = in_process(server, &stripe).await;
    assert_eq!(payments(server).await[0]["status"], "pending");
    // Of somebody else's payment that goes by our name.
    let mut other = intent.clone();
    (other["id"], other["status"]) = (json!("pi_other"), json!("succeeded"));
    tell(server, "evt_0", "payment_intent.succeeded", &other).await;
    assert_eq!(payments(server).await[0]["status"], "pending");

    intent["status"] = json!("succeeded");
    for _ in 0..3 {
        tell(server, "evt_1", "payment_intent.succeeded", &intent).await;
    }
    tell(server, "evt_2", "payment_intent.succeeded", &intent).await;
    // Older, and late.
    intent["status"] = json!("requires_payment_method");
    intent["last_payment_error"] = json!({ "code": "card_declined" });
    tell(server, "evt_3", "payment_intent.payment_failed", &intent).await;
    let paid = payments(server).await;
    assert_eq!((paid.len(), &paid[0]["status"]), (1, &json!("paid")));
    assert_eq!(status(server, &user).await, "active");
    let found = crate::billing_subscription::subscription(server, &user, "2025-11-10").await;
    assert_eq!(found["subscription_items"][0]["lifetime_paid"]["amount"], 1000);
    let told = server.events().await;
    assert_eq!(told.iter().filter(|(kind, _)| kind == "paymentAttempt.updated").count(), 1);
    stripe.state().intents.get_mut("pi_1").expect("one")["status"] = json!("succeeded");
    collected(server).await;
    assert_eq!(payments(server).await[0], paid[0]);
});

both!(a_failure_told_late_is_past_due_and_money_that_comes_in_after_it_counts, async |server| {
    let stripe = StandIn::start(None).await;
    let (user, mut intent) = in_process(server, &stripe).await;
    intent["status"] = json!("requires_payment_method");
    intent["last_payment_error"] = json!({ "code": "authentication_required" });
    tell(server, "evt_1", "payment_intent.payment_failed", &intent).await;
    assert_eq!(payments(server).await[0]["status"], "pending");
    intent["last_payment_error"] = json!({ "code": "insufficient_funds" });
    tell(server, "evt_2", "payment_intent.payment_failed", &intent).await;
    assert_eq!(payments(server).await[0]["status"], "failed");
    assert_eq!(status(server, &user).await, "past_due");

    server.clock.advance(1000);
    intent["status"] = json!("succeeded");
    for event in ["evt_3", "evt_4"] {
        tell(server, event, "payment_intent.succeeded", &intent).await;
    }
    assert_eq!(status(server, &user).await, "active");
    let all = payments(server).await;
    let states: Vec<_> = all.iter().map(|one| text(&one["status"])).collect();
    assert_eq!(states, ["paid", "failed"]);
    assert_eq!(all[0]["payment_method"]["payment_type"], "payer-credits");
    let balance = server.client().get(&format!("/v1/users/{user}/billing/credits")).send().await;
    assert_eq!(balance.ok()["balance"]["amount"], 0);
});

both!(another_card_pays_what_was_declined, async |server| {
    let stripe = StandIn::start(None).await;
    bill_through(server, &stripe.url).await;
    stripe.state().ends = "declined";
    let user = subscriber(server).await;
    collected(server).await;
    let customer = json!({ "id": "cus_1" });
    // An address, say.
    tell(server, "evt_1", "customer.updated", &customer).await;
    assert_eq!(collected(server).await, 0);
    stripe.state().ends = "succeeded";
    server.clock.advance(1000);
    let before = json!({ "invoice_settings": { "default_payment_method": "pm_old" } });
    let data = json!({ "object": customer, "previous_attributes": before });
    tell_with(server, "evt_2", "customer.updated", data).await;
    assert_eq!(collected(server).await, 1);
    assert_eq!((status(server, &user).await, stripe.charges()), ("active".to_owned(), 1));
});

both!(what_is_not_ours_is_taken_and_changes_nothing, async |server| {
    let stripe = StandIn::start(None).await;
    bill_through(server, &stripe.url).await;
    let user = subscriber(server).await;
    collected(server).await;
    let before = (payments(server).await, server.events().await);
    let strange = json!({ "id": "pi_x", "amount": 1, "currency": "usd", "status": "succeeded" });
    for (event, kind, object) in [
        ("evt_1", "payment_intent.succeeded", &strange),
        ("evt_2", "customer.updated", &json!({ "id": "cus_nobody" })),
        ("evt_3", "invoice.paid", &json!({ "id": "in_1" })),
        ("evt_4", "invoice.payment_failed", &json!({ "id": "in_1" })),
        ("evt_5", "charge.refunded", &json!({ "id": "ch_1" })),
        ("evt_6", "customer.subscription.deleted", &json!({ "id": "sub_1" })),
    ] {
        tell(server, event, kind, object).await;
    }
    assert_eq!((payments(server).await, server.events().await), before);

    // A customer that is gone there is made anew when it is needed.
    tell(server, "evt_7", "customer.deleted", &json!({ "id": "cus_1" })).await;
    let at = super::admin(server, &format!("/stripe/customers/{user}"));
    server.operator().get(&at).send().await.refused(404, &[("resource_not_found", "")]);
    let made = server.operator().put(&at).json(json!({ "customer_id": "cus_9" })).send().await;
    made.ok();
    someone(server, "grace").await;
});
