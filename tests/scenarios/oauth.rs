//! Accounts that users connect at a provider, and tokens that are renewed there.

mod provider;

use rollbook_testkit::{Call, Client, Engine, Reply, START, Server, both};
use serde_json::{Value, json};

pub(crate) use self::provider::read;
use self::provider::{Mode, Provider};
use crate::external_accounts::import;
use crate::support::{events, id, path, someone, text};

const PROVIDER: &str = "oauth_custom_acme";

fn admin(server: &Server, below: &str) -> String {
    format!("/admin/v1/instances/{}{below}", server.instance_id)
}

async fn put(server: &Server, name: &str, body: Value) -> Reply {
    server
        .operator()
        .put(&admin(server, &format!("/oauth_providers/{name}")))
        .json(body)
        .send()
        .await
}

/// A provider that the instance knows.
async fn set_up(server: &Server) -> Provider {
    let provider = Provider::start().await;
    let body =
        json!({ "client_id": "client-1", "client_secret": "s3cret", "issuer": provider.url });
    put(server, PROVIDER, body).await.ok();
    provider
}

async fn connect(server: &Server, user: &str, body: Value) -> Reply {
    let at = admin(server, &format!("/users/{user}/external_accounts/connect"));
    server.operator().post(&at).json(body).send().await
}

/// One parameter of a URL; none of these tests' needs decoding.
fn param(url: &str, name: &str) -> String {
    let pair = url.split(['?', '&']).find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    pair.unwrap_or_else(|| panic!("no {name} in {url}")).to_owned()
}

/// What a browser would ask for after the user has agreed.
fn callback(server: &Server, url: &str) -> Call {
    let code = format!("{}.{}", param(url, "nonce"), param(url, "code_challenge"));
    let call = server.client().with_token(None).get("/oauth/callback");
    call.query("state", param(url, "state")).query("code", code)
}

/// Connects an account and answers its id.
async fn connected(server: &Server, user: &str) -> String {
    let started = connect(server, user, json!({ "provider": PROVIDER })).await.ok();
    let finished = callback(server, text(&started["url"])).send().await.ok();
    text(&finished["external_account_id"]).to_owned()
}

fn get_tokens(client: &Client, user: &str) -> Call {
    client.get(&path(user, &format!("/oauth_access_tokens/{PROVIDER}")))
}

async fn tokens(server: &Server, user: &str) -> Reply {
    get_tokens(&server.client(), user).send().await
}

both!(an_account_is_connected_by_consent_at_the_provider, async |server| {
    let provider = set_up(server).await;
    let user = someone(server, "adaada").await;
    let body = json!({
        "provider": PROVIDER, "redirect_url": "https://app.example.com/done?a=1#x",
        "additional_scopes": ["calendar", "email"],
    });
    let started = connect(server, &user, body).await.ok();
    assert_eq!(started["expires_at"], START + 600_000);
    let url = text(&started["url"]);
    assert!(url.starts_with(&format!("{}/auth?", provider.url)), "{url}");
    assert_eq!(param(url, "response_type"), "code");
    assert_eq!(param(url, "code_challenge_method"), "S256");
    assert_eq!(param(url, "scope"), "openid+email+profile+calendar");
    assert_eq!(param(url, "client_id"), "client-1");

    let finished = callback(server, url).send().await;
    assert_eq!(finished.status, 303);
    let shown = server.get_user(&user).await;
    let account = &shown["external_accounts"][0];
    let eac = text(&account["external_account_id"]);
    let back = format!("https://app.example.com/done?a=1&external_account_id={eac}#x");
    assert_eq!(finished.header("location"), Some(back.as_str()));
    assert_eq!(finished.header("cache-control"), Some("no-store"));
    for (field, expected) in [
        ("provider", json!(PROVIDER)),
        ("provider_user_id", json!("sub-1")),
        ("approved_scopes", json!("openid email")),
        ("email_address", json!("ada@example.com")),
        ("email_address_verified", json!(true)),
        ("first_name", json!("Ada")),
        ("image_url", json!("https://p.example/1.png")),
        ("created_at", json!(START)),
    ] {
        assert_eq!(account[field], expected, "{field}");
    }
    assert_eq!(account["verification"]["strategy"], PROVIDER);
    let email = &shown["email_addresses"][0];
    assert_eq!(email["linked_to"][0]["id"], account["identification_id"]);
    assert_eq!(email["verification"]["strategy"], format!("from_{PROVIDER}"));
    let token = tokens(server, &user).await.ok();
    assert_eq!(
        (&token[0]["token"], &token[0]["expires_at"]),
        (&json!("at-1"), &json!(START + 60_000))
    );
    assert!(text(&token[0]["id_token"]).starts_with("eyJ"));
    let u = user.as_str();
    assert_eq!(server.events().await, events([("user.created", u), ("user.updated", u)]));

    // The same answer does not count twice.
    let again = callback(server, url).send().await;
    again.refused(404, &[("resource_not_found", "")]);
    // Connecting it again brings it up to date.
    provider.state().info = json!({ "given_name": "Augusta" });
    assert_eq!(connected(server, &user).await, eac);
    let shown = server.get_user(&user).await;
    assert_eq!(shown["external_accounts"].as_array().map(Vec::len), Some(1));
    assert_eq!(shown["external_accounts"][0]["first_name"], "Augusta");
    assert_eq!(tokens(server, &user).await.ok()[0]["token"], "at-2");
    // It is found by what the provider calls it.
    let list = server.client().get("/v1/users").query("provider", PROVIDER);
    let found = list.query("provider_user_id", "sub-1").send().await.ok();
    assert_eq!(id(&found[0]), user);
    // Someone else cannot have it.
    let other = someone(server, "bobbob").await;
    let started = connect(server, &other, json!({ "provider": PROVIDER })).await.ok();
    let taken = callback(server, text(&started["url"])).send().await;
    taken.refused(422, &[("form_identifier_exists", "provider_user_id")]);
});

both!(a_callback_counts_only_for_what_was_begun, async |server| {
    let provider = set_up(server).await;
    let user = someone(server, "adaada").await;
    let begin = async || connect(server, &user, json!({ "provider": PROVIDER })).await.ok();
    let get =
        |query: &str| server.client().with_token(None).get(&format!("/oauth/callback{query}"));
    let instance = server.instance_id.to_string();
    for query in [
        String::new(),
        "?state=x&code=y".to_owned(),
        format!("?state={instance}.x&code=y"),
        "?state=ins_34OkW3rUlQGlAzCORHT4DHFLqcc.x&code=y".to_owned(),
    ] {
        get(&query).send().await.refused(404, &[("resource_not_found", "")]);
    }
    // Too late.
    let started = begin().await;
    server.clock.advance(600_000);
    let late = callback(server, text(&started["url"])).send().await;
    late.refused(404, &[("resource_not_found", "")]);
    // Not agreed to.
    let state = param(text(&begin().await["url"]), "state");
    let denied = get(&format!("?state={state}&error=access_denied")).send().await;
    denied.refused(400, &[("oauth_access_denied", "")]);
    // A code of someone else's question.
    let (one, two) = (begin().await, begin().await);
    let (one, two) = (text(&one["url"]), text(&two["url"]));
    let code = format!("{}.{}", param(two, "nonce"), param(two, "code_challenge"));
    let call = get("").query("state", param(one, "state")).query("code", code).send().await;
    call.refused(400, &[("oauth_token_retrieval_error", "")]);
    // An ID token that proves nothing.
    for (claim, value) in [
        ("nonce", json!("other")),
        ("aud", json!("client-2")),
        ("iss", json!("https://evil.example")),
        ("exp", json!(1_700_000_000)),
        ("sub", json!("sub-2")),
        ("sub", json!(7)),
    ] {
        provider.state().claims = json!({ claim: value });
        let reply = callback(server, text(&begin().await["url"])).send().await;
        reply.refused(400, &[("oauth_token_retrieval_error", "")]);
    }
    provider.state().claims = json!({});
    for mode in [Mode::HangsUp, Mode::Garbage, Mode::Endless, Mode::Redirects, Mode::Broken] {
        provider.turn(mode);
        let reply = callback(server, text(&begin().await["url"])).send().await;
        reply.refused(400, &[("oauth_token_retrieval_error", "")]);
    }
    assert_eq!(server.get_user(&user).await["external_accounts"], json!([]));
    // Told to the page where there is one.
    provider.turn(Mode::Well);
    let body = json!({ "provider": PROVIDER, "redirect_url": "http://localhost:3000/done" });
    let url = connect(server, &user, body).await.ok();
    let denied = get("").query("state", param(text(&url["url"]), "state")).query("error", "x");
    let location = "http://localhost:3000/done?error=oauth_access_denied";
    assert_eq!(denied.send().await.header("location"), Some(location));
    // The form that some providers send counts as well.
    let url = begin().await;
    let call = callback(server, text(&url["url"]));
    let (state, url) = (param(text(&url["url"]), "state"), text(&url["url"]));
    drop(call);
    let form =
        format!("state={state}&code={}.{}", param(url, "nonce"), param(url, "code_challenge"));
    let call = server.client().with_token(None).post("/oauth/callback");
    call.body("application/x-www-form-urlencoded", form).send().await.ok();
});

both!(an_expired_token_is_renewed_once_however_many_ask, async |server| {
    let provider = set_up(server).await;
    let user = someone(server, "adaada").await;
    connected(server, &user).await;
    server.clock.advance(49_999);
    assert_eq!(tokens(server, &user).await.ok()[0]["token"], "at-1");
    server.clock.advance(1);
    provider.turn(Mode::Slowly);
    let second = match server.engine() {
        Engine::Postgres => Some(server.second().await),
        Engine::Sqlite => None,
    };
    let mut asked = Vec::new();
    for n in 0..8 {
        let other =
            second.as_ref().filter(|_| n % 2 == 1).map_or_else(|| server.client(), Server::client);
        asked.push(tokio::spawn(get_tokens(&other, &user).send()));
    }
    for reply in asked {
        let token = reply.await.expect("sent").ok()[0].clone();
        assert_eq!(
            (&token["token"], &token["expires_at"]),
            (&json!("at-2"), &json!(START + 110_000))
        );
    }
    assert_eq!(provider.state().refreshes, 1);
    // The new refresh token takes the place of the old one.
    provider.turn(Mode::Well);
    server.clock.advance(60_000);
    assert_eq!(tokens(server, &user).await.ok()[0]["token"], "at-3");
    assert_eq!(provider.state().refreshes, 2);
    if let Some(mut second) = second {
        second.stop().await;
    }
});

both!(each_failure_of_a_provider_has_its_code_and_may_pass, async |server| {
    let provider = set_up(server).await;
    let user = someone(server, "adaada").await;
    connected(server, &user).await;
    server.clock.advance(60_000);
    for mode in [Mode::HangsUp, Mode::Garbage, Mode::Endless, Mode::Redirects, Mode::Broken] {
        provider.turn(mode);
        tokens(server, &user).await.refused(400, &[("oauth_token_retrieval_error", "")]);
    }
    provider.turn(Mode::Never);
    // Whoever comes meanwhile waits for the same answer.
    let (one, two) = tokio::join!(tokens(server, &user), tokens(server, &user));
    one.refused(400, &[("gateway_timeout", "")]);
    two.refused(400, &[("gateway_timeout", "")]);
    provider.turn(Mode::Well);
    assert_eq!(tokens(server, &user).await.ok()[0]["token"], "at-2");
    // The user has taken the consent back.
    server.clock.advance(60_000);
    provider.state().refresh_tokens.clear();
    for _ in 0..2 {
        tokens(server, &user).await.refused(400, &[("oauth_token_retrieval_error", "")]);
    }
    // Until the account is connected anew.
    connected(server, &user).await;
    assert_eq!(tokens(server, &user).await.ok()[0]["token"], "at-3");
});

both!(who_went_away_in_the_middle_leaves_nothing_undone, async |server| {
    let provider = set_up(server).await;
    let user = someone(server, "adaada").await;
    connected(server, &user).await;
    server.clock.advance(60_000);
    provider.turn(Mode::Slowly);
    let asked = tokio::spawn(tokens_of(server.client(), user.clone()));
    while provider.state().refreshes == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    asked.abort();
    // The answer to nobody was kept.
    assert_eq!(tokens(server, &user).await.ok()[0]["token"], "at-2");
    assert_eq!(provider.state().refreshes, 1);
});

async fn tokens_of(client: Client, user: String) {
    let _ = get_tokens(&client, &user).try_send().await;
}

both!(a_renewal_that_nobody_finished_is_tried_again_after_its_lease, async |server| {
    let provider = set_up(server).await;
    let user = someone(server, "adaada").await;
    let eac = connected(server, &user).await;
    server.clock.advance(60_000);
    // As a server leaves it that was killed while it asked.
    let (instance, ctx) = (server.instance_id.clone(), server.ctx.clone());
    let now = server.clock.now();
    let account = eac.parse().expect("an id");
    let stored =
        rollbook_store::oauth_access_tokens::by_account(&ctx.db, &ctx.vault, &instance, &account);
    let stored = stored.await.expect("a store").expect("tokens");
    server
        .write(move |tx| {
            rollbook_store::oauth_access_tokens::lease(tx, &instance, &stored, now, now + 60_000)
        })
        .await;
    let waiting = tokio::spawn(tokens_of(server.client(), user.clone()));
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(provider.state().refreshes, 0);
    server.clock.advance(60_000);
    assert_eq!(tokens(server, &user).await.ok()[0]["token"], "at-2");
    waiting.await.expect("answered");
    assert_eq!(provider.state().refreshes, 1);
});

both!(a_provider_that_is_off_gives_no_tokens, async |server| {
    let provider = set_up(server).await;
    let user = someone(server, "adaada").await;
    // Nobody has connected anything: no token, and no error.
    assert_eq!(tokens(server, &user).await.ok(), json!([]));
    connected(server, &user).await;
    let body = json!({ "client_id": "client-1", "issuer": provider.url, "enabled": false });
    put(server, PROVIDER, body.clone()).await.ok();
    let off = &[("oauth_token_provider_not_enabled", "")];
    tokens(server, &user).await.refused(404, off);
    connect(server, &user, json!({ "provider": PROVIDER })).await.refused(404, off);
    // Not to say the secret again keeps it.
    let on = json!({ "client_id": "client-1", "issuer": provider.url });
    let shown = put(server, PROVIDER, on).await.ok();
    assert_eq!((&shown["has_client_secret"], &shown["enabled"]), (&json!(true), &json!(true)));
    assert!(!shown.to_string().contains("s3cret"));
    tokens(server, &user).await.ok();
    let at = admin(server, &format!("/oauth_providers/{PROVIDER}"));
    server.operator().delete(&at).send().await.ok();
    server.operator().delete(&at).send().await.refused(404, &[("resource_not_found", "")]);
    // What is good stays good without it, and cannot be renewed.
    tokens(server, &user).await.ok();
    server.clock.advance(60_000);
    tokens(server, &user).await.refused(404, off);
});

both!(tokens_are_given_back_with_the_account_if_the_operator_says_so, async |server| {
    let provider = set_up(server).await;
    let user = someone(server, "adaada").await;
    for (revoke, expected) in [(false, 0), (true, 1)] {
        let body =
            json!({ "client_id": "client-1", "issuer": provider.url, "revoke_on_delete": revoke });
        put(server, PROVIDER, body).await.ok();
        let eac = connected(server, &user).await;
        let below = format!("/external_accounts/{eac}");
        server.client().delete(&path(&user, &below)).send().await.ok();
        for _ in 0..100 {
            if provider.state().revoked.len() == expected {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(provider.state().revoked.len(), expected);
    }
    assert_eq!(provider.state().revoked, ["rt-2"]);
});

both!(providers_are_set_up_by_preset_discovery_or_by_hand, async |server| {
    let provider = Provider::start().await;
    for name in [
        "google",
        "github",
        "microsoft",
        "apple",
        "facebook",
        "discord",
        "gitlab",
        "linkedin",
        "linkedin_oidc",
        "slack",
    ] {
        let shown = put(server, &format!("oauth_{name}"), json!({ "client_id": "c" })).await.ok();
        assert!(text(&shown["token_url"]).starts_with("https://"), "{name}");
        assert_eq!(shown["redirect_uri"], format!("{}/oauth/callback", server.url));
    }
    let list = server.operator().get(&admin(server, "/oauth_providers")).send().await.ok();
    assert_eq!(list["total_count"], 10);
    let get = server.operator().get(&admin(server, "/oauth_providers/oauth_google"));
    assert_eq!(get.send().await.ok()["issuer"], "https://accounts.google.com");

    let by_hand = json!({
        "client_id": "c", "authorization_url": "https://op.example.com/auth",
        "token_url": "https://op.example.com/token", "userinfo_url": "https://op.example.com/me",
    });
    put(server, "oauth_custom_hand", by_hand.clone()).await.ok();
    let with = |name: &str, value: Value| {
        let mut body = by_hand.clone();
        body[name] = value;
        body
    };
    let wrong = "form_param_value_invalid";
    for (name, body, code, param) in [
        ("oauth_custom_x", json!({ "client_id": "c" }), "form_param_missing", "authorization_url"),
        ("oauth_custom_x", with("token_url", json!("http://op.example.com/")), wrong, "token_url"),
        ("oauth_custom_x", with("token_url", json!("no url")), wrong, "token_url"),
        ("oauth_custom_x", with("userinfo_url", json!(null)), "form_param_missing", "userinfo_url"),
        (
            "oauth_custom_x",
            with("issuer", json!("https://op.example.com")),
            "form_conditional_param_missing",
            "jwks_url",
        ),
        ("oauth_custom_x", with("client_id", json!("")), "form_param_missing", "client_id"),
        ("oauth_custom_x", with("client_secret", json!("")), wrong, "client_secret"),
        ("oauth_custom_x", with("client_auth", json!("none")), wrong, "client_auth"),
        ("oauth_custom_x", with("scopes", json!(["a b"])), wrong, "scopes"),
        ("oauth_custom_x", with("secret", json!("s")), "form_param_unknown", "secret"),
        ("oauth_google", by_hand.clone(), "form_conditional_param_disallowed", "authorization_url"),
        (
            "oauth_custom_x",
            json!({ "client_id": "c", "issuer": format!("{}/other", provider.url) }),
            wrong,
            "issuer",
        ),
        (
            "oauth_custom_x",
            json!({ "client_id": "c", "issuer": "http://127.0.0.1:1" }),
            wrong,
            "issuer",
        ),
        (
            "oauth_custom_x",
            json!({ "client_id": "c", "issuer": "http://op.example.com" }),
            wrong,
            "issuer",
        ),
    ] {
        let at = admin(server, &format!("/oauth_providers/{name}"));
        let reply = server.operator().put(&at).json(body).unchecked().send().await;
        let problems = reply.problems();
        assert!(
            problems.contains(&(code.to_owned(), param.to_owned())),
            "{param}: {}",
            reply.text()
        );
        assert_eq!(reply.status, 422);
    }
    let unknown = put(server, "oauth_nonsense", json!({ "client_id": "c" })).await;
    unknown.refused(400, &[("oauth_unsupported_provider", "")]);
    let list = server.operator().get(&admin(server, "/oauth_providers")).send().await.ok();
    assert_eq!(list["total_count"], 11);
});

both!(what_a_connection_begins_with_is_checked, async |server| {
    set_up(server).await;
    let user = someone(server, "adaada").await;
    for (body, status, code, param) in [
        (json!({ "provider": "" }), 422, "form_param_missing", "provider"),
        (
            json!({ "provider": PROVIDER, "redirect_url": "javascript:1" }),
            422,
            "form_param_value_invalid",
            "redirect_url",
        ),
        (
            json!({ "provider": PROVIDER, "redirect_url": "/here" }),
            422,
            "form_param_value_invalid",
            "redirect_url",
        ),
        (
            json!({ "provider": PROVIDER, "additional_scopes": ["a b"] }),
            422,
            "form_param_value_invalid",
            "additional_scopes",
        ),
        (json!({ "provider": "oauth_nonsense" }), 400, "oauth_unsupported_provider", ""),
        (json!({ "provider": "oauth_google" }), 404, "oauth_token_provider_not_enabled", ""),
        (json!({ "provider": PROVIDER, "x": 1 }), 422, "form_param_unknown", "x"),
    ] {
        let at = admin(server, &format!("/users/{user}/external_accounts/connect"));
        let reply = server.operator().post(&at).json(body).unchecked().send().await;
        reply.refused(status, &[(code, param)]);
    }
    let nobody =
        connect(server, "user_34OkW3rUlQGlAzCORHT4DHFLqcc", json!({ "provider": PROVIDER })).await;
    nobody.refused(404, &[("resource_not_found", "")]);
    // A user who is gone leaves no connection behind.
    let started = connect(server, &user, json!({ "provider": PROVIDER })).await.ok();
    server.client().delete(&path(&user, "")).send().await.ok();
    let late = callback(server, text(&started["url"])).send().await;
    late.refused(404, &[("resource_not_found", "")]);
});

both!(a_fork_has_the_providers_and_their_secrets, async |server| {
    let provider = set_up(server).await;
    let user = someone(server, "adaada").await;
    let fork = server.operator().post(&admin(server, "/fork")).json(json!({})).send().await.ok();
    let at = format!("/admin/v1/instances/{}", id(&fork));
    let connect = server.operator().post(&format!("{at}/users/{user}/external_accounts/connect"));
    let started = connect.json(json!({ "provider": PROVIDER })).send().await.ok();
    callback(server, text(&started["url"])).send().await.ok();
    assert_eq!(server.get_user(&user).await["external_accounts"], json!([]));
    assert_eq!(provider.state().refresh_tokens.len(), 1);
    server.operator().delete(&at).send().await.ok();
});

both!(what_is_imported_is_renewed_as_well, async |server| {
    let provider = set_up(server).await;
    provider.state().refresh_tokens.insert("rt-old".to_owned());
    let user = someone(server, "adaada").await;
    let account = json!({
        "provider": PROVIDER, "provider_user_id": "sub-1", "access_token": "at-old",
        "refresh_token": "rt-old", "expires_at": START - 1,
    });
    import(server, &user, account).await.ok();
    assert_eq!(tokens(server, &user).await.ok()[0]["token"], "at-1");
});
