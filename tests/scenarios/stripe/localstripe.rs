//! The same with `localstripe`, a stand-in for Stripe that others wrote.
//!
//! `ROLLBOOK_TEST_LOCALSTRIPE` is its URL; `cargo xtask test` starts it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rollbook_testkit::{Client, Server, both};
use serde_json::{Value, json};

use super::stand_in::StandIn;
use super::{WEBHOOK_SECRET, admin, bill_through, collected, payments, status};
use crate::billing_subscription::plan;
use crate::billing_time::subscribe;
use crate::support::{id, someone, text};

const VARIABLE: &str = "ROLLBOOK_TEST_LOCALSTRIPE";

/// Its URL, and a client of it; none, loudly, where it was not started.
fn localstripe() -> Option<(String, Client)> {
    #[expect(clippy::disallowed_methods, reason = "how xtask tells tests where the servers are")]
    let Ok(url) = std::env::var(VARIABLE) else {
        eprintln!("SKIPPED: {VARIABLE} names no localstripe, so no payment was made there");
        return None;
    };
    let client = Client::new(url.clone(), Some("sk_test_stand_in"));
    Some((url, client))
}

/// Its signatures are of the time that it is.
fn set_the_clock(server: &Server) {
    #[expect(clippy::disallowed_methods, reason = "it is another process's clock, too")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    server.clock.advance(i64::try_from(now).expect("a time") - server.clock.now());
}

async fn post(stripe: &Client, path: &str, form: &str) -> Value {
    let call = stripe.post(path).body("application/x-www-form-urlencoded", form).unchecked();
    call.send().await.ok()
}

/// A user, known to Stripe, whose default card has this number.
async fn card_holder(server: &Server, stripe: &Client, username: &str, number: &str) -> String {
    let user = someone(server, username).await;
    let at = admin(server, &format!("/stripe/customers/{user}"));
    let customer = server.operator().put(&at).json(json!({})).send().await.ok();
    let customer = text(&customer["customer_id"]).to_owned();
    let card = format!(
        "type=card&card[number]={number}&card[exp_month]=12&card[exp_year]=2030&card[cvc]=123"
    );
    let method = id(&post(stripe, "/v1/payment_methods", &card).await);
    let attach = format!("/v1/payment_methods/{method}/attach");
    post(stripe, &attach, &format!("customer={customer}")).await;
    let default = format!("invoice_settings[default_payment_method]={method}");
    post(stripe, &format!("/v1/customers/{customer}"), &default).await;
    user
}

/// Waits for what an event of Stripe is to change.
async fn until(server: &Server, status: &str) -> Value {
    for _ in 0..200 {
        let newest = payments(server).await[0].clone();
        if newest["status"] == status {
            return newest;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no payment is {status}");
}

both!(localstripe_charges_a_good_card_and_refuses_a_bad_one, async |server| {
    let Some((url, client)) = localstripe() else { return };
    let stripe = StandIn::start(Some(&url)).await;
    set_the_clock(server);
    bill_through(server, &stripe.url).await;
    let pro = plan(server, json!({ "amount": 1999, "currency": "eur" })).await;
    let ada = card_holder(server, &client, "ada_l", "4242424242424242").await;
    subscribe(server, &ada, &pro, json!({})).await;
    assert_eq!(collected(server).await, 1);
    let paid = payments(server).await[0].clone();
    assert_eq!(
        (&paid["status"], status(server, &ada).await),
        (&json!("paid"), "active".to_owned())
    );
    assert_eq!(
        (&paid["payment_method"]["card_type"], &paid["payment_method"]["last4"]),
        (&json!("visa"), &json!("4242"))
    );
    let intent = format!("/v1/payment_intents/{}", text(&paid["gateway_external_id"]));
    let intent = client.get(&intent).unchecked().send().await.ok();
    assert_eq!((&intent["status"], &intent["amount"]), (&json!("succeeded"), &json!(1999)));
    assert_eq!(
        (&intent["currency"], &intent["charges"]["total_count"]),
        (&json!("eur"), &json!(1))
    );

    server.clock.advance(1000);
    let bob = card_holder(server, &client, "bobby", "4000000000000341").await;
    subscribe(server, &bob, &pro, json!({})).await;
    assert_eq!(collected(server).await, 1);
    let failed = payments(server).await[0].clone();
    assert_eq!(
        (&failed["status"], &failed["payment_method"]["last4"]),
        (&json!("failed"), &json!("0341"))
    );
    assert_eq!(status(server, &bob).await, "past_due");
});

both!(localstripe_tells_of_a_payment_by_a_signed_event, async |server| {
    let Some((url, client)) = localstripe() else { return };
    let stripe = StandIn::start(Some(&url)).await;
    set_the_clock(server);
    bill_through(server, &stripe.url).await;
    let hook = json!({
        "url": format!("{}/stripe/webhooks/{}", server.url, server.instance_id),
        "secret": WEBHOOK_SECRET,
        "events": ["payment_intent.succeeded", "payment_intent.payment_failed"],
    });
    let at = format!("/_config/webhooks/{}", server.instance_id);
    assert_eq!(client.post(&at).json(hook).unchecked().send().await.status, 200);
    let pro = plan(server, json!({})).await;
    // This card wants its holder to say yes, which the application asks for.
    let ada = card_holder(server, &client, "ada_l", "4000002500003155").await;
    subscribe(server, &ada, &pro, json!({})).await;
    assert_eq!(collected(server).await, 1);
    let open = payments(server).await[0].clone();
    assert_eq!(open["status"], "pending");
    let intent = format!("/v1/payment_intents/{}", text(&open["gateway_external_id"]));
    let secret = client.get(&intent).unchecked().send().await.ok();
    let secret = text(&secret["client_secret"]).to_owned();
    let yes = format!("client_secret={secret}&success=true");
    post(&client, &format!("{intent}/_authenticate"), &yes).await;
    let paid = until(server, "paid").await;
    assert_eq!((&paid["id"], status(server, &ada).await), (&open["id"], "active".to_owned()));
});
