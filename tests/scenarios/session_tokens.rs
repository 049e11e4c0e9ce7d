//! Session tokens: what they claim, who verifies them, and keys that come and go.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rollbook_testkit::{Engine, START, Server, both};
use serde_json::{Value, json};

use crate::support::{number, path, sign_in, someone, text};

const NOW_S: i64 = START / 1000;

/// A token of the session.
pub(crate) async fn token(server: &Server, session: &str, body: Value) -> String {
    let call = server.client().post(&format!("/v1/sessions/{session}/tokens")).json(body);
    text(&call.send().await.ok()["jwt"]).to_owned()
}

/// Part `n` of a token, read.
pub(crate) fn part(token: &str, n: usize) -> Value {
    let part = token.split('.').nth(n).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

pub(crate) fn claims(token: &str) -> Value {
    part(token, 1)
}

async fn verify(server: &Server, session: &str, token: &str) -> rollbook_testkit::Reply {
    let call = server.client().post(&format!("/v1/sessions/{session}/verify"));
    call.json(json!({ "token": token })).send().await
}

fn keys(server: &Server, below: &str) -> String {
    format!("/admin/v1/instances/{}/signing_keys{below}", server.instance_id)
}

async fn jwks(server: &Server) -> Vec<Value> {
    let body = server.client().get("/v1/jwks").send().await.ok();
    body["keys"].as_array().expect("an array").clone()
}

both!(a_session_token_has_the_claims_of_version_2, async |server| {
    let user = someone(server, "adaada").await;
    let session = sign_in(server, &user).await;
    server.clock.advance(180_000);
    let token = token(server, &session, json!({})).await;
    let header = part(&token, 0);
    assert_eq!(header["kid"], jwks(server).await[0]["kid"]);
    let expected =
        json!({ "alg": "RS256", "cat": "cl_B7d4PD111AAA", "kid": header["kid"], "typ": "JWT" });
    assert_eq!(header, expected);
    let claims = claims(&token);
    assert_eq!(text(&claims["jti"]).len(), 20);
    let expected = json!({
        "exp": NOW_S + 240, "fva": [3, -1], "iat": NOW_S + 180, "iss": server.url,
        "jti": claims["jti"], "nbf": NOW_S + 170, "sid": session, "sts": "active",
        "sub": user, "v": 2,
    });
    assert_eq!(claims, expected);
});

both!(the_origin_of_the_request_else_of_the_session_is_the_authorized_party, async |server| {
    let user = someone(server, "adaada").await;
    let call = server.client().post("/v1/sessions").json(json!({ "user_id": user }));
    let session = call.header("origin", "https://app.example.com").send().await.ok();
    let session = text(&session["id"]);
    assert_eq!(claims(&token(server, session, json!({})).await)["azp"], "https://app.example.com");
    let minted = async |origin: &str| {
        let call = server.client().post(&format!("/v1/sessions/{session}/tokens"));
        let body = call.header("origin", origin).send().await.ok();
        claims(text(&body["jwt"]))["azp"].clone()
    };
    assert_eq!(minted("https://other.example.com").await, "https://other.example.com");
    assert_eq!(minted("null").await, "https://app.example.com", "that is nobody's origin");
});

both!(lifetimes_and_the_issuer_are_settings_and_a_request_may_ask_for_another, async |server| {
    let user = someone(server, "adaada").await;
    let session = sign_in(server, &user).await;
    let issuer = "https://clerk.example.com";
    server
        .settings(json!({ "sessions": { "issuer": issuer, "token_lifetime_in_seconds": 300 } }))
        .await;
    let with_default = claims(&token(server, &session, json!({})).await);
    assert_eq!((&with_default["iss"], &with_default["exp"]), (&json!(issuer), &json!(NOW_S + 300)));
    for (asked, lasts) in [(json!(30), 30), (json!(315_360_000), 315_360_000), (Value::Null, 300)] {
        let body = json!({ "expires_in_seconds": asked });
        assert_eq!(claims(&token(server, &session, body).await)["exp"], NOW_S + lasts);
    }
    for (wrong, code) in [
        (json!(29), "form_param_value_invalid"),
        (json!(315_360_001), "form_param_value_invalid"),
        (json!("60"), "form_param_value_invalid"),
        (json!(60.5), "form_param_value_invalid"),
    ] {
        let call = server.client().post(&format!("/v1/sessions/{session}/tokens"));
        let reply = call.json(json!({ "expires_in_seconds": wrong })).send().await;
        reply.refused(422, &[(code, "expires_in_seconds")]);
    }
    let instance = server.operator().get(&format!("/admin/v1/instances/{}", server.instance_id));
    // `clerk.example.com$`
    let body = instance.send().await.ok();
    assert_eq!(body["publishable_key"], "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k");
});

both!(settings_of_sessions_are_checked, async |server| {
    let at = format!("/admin/v1/instances/{}/settings", server.instance_id);
    for (setting, value) in [
        ("issuer", json!("clerk.example.com")),
        ("issuer", json!("https://clerk.example.com/")),
        ("sign_in_url", json!("javascript:alert(1)")),
        ("lifetime_in_seconds", json!(59)),
        ("inactivity_timeout_in_seconds", json!(299)),
        ("token_lifetime_in_seconds", json!(29)),
    ] {
        let call = server.operator().patch(&at).json(json!({ "sessions": { setting: value } }));
        call.unchecked().send().await.refused(422, &[("form_param_value_invalid", setting)]);
    }
});

both!(making_a_token_counts_as_activity_once_a_minute, async |server| {
    let user = someone(server, "adaada").await;
    let session = sign_in(server, &user).await;
    let seen = async || {
        let at = format!("/v1/sessions/{session}");
        let session = server.client().get(&at).send().await.ok();
        let user = server.get_user(&user).await;
        assert_eq!(user["last_sign_in_at"], START);
        (number(&session["last_active_at"]), number(&user["last_active_at"]))
    };
    for (passed, moved_to) in [(59_999, START), (1, START + 60_000), (30_000, START + 60_000)] {
        server.clock.advance(passed);
        token(server, &session, json!({})).await;
        assert_eq!(seen().await, (moved_to, moved_to));
    }
});

both!(no_token_is_made_of_a_session_that_is_over, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    let refused = async |session: &str| {
        let call = server.client().post(&format!("/v1/sessions/{session}/tokens"));
        call.send().await.refused(404, &[("resource_not_found", "")]);
    };
    refused("sess_none").await;
    let revoked = sign_in(server, &user).await;
    let proof = token(server, &revoked, json!({})).await;
    verify(server, &revoked, &proof).await.ok();
    client.post(&format!("/v1/sessions/{revoked}/revoke")).send().await.ok();
    refused(&revoked).await;
    // The token is still good by itself; asked here, it proves nothing any more.
    verify(server, &revoked, &proof).await.refused(404, &[("resource_not_found", "")]);

    let locked = sign_in(server, &user).await;
    client.post(&path(&user, "/lock")).send().await.ok();
    token(server, &locked, json!({})).await;
    for end in ["ban", "password"] {
        client.post(&path(&user, "/unlock")).send().await.ok();
        let session = sign_in(server, &user).await;
        if end == "ban" {
            client.post(&path(&user, "/ban")).send().await.ok();
            client.post(&path(&user, "/unban")).send().await.ok();
        } else {
            let body =
                json!({ "password": crate::support::PASSWORD, "sign_out_of_other_sessions": true });
            client.patch(&path(&user, "")).json(body).send().await.ok();
        }
        refused(&session).await;
    }
});

both!(only_the_sessions_own_token_verifies_and_only_in_its_time, async |server| {
    let user = someone(server, "adaada").await;
    let (session, other) = (sign_in(server, &user).await, sign_in(server, &user).await);
    let good = token(server, &session, json!({})).await;
    let verified = verify(server, &session, &good).await.ok();
    assert_eq!(verified["id"], session);
    let parts: Vec<&str> = good.split('.').collect();
    let mut altered = claims(&good);
    altered["sid"] = json!(other);
    let altered = URL_SAFE_NO_PAD.encode(altered.to_string());
    let mut none = part(&good, 0);
    none["alg"] = json!("none");
    let none = URL_SAFE_NO_PAD.encode(none.to_string());
    let altered = format!("{}.{altered}.{}", parts[0], parts[2]);
    for (session, token) in [
        (&other, good.as_str()),
        (&other, &altered),
        (&session, &format!("{none}.{}.", parts[1])),
        (&session, ""),
        (&session, "a.b.c"),
    ] {
        let reply = verify(server, session, token).await;
        reply.refused(400, &[("invalid_session_token", "token")]);
    }
    server.clock.advance(64_999);
    verify(server, &session, &good).await.ok();
    server.clock.advance(1);
    verify(server, &session, &good).await.refused(400, &[("invalid_session_token", "token")]);
    server.clock.advance(-81_000);
    verify(server, &session, &good).await.refused(400, &[("invalid_session_token", "token")]);
});

both!(tokens_of_an_old_key_are_good_until_it_is_retired, async |server| {
    let user = someone(server, "adaada").await;
    let session = sign_in(server, &user).await;
    let old_token = token(server, &session, json!({})).await;
    let old = text(&part(&old_token, 0)["kid"]).to_owned();
    let operator = server.operator();
    let retire = async |kid: &str| {
        server.operator().post(&keys(server, &format!("/{kid}/retire"))).send().await
    };
    retire(&old).await.refused(400, &[("bad_request", "")]);

    let new = operator.post(&keys(server, "")).send().await.ok();
    assert_eq!((&new["signs"], &new["algorithm"]), (&json!(true), &json!("RS256")));
    assert!(text(&new["public_key"]).starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let new_token = token(server, &session, json!({})).await;
    assert_eq!(part(&new_token, 0)["kid"], new["id"]);
    let kids: Vec<Value> = jwks(server).await.iter().map(|key| key["kid"].clone()).collect();
    assert_eq!(kids, [new["id"].clone(), json!(old)]);
    for token in [&old_token, &new_token] {
        verify(server, &session, token).await.ok();
    }

    let retired = retire(&old).await.ok();
    assert_eq!((&retired["signs"], &retired["retired_at"]), (&json!(false), &json!(START)));
    assert_eq!(jwks(server).await.len(), 1);
    verify(server, &session, &new_token).await.ok();
    let reply = verify(server, &session, &old_token).await;
    reply.refused(400, &[("invalid_session_token", "token")]);
    for unknown in [old.as_str(), "sgk_none"] {
        retire(unknown).await.refused(404, &[("resource_not_found", "")]);
    }
    let list = operator.get(&keys(server, "")).send().await.ok();
    assert_eq!(list["total_count"], 2);
    assert_eq!(list["data"], json!([retired, new]));
});

both!(keys_outlive_a_restart_and_a_reset_and_a_fork_has_its_own, async |server| {
    let before = jwks(server).await;
    server.restart().await;
    assert_eq!(jwks(server).await, before);
    let at = format!("/admin/v1/instances/{}", server.instance_id);
    server.operator().post(&format!("{at}/reset")).send().await.ok();
    assert_eq!(jwks(server).await, before);
    let fork = server.operator().post(&format!("{at}/fork")).send().await.ok();
    let client = server.client().with_token(Some(text(&fork["secret_key"])));
    let theirs = client.get("/v1/jwks").send().await.ok();
    assert_ne!(theirs["keys"][0]["kid"], before[0]["kid"]);
    assert_ne!(theirs["keys"][0]["n"], before[0]["n"]);
    crate::support::delete_instance(server, text(&fork["id"])).await;
});

both!(the_first_key_is_made_once_however_many_ask_at_a_time, async |server| {
    let second = match server.engine() {
        Engine::Sqlite => None,
        Engine::Postgres => Some(server.second().await),
    };
    let mut asking = Vec::new();
    for _ in 0..4 {
        for server in [Some(&*server), second.as_ref()].into_iter().flatten() {
            asking.push(tokio::spawn(server.client().get("/v1/jwks").send()));
        }
    }
    let mut sets = Vec::new();
    for asked in asking {
        sets.push(asked.await.expect("sent").ok());
    }
    sets.dedup();
    assert_eq!(sets.len(), 1, "{sets:?}");
    assert_eq!(sets[0]["keys"].as_array().map(Vec::len), Some(1));
    // A rotation on one server is known to the other as soon as it looks.
    if let Some(mut second) = second {
        server.operator().post(&keys(server, "")).send().await.ok();
        second.ctx.refresh_catalog().await.expect("a catalog");
        assert_eq!(jwks(&second).await, jwks(server).await);
        second.stop().await;
    }
});

both!(the_key_set_needs_a_key_and_counts_for_no_limit, async |server| {
    server.settings(json!({ "rate_limits": { "instance_per_10_s": 1 } })).await;
    for _ in 0..5 {
        server.client().get("/v1/jwks").send().await.ok();
    }
    let nobody = server.client().with_token(None).get("/v1/jwks").send().await;
    nobody.refused(401, &[("authorization_header_format_invalid", "")]);
    let wrong = server.client().with_token(Some("sk_test_wrong")).get("/v1/jwks").send().await;
    wrong.refused(401, &[("clerk_key_invalid", "")]);
});

both!(private_halves_are_nowhere_in_the_clear, async |server| {
    jwks(server).await;
    let instance = server.instance_id.clone();
    let stored =
        server.write(move |tx| rollbook_store::signing_keys::of_instance(tx, &instance)).await;
    let key = stored.first().expect("a key");
    // What every PKCS#8 of RSA begins with: version 0 and the algorithm's name.
    let opened = key.open(&server.ctx.vault).expect("it opens");
    assert_eq!(&opened[4..7], [2, 1, 0]);
    assert!(!key.private.windows(16).any(|window| opened.windows(16).any(|own| own == window)));
    assert!(!format!("{key:?}").contains("private"));
});
