//! Reading a subscription: the default plan, both shapes, and what is refused.

use rollbook_testkit::{START, Server, both};
use serde_json::{Value, json};

use crate::support::{delete_instance, id, instance, path, someone, text};

/// Turns billing on.
pub(crate) async fn bill(server: &Server) {
    server.settings(json!({ "billing": { "enabled": true } })).await;
}

/// The path of an operator's request about billing.
pub(crate) fn admin(server: &Server, below: &str) -> String {
    format!("/admin/v1/instances/{}/billing{below}", server.instance_id)
}

/// A plan of users.
pub(crate) async fn plan(server: &Server, body: Value) -> Value {
    let mut whole = json!({ "name": "Pro", "slug": "pro", "payer_type": "user", "amount": 1000 });
    for (name, value) in body.as_object().expect("an object") {
        whole[name] = value.clone();
    }
    // After those before it: lists are sorted by creation.
    server.clock.advance(1000);
    server.operator().post(&admin(server, "/plans")).json(whole).send().await.ok()
}

/// The subscription of a user, as a version shows it.
pub(crate) async fn subscription(server: &Server, user: &str, version: &str) -> Value {
    let call = server.client().get(&path(user, "/billing/subscription"));
    call.header("Clerk-API-Version", version).send().await.ok()
}

both!(every_user_is_on_the_default_plan_once_billing_is_on, async |server| {
    let before = someone(server, "early").await;
    let reply = server.client().get(&path(&before, "/billing/subscription")).send().await;
    reply.refused(403, &[("billing_not_enabled", "")]);
    server.clock.advance(1000);
    bill(server).await;
    server.clock.advance(1000);
    let after = someone(server, "late").await;
    for (user, since) in [(&before, START + 1000), (&after, START + 2000)] {
        let found = subscription(server, user, "2025-11-10").await;
        assert_eq!((&found["status"], &found["created_at"]), (&json!("active"), &json!(since)));
        assert_eq!(found["active_at"], since);
        assert_eq!(found["eligible_for_free_trial"], true);
        assert!(found.get("next_payment").is_none(), "{found}");
        let items = found["subscription_items"].as_array().expect("items");
        assert_eq!(items.len(), 1);
        let item = &items[0];
        assert_eq!((&item["status"], &item["period_end"]), (&json!("active"), &json!(null)));
        assert_eq!((&item["period_start"], &item["payer_id"]), (&json!(since), &found["payer_id"]));
        assert_eq!(
            (&item["plan"]["slug"], &item["plan"]["is_default"]),
            (&json!("free_user"), &json!(true))
        );
        assert_eq!(item["plan"]["fee"]["amount_formatted"], "$0.00");
        // Nothing is written for it, so it must be the same each time.
        assert_eq!(subscription(server, user, "2025-11-10").await, found);
    }
    let tail = before.strip_prefix("user_").expect("an id");
    assert_eq!(subscription(server, &before, "2025-11-10").await["id"], format!("csub_{tail}"));
});

both!(the_shape_follows_the_version, async |server| {
    bill(server).await;
    let user = someone(server, "ada_l").await;
    for version in ["2025-11-10", "2026-05-12"] {
        let item = &subscription(server, &user, version).await["subscription_items"][0];
        assert!(item.get("payment_source_id").is_none() && item["plan"].get("amount").is_none());
        assert_eq!((&item["seats"], &item["plan"]["description"]), (&json!(null), &json!(null)));
    }
    for version in ["2021-02-05", "2024-10-01", "2025-04-10"] {
        let item = &subscription(server, &user, version).await["subscription_items"][0];
        assert_eq!((&item["payment_source_id"], &item["plan"]["amount"]), (&json!(""), &json!(0)));
        assert_eq!(
            (&item["plan"]["payer_type"], &item["plan"]["description"]),
            (&json!(["user"]), &json!(""))
        );
        assert_eq!(item["proration_date"], "2026-01-15");
    }
});

both!(nobody_has_no_subscription, async |server| {
    bill(server).await;
    for user in ["user_none", "usr_1", "user_34OkW3rUlQGlAzCORHT4DHFLqcc"] {
        let reply = server.client().get(&path(user, "/billing/subscription")).send().await;
        reply.refused(404, &[("resource_not_found", "")]);
    }
    let user = someone(server, "ada_l").await;
    server.client().delete(&path(&user, "")).send().await.ok();
    let reply = server.client().get(&path(&user, "/billing/subscription")).send().await;
    reply.refused(404, &[("resource_not_found", "")]);
});

both!(
    turning_billing_on_twice_or_emptying_the_instance_leaves_one_default_plan_each,
    async |server| {
        bill(server).await;
        server.settings(json!({ "billing": { "enabled": false } })).await;
        bill(server).await;
        let slugs = async || {
            let list = server.client().get("/v1/billing/plans").send().await.ok();
            let mut slugs: Vec<_> = list["data"]
                .as_array()
                .expect("plans")
                .iter()
                .map(|p| text(&p["slug"]).to_owned())
                .collect();
            slugs.sort();
            slugs
        };
        assert_eq!(slugs().await, ["free_org", "free_user"]);
        let reset = format!("/admin/v1/instances/{}/reset", server.instance_id);
        server.operator().post(&reset).send().await.ok();
        assert_eq!(slugs().await, ["free_org", "free_user"]);
    }
);

both!(a_fork_has_the_same_plans_and_neither_sees_the_others, async |server| {
    bill(server).await;
    let pro = plan(server, json!({})).await;
    let (other, stranger) = instance(server, json!({})).await;
    let settings = format!("/admin/v1/instances/{other}/settings");
    server
        .operator()
        .patch(&settings)
        .json(json!({ "billing": { "enabled": true } }))
        .send()
        .await
        .ok();
    let theirs = stranger.get("/v1/billing/plans").send().await.ok();
    assert_eq!(theirs["total_count"], 2);
    let user = someone(server, "ada_l").await;
    let reply = stranger.get(&path(&user, "/billing/subscription")).send().await;
    reply.refused(404, &[("resource_not_found", "")]);
    let reply = stranger.get(&format!("/v1/billing/prices?plan_id={}", id(&pro))).send().await;
    reply.refused(404, &[("plan_not_found", "plan_id")]);
    delete_instance(server, &other).await;

    let fork = format!("/admin/v1/instances/{}/fork", server.instance_id);
    let fork = server.operator().post(&fork).json(json!({})).send().await.ok();
    let client = server.client().with_token(Some(text(&fork["secret_key"])));
    assert_eq!(client.get("/v1/billing/plans").send().await.ok()["data"][0]["id"], pro["id"]);
    delete_instance(server, &id(&fork)).await;
});
