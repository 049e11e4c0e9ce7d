//! Rate limits, by the server's clock: off at first, Clerk's, or numbers.

use rollbook_testkit::{Reply, both};
use serde_json::json;

use crate::support::{delete_instance, instance, path, someone};

fn slowed(reply: &Reply, seconds: u64) {
    reply.refused(429, &[("too_many_requests", "")]);
    assert_eq!(reply.header("retry-after"), Some(&*seconds.to_string()));
    assert_eq!(reply.json()["errors"][0]["meta"]["resets_in"], seconds);
}

both!(without_limits_nobody_is_slowed, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    for n in 0..150 {
        client.get(&path(&user, "")).send().await.ok();
        if n % 10 == 0 {
            let body = json!({ "first_name": format!("A{n}") });
            client.patch(&path(&user, "")).json(body).send().await.ok();
        }
    }
});

both!(a_development_instance_of_clerk_answers_100_requests_in_10_seconds, async |server| {
    let user = someone(server, "adaada").await;
    server.settings(json!({ "rate_limits": "clerk" })).await;
    let client = server.client();
    for round in 0..2 {
        for n in 0..100 {
            // Every route counts, the one answered before the router included.
            let path = if n % 2 == 0 { path(&user, "") } else { "/v1/users/count".to_owned() };
            assert_eq!(client.get(&path).send().await.status, 200, "{round} {n}");
        }
        slowed(&client.get(&path(&user, "")).send().await, 10);
        slowed(&client.get("/v1/users").send().await, 10);
        server.clock.advance(9_000);
        slowed(&client.get("/v1/users").send().await, 1);
        server.clock.advance(1_000);
    }
});

both!(a_production_instance_of_clerk_answers_more, async |server| {
    let body = json!({ "environment_type": "production", "profile": "clerk" });
    let (production, client) = instance(server, body).await;
    for _ in 0..101 {
        client.get("/v1/users/count").send().await.ok();
    }
    delete_instance(server, &production).await;
});

both!(each_user_may_be_updated_10_times_in_10_seconds, async |server| {
    let user = someone(server, "adaada").await;
    let other = someone(server, "bobbob").await;
    server.settings(json!({ "rate_limits": { "user_update_per_10_s": 10 } })).await;
    let client = server.client();
    let update = |user: &str, n: usize| match n % 3 {
        0 => client.patch(&path(user, "")).json(json!({ "first_name": format!("A{n}") })).send(),
        1 => client
            .patch(&path(user, "/metadata"))
            .json(json!({ "public_metadata": { "n": n } }))
            .send(),
        _ => client
            .put(&path(user, "/metadata"))
            .json(json!({ "unsafe_metadata": { "n": n } }))
            .send(),
    };
    for n in 0..10 {
        update(&user, n).await.ok();
    }
    let before = server.get_user(&user).await;
    for n in 0..3 {
        slowed(&update(&user, n).await, 10);
    }
    assert_eq!(server.get_user(&user).await, before);
    // Others, and other writes of the same user, go on.
    update(&other, 0).await.ok();
    client.post(&path(&user, "/ban")).send().await.ok();
    server.clock.advance(10_000);
    update(&user, 0).await.ok();
});

both!(own_numbers_count_for_each_instance_by_itself, async |server| {
    server.settings(json!({ "rate_limits": { "instance_per_10_s": 3 } })).await;
    let (other, second) = instance(server, json!({})).await;
    let client = server.client();
    for _ in 0..3 {
        client.get("/v1/users").send().await.ok();
    }
    slowed(&client.get("/v1/users").send().await, 10);
    for _ in 0..5 {
        second.get("/v1/users").send().await.ok();
    }
    // Nobody can use up the limit without the key.
    let stranger = client.with_token(Some("sk_test_wrong_wrong_wrong"));
    server.clock.advance(10_000);
    for _ in 0..5 {
        stranger.get("/v1/users").send().await.refused(401, &[("clerk_key_invalid", "")]);
    }
    client.get("/v1/users").send().await.ok();
    server.settings(json!({ "rate_limits": "off" })).await;
    for _ in 0..5 {
        client.get("/v1/users").send().await.ok();
    }
    delete_instance(server, &other).await;
});
