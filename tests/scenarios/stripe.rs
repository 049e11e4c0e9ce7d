//! Payments through Stripe: what is set up, collected, told, and survived.

mod collect;
mod events;
mod localstripe;
mod stand_in;

use rollbook_testkit::{Server, both};
use rollbook_worker::collect;
use serde_json::{Value, json};

use crate::billing_subscription::{admin, bill, plan};
use crate::billing_time::{pay, pending, subscribe};
use crate::support::{delete_instance, id, instance, someone, text};
use stand_in::StandIn;

pub(crate) const WEBHOOK_SECRET: &str = "whsec_of_the_tests";

/// Bills through a Stripe of this address.
async fn bill_through(server: &Server, url: &str) {
    let body = json!({
        "secret_key": "sk_test_of_the_tests", "webhook_secret": WEBHOOK_SECRET, "api_url": url,
    });
    server.operator().put(&admin(server, "/stripe")).json(body).send().await.ok();
    server.settings(json!({ "billing": { "enabled": true, "gateway": "stripe" } })).await;
}

/// A user who was just put on a plan of ten dollars.
async fn subscriber(server: &Server) -> String {
    let (pro, user) = (plan(server, json!({})).await, someone(server, "ada_l").await);
    subscribe(server, &user, &pro, json!({})).await;
    user
}

/// Looks after payments until nothing is due; says how many looks there were.
async fn collected(server: &Server) -> usize {
    let mut n = 0;
    loop {
        match collect(&server.ctx, Some(&server.instance_id)).await.expect("a store") {
            0 => return n,
            looks => n += looks,
        }
    }
}

/// All payments, newest first.
async fn payments(server: &Server) -> Vec<Value> {
    let at = admin(server, "/payment_attempts");
    server.operator().get(&at).send().await.ok()["data"].as_array().expect("payments").clone()
}

/// State of the only item of a user, which is not the default plan's.
async fn status(server: &Server, user: &str) -> String {
    let found = crate::billing_subscription::subscription(server, user, "2025-11-10").await;
    text(&found["subscription_items"][0]["status"]).to_owned()
}

both!(an_account_is_set_up_changed_and_never_shown, async |server| {
    let at = admin(server, "/stripe");
    server.operator().get(&at).send().await.refused(404, &[("resource_not_found", "")]);
    for (body, problems) in [
        (json!({}), vec![("form_param_missing", "secret_key")]),
        (json!({ "secret_key": "pk_test_x" }), vec![("form_param_value_invalid", "secret_key")]),
        (
            json!({ "secret_key": "sk_", "webhook_secret": "x", "api_url": "http://example.com" }),
            vec![
                ("form_param_value_invalid", "secret_key"),
                ("form_param_value_invalid", "webhook_secret"),
                ("form_param_value_invalid", "api_url"),
            ],
        ),
    ] {
        let reply = server.operator().put(&at).json(body).send().await;
        reply.refused(422, &problems);
    }
    let settings = format!("/admin/v1/instances/{}/settings", server.instance_id);
    let wanted = json!({ "billing": { "gateway": "stripe" } });
    let reply = server.operator().patch(&settings).json(wanted.clone()).send().await;
    reply.refused(422, &[("form_conditional_param_missing", "gateway")]);

    let body = json!({ "secret_key": "sk_test_hush", "webhook_secret": "whsec_hush" });
    let made = server.operator().put(&at).json(body).send().await.ok();
    assert_eq!(
        (&made["api_url"], &made["has_webhook_secret"]),
        (&json!("https://api.stripe.com"), &json!(true))
    );
    let hook = format!("{}/stripe/webhooks/{}", server.url, server.instance_id);
    assert_eq!(made["webhook_url"], hook);
    let change = json!({ "api_url": "http://127.0.0.1:9", "webhook_secret": null });
    let changed = server.operator().put(&at).json(change).send().await.ok();
    assert_eq!(changed["has_webhook_secret"], false);
    let read = server.operator().get(&at).send().await.ok();
    assert_eq!(read, changed);
    assert!(!read.to_string().contains("hush"));
    if let Some(file) = server.database_file() {
        let bytes = [std::fs::read(&file), std::fs::read(file.with_extension("db-wal"))];
        let found = bytes.iter().flatten().any(|bytes| bytes.windows(4).any(|w| w == b"hush"));
        assert!(!found, "a secret lies open in the store");
    }

    server.operator().patch(&settings).json(wanted).send().await.ok();
    server.operator().delete(&at).send().await.refused(409, &[("conflict", "")]);
    server.settings(json!({ "billing": { "gateway": "manual" } })).await;
    server.operator().delete(&at).send().await.ok();
    server.operator().delete(&at).send().await.refused(404, &[("resource_not_found", "")]);
});

both!(a_fork_takes_nobodys_money_and_another_instance_knows_nothing, async |server| {
    let stripe = StandIn::start(None).await;
    bill_through(server, &stripe.url).await;
    let user = subscriber(server).await;
    let at = format!("/admin/v1/instances/{}/fork", server.instance_id);
    let fork = id(&server.operator().post(&at).json(json!({})).send().await.ok());
    let settings = format!("/admin/v1/instances/{fork}/settings");
    let settings = server.operator().get(&settings).send().await.ok();
    assert_eq!(settings["billing"], json!({ "enabled": true, "gateway": "manual" }));
    let account = format!("/admin/v1/instances/{fork}/billing/stripe");
    server.operator().get(&account).send().await.refused(404, &[("resource_not_found", "")]);
    collect(&server.ctx, Some(&fork.parse().expect("an id"))).await.expect("a store");
    assert_eq!(stripe.n_asked(""), 0);

    assert!(collected(server).await > 0);
    let customer = |instance: &str| {
        let at = format!("/admin/v1/instances/{instance}/billing/stripe/customers/{user}");
        server.operator().get(&at).send()
    };
    assert_eq!(customer(server.instance_id.as_str()).await.ok()["customer_id"], "cus_1");
    let (other, _) = instance(server, json!({})).await;
    for instance in [&fork, &other] {
        customer(instance).await.refused(404, &[("resource_not_found", "")]);
        delete_instance(server, instance).await;
    }
});

both!(a_payer_is_one_customer_made_once_or_named, async |server| {
    let stripe = StandIn::start(None).await;
    let user = someone(server, "ada_l").await;
    let at = admin(server, &format!("/stripe/customers/{user}"));
    let put = |body: Value| server.operator().put(&at).json(body).send();
    put(json!({})).await.refused(404, &[("resource_not_found", "")]);
    bill_through(server, &stripe.url).await;
    stripe.turn(stand_in::Mode::HangsUpAfter);
    put(json!({})).await.refused(400, &[("payment_gateway_error", "")]);
    stripe.turn(stand_in::Mode::Well);
    let made = put(json!({})).await.ok();
    assert_eq!((&made["customer_id"], &made["payer_type"]), (&json!("cus_1"), &json!("user")));
    assert_eq!(put(json!({})).await.ok(), made);
    assert_eq!((stripe.n_asked("POST"), stripe.state().customers.len()), (2, 1));

    let named = put(json!({ "customer_id": "cus_old" })).await.ok();
    assert_eq!(named["customer_id"], "cus_old");
    put(json!({ "customer_id": "../x" }))
        .await
        .refused(422, &[("form_param_value_invalid", "customer_id")]);
    let other = someone(server, "grace").await;
    let at = admin(server, &format!("/stripe/customers/{other}"));
    let taken = server.operator().put(&at).json(json!({ "customer_id": "cus_old" })).send().await;
    taken.refused(422, &[("form_identifier_exists", "customer_id")]);
    let nobody = admin(server, "/stripe/customers/user_nobody");
    let reply = server.operator().put(&nobody).json(json!({})).send().await;
    reply.refused(404, &[("resource_not_found", "")]);
});

both!(an_operator_neither_pays_twice_nor_waits_for_ever, async |server| {
    let stripe = StandIn::start(None).await;
    bill_through(server, &stripe.url).await;
    let user = subscriber(server).await;
    let open = pending(server).await;
    let at = |what: &str| admin(server, &format!("/payment_attempts/{}/{what}", id(&open[0])));
    let say = |what: &str| server.operator().post(&at(what)).send();
    say("pay").await.refused(409, &[("conflict", "")]);
    say("retry").await.refused(409, &[("conflict", "")]);
    say("fail").await.ok();
    assert_eq!(status(server, &user).await, "past_due");
    collected(server).await;
    assert_eq!(stripe.charges(), 0);
    server.clock.advance(1000);
    let again = say("retry").await.ok();
    assert_ne!(again["id"], open[0]["id"]);
    say("retry").await.refused(409, &[("conflict", "")]);
    collected(server).await;
    assert_eq!((stripe.charges(), status(server, &user).await), (1, "active".to_owned()));

    // What was Stripe's before is the operator's after.
    bill(server).await;
    server.settings(json!({ "billing": { "gateway": "manual" } })).await;
    let other = someone(server, "grace").await;
    let plan = plan(server, json!({ "slug": "other", "name": "Other" })).await;
    subscribe(server, &other, &plan, json!({})).await;
    let open = pending(server).await;
    assert_eq!(open[0]["payment_method"]["gateway"], "manual");
    assert_eq!(pay(server, &open[0]).await["status"], "paid");
});
