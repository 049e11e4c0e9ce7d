//! Collecting payments from a Stripe that does well, and from one that does not.

use rollbook_testkit::{Engine, both};
use serde_json::json;

use super::stand_in::{Mode, StandIn};
use super::{admin, bill_through, collected, payments, status, subscriber};
use crate::billing_time::DAY;
use crate::support::id;

/// Longer than any pause between two looks at a payment.
const LONG_MS: i64 = DAY / 4;

both!(what_is_due_is_paid_and_tells_of_the_card, async |server| {
    let stripe = StandIn::start(None).await;
    bill_through(server, &stripe.url).await;
    let user = subscriber(server).await;
    assert_eq!(collected(server).await, 1);
    let paid = &payments(server).await[0];
    assert_eq!((&paid["status"], &paid["amount"]["amount"]), (&json!("paid"), &json!(1000)));
    assert_eq!(paid["gateway_external_id"], "pi_1");
    assert_eq!(paid["gateway_external_url"], "https://dashboard.stripe.com/test/payments/pi_1");
    let method = &paid["payment_method"];
    assert_eq!(
        (&method["payment_type"], &method["gateway"], &method["gateway_external_id"]),
        (&json!("card"), &json!("stripe"), &json!("pm_visa"))
    );
    assert_eq!((&method["card_type"], &method["last4"]), (&json!("visa"), &json!("4242")));
    assert_eq!(paid["payee"]["gateway_type"], "stripe");
    let intent = stripe.state().intents["pi_1"].clone();
    assert_eq!((&intent["amount"], &intent["currency"]), (&json!(1000), &json!("usd")));
    assert_eq!(intent["metadata"]["rollbook_payment_attempt"], paid["id"]);
    assert_eq!(status(server, &user).await, "active");
    let told = server.outbox().await;
    let told: Vec<_> = told.iter().filter(|event| event.kind == "paymentAttempt.updated").collect();
    assert_eq!(told.len(), 1);
    let told: serde_json::Value = serde_json::from_str(&told[0].data).expect("JSON");
    assert_eq!(told["payment_source"]["last4"], "4242");
    assert_eq!(told["payment_source"]["payment_method"], "card");
    let account = server.operator().get(&admin(server, "/stripe")).send().await.ok();
    assert_eq!(account["waiting_payments"], 0);
});

both!(however_stripe_misbehaves_a_payment_waits_and_is_made_once, async |server| {
    let stripe = StandIn::start(None).await;
    bill_through(server, &stripe.url).await;
    let user = subscriber(server).await;
    for (mode, told) in [
        (Mode::Never, "no answer in time"),
        (Mode::Garbage, "answered nonsense"),
        (Mode::TooMany, "refused with 429 rate_limit"),
        (Mode::Broken, "refused with 500 api_error"),
        (Mode::NoKey, "refused with 401 api_key_expired"),
        (Mode::HangsUpAfter, "unreachable"),
        // The customer is there already, and so is the payment by and by.
        (Mode::HangsUpAfter, "unreachable"),
    ] {
        stripe.turn(mode);
        assert_eq!(collected(server).await, 1, "{mode:?}");
        // Not before a pause.
        assert_eq!(collected(server).await, 0, "{mode:?}");
        let account = server.operator().get(&admin(server, "/stripe")).send().await.ok();
        assert_eq!(account["waiting_payments"], 1);
        let error = account["last_error"].as_str().unwrap_or_default().to_owned();
        assert!(error.contains(told), "{mode:?}: {error}");
        assert_eq!(payments(server).await[0]["status"], "pending");
        server.clock.advance(LONG_MS);
    }
    // The payment is asked for, then its confirmation is done and its answer lost.
    stripe.turn(Mode::Well);
    stripe.state().ends = "processing";
    assert_eq!(collected(server).await, 1);
    stripe.state().ends = "succeeded";
    for intent in stripe.state().intents.values_mut() {
        intent["status"] = json!("requires_confirmation");
    }
    stripe.turn(Mode::HangsUpAfter);
    server.clock.advance(LONG_MS);
    assert_eq!(collected(server).await, 1);
    assert_eq!((stripe.charges(), status(server, &user).await), (1, "active".to_owned()));
    assert_eq!(payments(server).await[0]["status"], "pending");
    stripe.turn(Mode::Well);
    server.clock.advance(LONG_MS);
    assert_eq!(collected(server).await, 1);
    assert_eq!(payments(server).await[0]["status"], "paid");
    let state = stripe.state();
    assert_eq!((state.charges, state.intents.len(), state.customers.len()), (1, 1, 1));
});

both!(a_declined_card_fails_the_payment_and_takes_it_back, async |server| {
    let stripe = StandIn::start(None).await;
    bill_through(server, &stripe.url).await;
    stripe.state().ends = "declined";
    let user = subscriber(server).await;
    assert_eq!(collected(server).await, 1);
    assert_eq!(payments(server).await[0]["status"], "failed");
    assert_eq!(status(server, &user).await, "past_due");
    // Nobody can pay by it any more.
    assert_eq!(stripe.state().intents["pi_1"]["status"], "canceled");
    let told = server.outbox().await;
    let told = told.iter().rfind(|event| event.kind == "paymentAttempt.updated").expect("told");
    let told: serde_json::Value = serde_json::from_str(&told.data).expect("JSON");
    assert_eq!(told["failed_reason"]["code"], "card_declined");
    server.clock.advance(LONG_MS);
    assert_eq!((collected(server).await, stripe.charges()), (0, 0));
});

both!(a_payer_without_a_card_is_charged_once_there_is_one, async |server| {
    let stripe = StandIn::start(None).await;
    bill_through(server, &stripe.url).await;
    stripe.state().default_method = None;
    let user = subscriber(server).await;
    for _ in 0..5 {
        assert_eq!(collected(server).await, 1);
        server.clock.advance(LONG_MS);
    }
    assert_eq!(stripe.state().intents.len(), 0);
    let customers = stripe.state().customers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(customers, ["cus_1"]);
    stripe.state().customers.get_mut("cus_1").expect("one")["invoice_settings"] =
        json!({ "default_payment_method": "pm_visa" });
    assert_eq!(collected(server).await, 1);
    assert_eq!((stripe.charges(), status(server, &user).await), (1, "active".to_owned()));
});

both!(what_is_given_up_is_taken_back_and_what_is_made_all_the_same_is_credited, async |server| {
    let stripe = StandIn::start(None).await;
    bill_through(server, &stripe.url).await;
    stripe.state().ends = "processing";
    let user = subscriber(server).await;
    collected(server).await;
    // Paid at Stripe while the item ends here.
    stripe.state().intents.get_mut("pi_1").expect("one")["status"] = json!("succeeded");
    let items = crate::billing_subscription::subscription(server, &user, "2025-11-10").await;
    let at = format!(
        "/v1/billing/subscription_items/{}?end_now=true",
        id(&items["subscription_items"][0])
    );
    server.client().delete(&at).send().await.ok();
    assert_eq!(payments(server).await[0]["status"], "failed");
    assert_eq!(collected(server).await, 1);
    let balance = server.client().get(&format!("/v1/users/{user}/billing/credits")).send().await;
    assert_eq!(balance.ok()["balance"]["amount"], 1000);
    server.clock.advance(LONG_MS);
    assert_eq!(collected(server).await, 0);
});

both!(while_billing_is_off_or_the_user_is_gone_nothing_is_collected, async |server| {
    let stripe = StandIn::start(None).await;
    bill_through(server, &stripe.url).await;
    let user = subscriber(server).await;
    server.settings(json!({ "billing": { "enabled": false } })).await;
    assert_eq!(collected(server).await, 1);
    assert_eq!(stripe.n_asked(""), 0);
    server.settings(json!({ "billing": { "enabled": true } })).await;
    server.client().delete(&format!("/v1/users/{user}")).send().await.ok();
    server.clock.advance(LONG_MS);
    assert_eq!((collected(server).await, stripe.n_asked("")), (0, 0));
});

both!(two_servers_at_once_make_one_payment, async |server| {
    if server.engine() == Engine::Sqlite {
        return;
    }
    let stripe = StandIn::start(None).await;
    bill_through(server, &stripe.url).await;
    subscriber(server).await;
    let second = server.second().await;
    let (one, two) = tokio::join!(collected(server), async {
        rollbook_worker::collect(&second.ctx, Some(&second.instance_id)).await.expect("a store")
    });
    assert_eq!((one + two, stripe.charges()), (1, 1));
    // Both believe to hold it: the lease of the first ran out while it was slow.
    server.clock.advance(LONG_MS);
    assert_eq!(payments(server).await[0]["status"], "paid");
    second.end().await;
});
