//! The tokens of connected accounts.

use rollbook_testkit::{Reply, START, Server, both};
use serde_json::{Value, json};

use crate::external_accounts::import;
use crate::support::{connect, id, path, someone, text};

async fn tokens(server: &Server, user: &str, provider: &str) -> Reply {
    let below = format!("/oauth_access_tokens/{provider}");
    server.client().get(&path(user, &below)).send().await
}

fn account(n: usize) -> Value {
    json!({
        "provider": "oauth_google", "provider_user_id": format!("{n}"),
        "approved_scopes": "openid  email", "label": format!("account {n}"),
        "public_metadata": { "n": n }, "access_token": format!("at-{n}"),
    })
}

both!(a_token_is_answered_with_its_account, async |server| {
    let user = someone(server, "adaada").await;
    let mut one = account(1);
    one["id_token"] = json!("e30.e30.");
    one["refresh_token"] = json!("rt-1");
    one["expires_at"] = json!(START + 3_600_000);
    let shown = import(server, &user, one).await.ok();
    import(server, &user, account(2)).await.ok();
    let ids: Vec<_> =
        (0..2).map(|n| &shown["external_accounts"][n]["external_account_id"]).collect();
    let answer = tokens(server, &user, "oauth_google").await.ok();
    let first = json!({
        "object": "oauth_access_token", "external_account_id": ids[0], "provider_user_id": "1",
        "token": "at-1", "expires_at": START + 3_600_000, "provider": "oauth_google",
        "public_metadata": { "n": 1 }, "label": "account 1", "scopes": ["openid", "email"],
        "id_token": "e30.e30.",
    });
    assert_eq!(answer[0], first);
    assert_eq!((&answer[1]["token"], &answer[1]["expires_at"]), (&json!("at-2"), &json!(null)));
    assert_eq!(answer[1].get("id_token"), None);
    // The prefix may be left out, as JavaScript's callers do.
    assert_eq!(tokens(server, &user, "google").await.ok(), answer);
    // No secret is in what the user's readers or the events see.
    let events = server.outbox().await;
    let told = events.iter().map(|event| event.data.clone()).collect::<String>();
    let shown = server.get_user(&user).await.to_string() + &told;
    assert!(!shown.contains("at-1") && !shown.contains("rt-1"), "{shown}");
});

both!(a_page_is_wrapped_but_for_generated_clients, async |server| {
    let user = someone(server, "adaada").await;
    for n in 0..4 {
        import(server, &user, account(n)).await.ok();
    }
    let get = |query: &str| {
        server.client().get(&path(&user, &format!("/oauth_access_tokens/oauth_google{query}")))
    };
    let all = get("").send().await.ok();
    assert_eq!(all.as_array().map(Vec::len), Some(4));
    let wrapped = get("?paginated=true").send().await.ok();
    assert_eq!(wrapped, json!({ "data": all, "total_count": 4 }));
    let page = get("?paginated=true&limit=2&offset=1").send().await.ok();
    assert_eq!(page, json!({ "data": [all[1], all[2]], "total_count": 4 }));
    let past = get("?paginated=true&offset=9").send().await.ok();
    assert_eq!(past, json!({ "data": [], "total_count": 4 }));
    let bare = get("?limit=1").send().await.ok();
    assert_eq!(bare, json!([all[0]]));
    let generated = get("?paginated=true").header("user-agent", "speakeasy-sdk/python 1.2");
    assert_eq!(generated.send().await.ok(), all);
    for (query, code, param) in [
        ("?limit=0", "form_param_value_invalid", "limit"),
        ("?limit=501", "form_param_value_invalid", "limit"),
        ("?offset=-1", "form_param_value_invalid", "offset"),
        ("?paginated=1", "form_param_type_invalid", "paginated"),
    ] {
        get(query).unchecked().send().await.refused(422, &[(code, param)]);
    }
});

both!(every_way_of_having_no_token_has_its_code, async |server| {
    let user = someone(server, "adaada").await;
    for (provider, status, code) in [
        ("oauth_nonsense", 400, "oauth_unsupported_provider"),
        ("%20", 400, "oauth_unsupported_provider"),
        ("oauth_google", 404, "oauth_token_provider_not_enabled"),
        ("oauth_custom_acme", 404, "oauth_token_provider_not_enabled"),
    ] {
        tokens(server, &user, provider).await.refused(status, &[(code, "")]);
    }
    let nobody = tokens(server, "user_34OkW3rUlQGlAzCORHT4DHFLqcc", "oauth_google").await;
    nobody.refused(404, &[("resource_not_found", "")]);
    connect(server, &user, "oauth_google", "1").await;
    let none = tokens(server, &user, "oauth_google").await;
    none.refused(422, &[("oauth_missing_access_token", "")]);
});

both!(an_expired_token_that_cannot_be_renewed_is_not_answered, async |server| {
    let user = someone(server, "adaada").await;
    let mut one = account(1);
    one["expires_at"] = json!(START + 60_000);
    import(server, &user, one).await.ok();
    server.clock.advance(59_999);
    // Still good, if not for long: there is nothing better.
    assert_eq!(tokens(server, &user, "oauth_google").await.ok()[0]["token"], "at-1");
    server.clock.advance(1);
    let expired = tokens(server, &user, "oauth_google").await;
    expired.refused(422, &[("oauth_missing_refresh_token", "")]);
    // With a refresh token, but nobody to ask.
    let other = someone(server, "bobbob").await;
    let mut two = account(2);
    two["expires_at"] = json!(START);
    two["refresh_token"] = json!("rt-2");
    import(server, &other, two).await.ok();
    let off = tokens(server, &other, "oauth_google").await;
    off.refused(404, &[("oauth_token_provider_not_enabled", "")]);
    // One account whose token is good is enough.
    import(server, &user, account(3)).await.ok();
    let good = tokens(server, &user, "oauth_google").await.ok();
    assert_eq!((good.as_array().map(Vec::len), &good[0]["token"]), (Some(1), &json!("at-3")));
});

both!(tokens_go_with_their_account_and_their_user, async |server| {
    let user = someone(server, "adaada").await;
    let shown = import(server, &user, account(1)).await.ok();
    import(server, &user, account(2)).await.ok();
    let first = text(&shown["external_accounts"][0]["external_account_id"]);
    let below = format!("/external_accounts/{first}");
    server.client().delete(&path(&user, &below)).send().await.ok();
    let left = tokens(server, &user, "oauth_google").await.ok();
    assert_eq!((left.as_array().map(Vec::len), &left[0]["token"]), (Some(1), &json!("at-2")));
    server.client().delete(&path(&user, "")).send().await.ok();
    // The end of every test looks for rows of nobody.
});

both!(a_fork_has_the_accounts_without_their_tokens, async |server| {
    let user = someone(server, "adaada").await;
    import(server, &user, account(1)).await.ok();
    let at = format!("/admin/v1/instances/{}/fork", server.instance_id);
    let fork = server.operator().post(&at).json(json!({})).send().await.ok();
    let client = server.client().with_token(Some(text(&fork["secret_key"])));
    let reply = client.get(&path(&user, "/oauth_access_tokens/oauth_google")).send().await;
    reply.refused(422, &[("oauth_missing_access_token", "")]);
    assert_eq!(tokens(server, &user, "oauth_google").await.ok()[0]["token"], "at-1");
    let at = format!("/admin/v1/instances/{}", id(&fork));
    server.operator().delete(&at).send().await.ok();
});
