//! Plans, features and prices: written by the operator, read by callers.

use rollbook_testkit::both;
use serde_json::json;

use crate::billing_subscription::{admin, bill, plan, subscription};
use crate::support::{id, ids, someone};

both!(a_plan_comes_with_its_price_and_features, async |server| {
    bill(server).await;
    let feature = json!({ "name": "Single sign-on", "slug": "sso", "description": "SAML" });
    let feature =
        server.operator().post(&admin(server, "/features")).json(feature).send().await.ok();
    let body = json!({
        "amount": 4999, "annual_monthly_amount": 3999, "currency": "eur", "free_trial_days": 14,
        "features": ["sso", "sso"], "description": "For professionals", "publicly_visible": false,
    });
    let pro = plan(server, body).await;
    assert_eq!(pro["fee"]["amount_formatted"], "€49.99");
    assert_eq!(
        (&pro["annual_fee"]["amount"], &pro["fee"]["currency"]),
        (&json!(47988), &json!("EUR"))
    );
    assert_eq!((&pro["free_trial_days"], &pro["has_base_fee"]), (&json!(14), &json!(true)));
    assert_eq!(ids(&pro["features"]), [id(&feature)]);
    let at = admin(server, &format!("/plans/{}", id(&pro)));
    assert_eq!(server.operator().get(&at).send().await.ok(), pro);
    let list = server.client().get("/v1/billing/plans?payer_type=user&limit=1");
    let list = list.header("Clerk-API-Version", "2025-11-10").send().await.ok();
    assert_eq!((&list["total_count"], &list["data"]), (&json!(2), &json!([pro])));

    let gone = admin(server, &format!("/features/{}", id(&feature)));
    server.operator().patch(&gone).json(json!({ "name": "SSO" })).send().await.ok();
    server.operator().delete(&gone).send().await.ok();
    assert_eq!(server.operator().get(&at).send().await.ok()["features"], json!([]));
    server.operator().delete(&gone).send().await.refused(404, &[("resource_not_found", "")]);
});

both!(other_amounts_make_a_new_price_and_keep_the_old_one, async |server| {
    bill(server).await;
    let pro = plan(server, json!({})).await;
    let at = admin(server, &format!("/plans/{}", id(&pro)));
    let changed = server.operator().patch(&at).json(json!({ "amount": 1500 })).send().await.ok();
    assert_eq!(changed["fee"]["amount"], 1500);
    let renamed = server.operator().patch(&at).json(json!({ "name": "Pro 2" })).send().await.ok();
    assert_eq!((&renamed["name"], &renamed["fee"]["amount"]), (&json!("Pro 2"), &json!(1500)));
    let list = server.client().get(&format!("/v1/billing/prices?plan_id={}", id(&pro)));
    let list = list.send().await.ok();
    let prices = list["data"].as_array().expect("prices");
    let shown: Vec<_> = prices.iter().map(|p| (&p["amount"], &p["is_default"])).collect();
    assert_eq!(shown, [(&json!(1000), &json!(false)), (&json!(1500), &json!(true))]);
});

both!(a_custom_price_is_listed_by_its_amount, async |server| {
    bill(server).await;
    let pro = id(&plan(server, json!({})).await);
    let body = json!({ "plan_id": pro, "amount": 700, "description": "For a friend" });
    let price = server.client().post("/v1/billing/prices").json(body).send().await.ok();
    assert_eq!(
        (&price["fee"]["amount_formatted"], &price["is_default"]),
        (&json!("$7.00"), &json!(false))
    );
    assert_eq!(price["supported_billing_periods"], "month");
    let list = server.client().get("/v1/billing/prices").send().await.ok();
    let amounts: Vec<_> =
        list["data"].as_array().expect("prices").iter().map(|p| &p["amount"]).collect();
    assert_eq!(amounts, [0, 0, 700, 1000]);
    let page = server.client().get("/v1/billing/prices?limit=1&offset=2").send().await.ok();
    assert_eq!((&page["total_count"], &page["data"][0]), (&json!(4), &price));
});

both!(a_bad_price_is_refused_by_name, async |server| {
    bill(server).await;
    let pro = id(&plan(server, json!({})).await);
    for (body, status, problems) in [
        (json!({}), 422, vec![("form_param_missing", "plan_id"), ("form_param_missing", "amount")]),
        (
            json!({ "plan_id": pro, "amount": 99 }),
            422,
            vec![("form_param_value_invalid", "amount")],
        ),
        (
            json!({ "plan_id": pro, "amount": -1 }),
            422,
            vec![("form_param_value_invalid", "amount")],
        ),
        (
            json!({ "plan_id": pro, "amount": 100, "currency": "XAU", "supported_billing_periods": "both" }),
            422,
            vec![
                ("form_param_value_invalid", "supported_billing_periods"),
                ("form_param_value_invalid", "currency"),
            ],
        ),
        (
            json!({ "plan_id": "cplan_none", "amount": 100 }),
            404,
            vec![("plan_not_found", "plan_id")],
        ),
        (
            json!({ "plan_id": pro, "amount": 100, "color": 1 }),
            422,
            vec![("form_param_unknown", "color")],
        ),
    ] {
        let reply = server.client().post("/v1/billing/prices").json(body).send().await;
        reply.refused(status, &problems);
    }
});

both!(a_bad_plan_is_refused_by_name_and_a_taken_slug_too, async |server| {
    bill(server).await;
    plan(server, json!({})).await;
    let plans = admin(server, "/plans");
    let whole = |more: serde_json::Value| {
        let mut body = json!({ "name": "A", "slug": "a", "payer_type": "user" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
        body
    };
    for (body, problems) in [
        (whole(json!({ "slug": "pro" })), vec![("form_identifier_exists", "slug")]),
        (whole(json!({ "slug": "A b" })), vec![("form_param_format_invalid", "slug")]),
        (whole(json!({ "payer_type": "me" })), vec![("form_param_value_invalid", "payer_type")]),
        (whole(json!({ "currency": "euro" })), vec![("form_param_value_invalid", "currency")]),
        (
            whole(json!({ "free_trial_days": 366 })),
            vec![("form_param_value_invalid", "free_trial_days")],
        ),
        (whole(json!({ "features": ["none"] })), vec![("form_resource_not_found", "features")]),
        (
            whole(json!({ "is_default": true, "amount": 1 })),
            vec![("form_param_value_invalid", "is_default")],
        ),
        (
            whole(json!({ "amount": 100_000_000_000_i64 })),
            vec![("form_param_value_invalid", "amount")],
        ),
    ] {
        server.operator().post(&plans).json(body).send().await.refused(422, &problems);
    }
    let reply =
        server.operator().patch(&admin(server, "/plans/cplan_none")).json(json!({})).send().await;
    reply.refused(404, &[("plan_not_found", "")]);
});

both!(another_default_plan_takes_the_place_of_the_first, async |server| {
    bill(server).await;
    let user = someone(server, "ada_l").await;
    let basic = plan(server, json!({ "slug": "basic", "amount": 0, "is_default": true })).await;
    let item = &subscription(server, &user, "2025-11-10").await["subscription_items"][0];
    assert_eq!(item["plan_id"], basic["id"]);
    let at = admin(server, &format!("/plans/{}", id(&basic)));
    server.operator().delete(&at).send().await.refused(400, &[("bad_request", "")]);
    let reply = server.operator().patch(&at).json(json!({ "is_default": false })).send().await;
    reply.refused(422, &[("form_param_value_invalid", "is_default")]);
    let list = server.client().get("/v1/billing/plans?payer_type=user").send().await.ok();
    let old = list["data"].as_array().expect("plans").iter().find(|p| p["slug"] == "free_user");
    let at = admin(server, &format!("/plans/{}", id(old.expect("the old one"))));
    server.operator().delete(&at).send().await.ok();
});

both!(of_plans_that_are_made_the_default_one_at_once_one_is, async |server| {
    bill(server).await;
    let make = async |slug: &str| {
        plan(server, json!({ "slug": slug, "amount": 0, "is_default": true })).await
    };
    tokio::join!(make("one"), make("two"), make("three"), make("four"));
    let list = server.client().get("/v1/billing/plans?payer_type=user").send().await.ok();
    let plans = list["data"].as_array().expect("plans");
    assert_eq!(plans.len(), 5);
    assert_eq!(plans.iter().filter(|plan| plan["is_default"] == true).count(), 1);
});

both!(plans_of_callers_need_billing_to_be_on, async |server| {
    for path in ["/v1/billing/plans", "/v1/billing/prices"] {
        server.client().get(path).send().await.refused(403, &[("billing_not_enabled", "")]);
    }
    bill(server).await;
    for (query, code, name) in [
        ("limit=0", "form_param_value_invalid", "limit"),
        ("limit=501", "form_param_value_invalid", "limit"),
        ("offset=-1", "form_param_value_invalid", "offset"),
        ("payer_type=x", "form_param_value_invalid", "payer_type"),
    ] {
        let reply = server.client().get(&format!("/v1/billing/plans?{query}")).send().await;
        reply.refused(422, &[(code, name)]);
    }
});
