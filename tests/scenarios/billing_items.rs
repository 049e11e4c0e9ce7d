//! Subscription items, statements and credits, as callers read and change them.

use rollbook_testkit::both;
use serde_json::{Value, json};

use crate::billing_subscription::{admin, bill, plan, subscription};
use crate::billing_time::{DAY, pay, pending, subscribe};
use crate::support::{id, ids, organization, path, someone, text};

fn at(item: &Value, below: &str) -> String {
    format!("/v1/billing/subscription_items/{}{below}", id(item))
}

both!(items_are_filtered_and_newest_first, async |server| {
    bill(server).await;
    let pro = plan(server, json!({ "free_trial_days": 7 })).await;
    let team = plan(server, json!({ "slug": "team", "amount": 5000 })).await;
    let (ada, bob) = (someone(server, "ada_l").await, someone(server, "bob_m").await);
    let first = subscribe(server, &ada, &pro, json!({})).await;
    server.clock.advance(1000);
    let second = subscribe(server, &bob, &team, json!({})).await;
    let (first, second) = (id(&first), id(&second));
    for (query, expected) in [
        ("", vec![&second, &first]),
        ("status=active", vec![&second, &first]),
        ("status=free_trial", vec![&first]),
        ("status=ended", vec![]),
        ("payer_type=user&limit=1", vec![&second]),
        ("payer_type=org", vec![]),
        ("query=bob", vec![&second]),
        ("include_free=true&offset=1", vec![&first]),
    ] {
        for name in ["billing", "commerce"] {
            let list = format!("/v1/{name}/subscription_items?{query}");
            let list = server.client().get(&list).send().await.ok();
            assert_eq!(
                ids(&list["data"]),
                expected.iter().map(|id| (*id).clone()).collect::<Vec<_>>(),
                "{query}"
            );
        }
    }
    let list = format!("/v1/billing/subscription_items?plan_id={}", id(&team));
    let list = server.client().get(&list).send().await.ok();
    assert_eq!(list["data"][0]["payer"]["user_id"], bob);
    let reply = server
        .client()
        .get("/v1/billing/subscription_items?status=canceled")
        .unchecked()
        .send()
        .await;
    reply.refused(422, &[("form_param_value_invalid", "status")]);
});

both!(a_dearer_price_begins_at_once_and_unused_days_count, async |server| {
    bill(server).await;
    let pro = plan(server, json!({ "amount": 3100 })).await;
    let team = plan(server, json!({ "slug": "team", "amount": 10_000 })).await;
    let user = someone(server, "ada_l").await;
    let item = subscribe(server, &user, &pro, json!({})).await;
    pay(server, &pending(server).await[0]).await;
    server.clock.advance(11 * DAY);
    let prices =
        server.client().get(&format!("/v1/billing/prices?plan_id={}", id(&team))).send().await.ok();
    let body = json!({ "from_price_id": item["price_id"], "to_price_id": prices["data"][0]["id"] });
    let done =
        server.client().post(&at(&item, "/price_transition")).json(body.clone()).send().await.ok();
    let transition = &done["transition"];
    // Twenty of thirty-one days are left.
    assert_eq!(transition["immediate_charge"]["amount"], 10_000 - 2000);
    assert_eq!(
        (&transition["effective_mode"], &transition["charged_immediately"]),
        (&json!("immediate"), &json!(true))
    );
    assert_eq!(transition["previous_subscription_item_status"], "ended");
    assert_eq!(done["subscription_item"]["payment_source_id"], "");
    let open = pending(server).await;
    assert_eq!(open[0]["totals"]["credits"]["proration"]["cycle_days_remaining"], 20);
    // Said again, it is no longer what the payer has.
    server
        .client()
        .post(&at(&item, "/price_transition"))
        .json(body)
        .send()
        .await
        .refused(400, &[("bad_request", "")]);
});

both!(a_cheaper_price_waits_for_the_end_and_can_be_given_up, async |server| {
    bill(server).await;
    let pro = plan(server, json!({})).await;
    let team = plan(server, json!({ "slug": "team", "amount": 5000 })).await;
    let user = someone(server, "ada_l").await;
    let item = subscribe(server, &user, &team, json!({})).await;
    pay(server, &pending(server).await[0]).await;
    let prices =
        server.client().get(&format!("/v1/billing/prices?plan_id={}", id(&pro))).send().await.ok();
    let body = json!({ "from_price_id": item["price_id"], "to_price_id": prices["data"][0]["id"] });
    let done = server.client().post(&at(&item, "/price_transition")).json(body).send().await.ok();
    assert_eq!(done["transition"]["effective_mode"], "end_of_period");
    assert_eq!(done["transition"]["effective_at"], item["period_end"]);
    let next = &done["subscription_item"];
    assert_eq!((&next["status"], pending(server).await.len()), (&json!("upcoming"), 0));
    let given_up = server.client().delete(&at(next, "")).send().await.ok();
    assert_eq!(given_up["status"], "abandoned");
    server.clock.advance(31 * DAY);
    let only = Some(&server.instance_id);
    rollbook_ops::billing::advance(&server.ctx, only).await.expect("a store");
    let found = subscription(server, &user, "2025-11-10").await;
    assert_eq!(found["subscription_items"][0]["plan"]["slug"], "free_user");
});

both!(the_default_item_can_be_moved_but_not_canceled, async |server| {
    bill(server).await;
    let pro = plan(server, json!({})).await;
    let user = someone(server, "ada_l").await;
    let item = subscription(server, &user, "2025-11-10").await["subscription_items"][0].clone();
    server.client().delete(&at(&item, "")).send().await.refused(400, &[("bad_request", "")]);
    let prices =
        server.client().get(&format!("/v1/billing/prices?plan_id={}", id(&pro))).send().await.ok();
    let body = json!({ "from_price_id": item["price_id"], "to_price_id": prices["data"][0]["id"] });
    let done = server.client().post(&at(&item, "/price_transition")).json(body).send().await.ok();
    assert_eq!(done["subscription_item"]["plan"]["slug"], "pro");
    for call in [
        server.client().delete("/v1/billing/subscription_items/csub_item_none"),
        server
            .client()
            .post("/v1/billing/subscription_items/x/extend_free_trial")
            .json(json!({ "extend_to": "2027-01-01T00:00:00Z" })),
    ] {
        call.send().await.refused(404, &[("subscription_item_not_found", "")]);
    }
});

both!(a_free_trial_is_extended_within_bounds, async |server| {
    bill(server).await;
    let pro = plan(server, json!({ "free_trial_days": 7 })).await;
    let user = someone(server, "ada_l").await;
    let item = subscribe(server, &user, &pro, json!({})).await;
    let extend = async |to: &str| {
        let call = server.client().post(&at(&item, "/extend_free_trial"));
        call.json(json!({ "extend_to": to })).send().await
    };
    let longer = extend("2026-02-20T00:00:00Z").await.ok();
    assert_eq!(
        (&longer["is_free_trial"], longer["period_end"].as_i64()),
        (&json!(true), Some(1_771_545_600_000))
    );
    assert_eq!(extend("2026-02-20T00:00:00Z").await.ok(), longer);
    for (to, code) in [
        ("2026-02-19T00:00:00Z", "form_param_value_invalid"),
        ("2020-01-01T00:00:00Z", "form_param_value_invalid"),
        ("2027-02-21T00:00:00Z", "form_param_value_invalid"),
        ("tomorrow", "form_param_invalid_time"),
    ] {
        extend(to).await.refused(422, &[(code, "extend_to")]);
    }
    server.client().delete(&at(&item, "?end_now=true")).send().await.ok();
    extend("2026-03-20T00:00:00Z").await.refused(400, &[("bad_request", "")]);
});

both!(credits_are_adjusted_once_per_key_and_pay_first, async |server| {
    bill(server).await;
    let pro = plan(server, json!({})).await;
    let user = someone(server, "ada_l").await;
    let credits = path(&user, "/billing/credits");
    assert_eq!(server.client().get(&credits).send().await.ok()["balance"], Value::Null);
    let adjust = |amount: i64, action: &str, key: &str| {
        let body =
            json!({ "amount": amount, "action": action, "idempotency_key": key, "note": "thanks" });
        server.client().post(&credits).json(body).send()
    };
    let (one, two) = tokio::join!(adjust(700, "increase", "a"), adjust(700, "increase", "a"));
    assert_eq!(one.ok(), two.ok());
    adjust(701, "increase", "a").await.refused(409, &[("conflict", "idempotency_key")]);
    adjust(800, "decrease", "b").await.refused(422, &[("form_param_value_invalid", "amount")]);
    assert_eq!(adjust(100, "decrease", "c").await.ok()["amount"]["amount_formatted"], "-$1.00");
    let balance =
        async || server.client().get(&credits).send().await.ok()["balance"]["amount"].clone();
    assert_eq!(balance().await, 600);

    subscribe(server, &user, &pro, json!({})).await;
    let open = pending(server).await;
    assert_eq!((&open[0]["amount"]["amount"], balance().await), (&json!(400), json!(0)));
    assert_eq!(open[0]["totals"]["credits"]["payer"]["applied_amount"]["amount"], 600);
    for (body, name) in [
        (json!({ "amount": 0, "action": "increase", "idempotency_key": "d" }), "amount"),
        (json!({ "amount": 1, "action": "burn", "idempotency_key": "d" }), "action"),
        (
            json!({ "amount": 1, "action": "increase", "idempotency_key": "d", "currency": "?" }),
            "currency",
        ),
    ] {
        let reply = server.client().post(&credits).unchecked().json(body).send().await;
        reply.refused(422, &[("form_param_value_invalid", name)]);
    }
});

both!(a_month_has_a_statement_that_closes, async |server| {
    bill(server).await;
    let pro = plan(server, json!({})).await;
    let user = someone(server, "ada_l").await;
    subscribe(server, &user, &pro, json!({})).await;
    let list = server.client().get("/v1/billing/statements").send().await.ok();
    let statement = &list["data"][0];
    assert_eq!((&list["total_count"], &statement["status"]), (&json!(1), &json!("open")));
    assert_eq!(statement["totals"]["grand_total"]["amount_formatted"], "$10.00");
    assert_eq!(statement["payer"]["user_id"], user);
    let one = format!("/v1/billing/statements/{}", id(statement));
    assert_eq!(&server.client().get(&one).send().await.ok(), statement);
    let payments = server.client().get(&format!("{one}/payment_attempts")).send().await.ok();
    assert_eq!(payments["data"], statement["groups"][0]["items"]);
    server.clock.advance(20 * DAY);
    assert_eq!(server.client().get(&one).send().await.ok()["status"], "closed");
    for below in ["", "/payment_attempts"] {
        let reply =
            server.client().get(&format!("/v1/billing/statements/stmt_none{below}")).send().await;
        reply.refused(404, &[("resource_not_found", "")]);
    }
});

both!(a_payment_is_settled_once, async |server| {
    bill(server).await;
    let pro = plan(server, json!({})).await;
    let user = someone(server, "ada_l").await;
    subscribe(server, &user, &pro, json!({})).await;
    let attempt = pending(server).await[0].clone();
    let paid = pay(server, &attempt).await;
    assert_eq!(pay(server, &attempt).await, paid);
    let fail = admin(server, &format!("/payment_attempts/{}/fail", id(&attempt)));
    server.operator().post(&fail).send().await.refused(409, &[("conflict", "")]);
    let none = admin(server, "/payment_attempts/cpa_none/pay");
    server.operator().post(&none).send().await.refused(404, &[("resource_not_found", "")]);
    assert_eq!(text(&paid["payment_method"]["gateway"]), "manual");
});

both!(two_subscriptions_at_once_leave_one, async |server| {
    bill(server).await;
    let pro = plan(server, json!({})).await;
    let user = someone(server, "ada_l").await;
    let at = admin(server, "/subscription_items");
    let call = || {
        let body = json!({ "user_id": user, "plan_id": pro["id"] });
        server.operator().post(&at).json(body).send()
    };
    let (one, two) = tokio::join!(call(), call());
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!((statuses, pending(server).await.len()), ([200, 409], 1));
    for (body, status, problem) in [
        (json!({ "plan_id": pro["id"] }), 422, ("form_param_missing", "user_id")),
        (json!({ "user_id": user }), 422, ("form_param_missing", "plan_id")),
        (json!({ "user_id": user, "plan_id": "cplan_none" }), 404, ("plan_not_found", "")),
        (
            json!({ "user_id": user, "plan_id": pro["id"], "period": "annual" }),
            422,
            ("form_param_value_invalid", "period"),
        ),
        (json!({ "user_id": "user_none", "plan_id": pro["id"] }), 404, ("resource_not_found", "")),
    ] {
        server.operator().post(&at).json(body).send().await.refused(status, &[problem]);
    }
});

both!(organizations_pay_like_users, async |server| {
    bill(server).await;
    let team = plan(server, json!({ "slug": "team", "payer_type": "org" })).await;
    let pro = plan(server, json!({})).await;
    let acme = organization(server, "Acme").await;
    let at = format!("/v1/organizations/{acme}/billing/subscription");
    let found = server.client().get(&at).send().await.ok();
    assert_eq!(found["subscription_items"][0]["plan"]["slug"], "free_org");
    let admin_at = admin(server, "/subscription_items");
    let body = |plan: &Value| json!({ "organization_id": acme, "plan_id": plan["id"] });
    let reply = server.operator().post(&admin_at).json(body(&pro)).send().await;
    reply.refused(400, &[("bad_request", "")]);
    let item = server.operator().post(&admin_at).json(body(&team)).send().await.ok();
    let list = server.client().get("/v1/billing/subscription_items?payer_type=org&query=acm");
    let list = list.send().await.ok();
    assert_eq!(ids(&list["data"]), [id(&item)]);
    assert_eq!(list["data"][0]["payer"]["organization_name"], "Acme");
    let credits = format!("/v1/organizations/{acme}/billing/credits");
    let body = json!({ "amount": 5, "action": "increase", "idempotency_key": "a" });
    server.client().post(&credits).json(body).send().await.ok();
    assert_eq!(server.client().get(&credits).send().await.ok()["balance"]["amount"], 5);
    server.client().delete(&format!("/v1/organizations/{acme}")).send().await.ok();
    server.client().get(&at).send().await.refused(404, &[("resource_not_found", "")]);
    assert_eq!(pending(server).await.len(), 0);
});
