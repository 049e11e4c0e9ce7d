//! JWT templates: made, changed, and what tokens made by them say.

use rollbook_testkit::{START, Server, both};
use serde_json::{Value, json};

use crate::session_tokens::{claims, part, token};
use crate::support::{delete_instance, id, ids, instance, member, organization, sign_in, someone};
use crate::support::{path, text};

const AT: &str = "/v1/jwt_templates";
const NOW_S: i64 = START / 1000;

async fn create(server: &Server, body: Value) -> Value {
    server.client().post(AT).json(body).send().await.ok()
}

async fn minted(server: &Server, session: &str, template: &str) -> String {
    let call = server.client().post(&format!("/v1/sessions/{session}/tokens/{template}"));
    text(&call.send().await.ok()["jwt"]).to_owned()
}

both!(a_template_is_made_read_listed_changed_and_deleted, async |server| {
    let made = create(server, json!({ "name": "shop", "claims": { "a": 1 } })).await;
    let expected = json!({
        "object": "jwt_template", "id": made["id"], "name": "shop", "claims": { "a": 1 },
        "lifetime": 60, "allowed_clock_skew": 5, "custom_signing_key": false,
        "signing_algorithm": "RS256", "created_at": START, "updated_at": START,
    });
    assert_eq!(made, expected);
    server.clock.advance(1);
    let newer = create(server, json!({ "name": "b", "claims": {}, "lifetime": null })).await;
    let client = server.client();
    let at = format!("{AT}/{}", id(&made));
    assert_eq!(client.get(&at).send().await.ok(), made);
    assert_eq!(ids(&client.get(AT).send().await.ok()), [id(&newer), id(&made)]);
    let page = client.get(&format!("{AT}?limit=1&offset=1&paginated=true")).send().await.ok();
    assert_eq!(page, json!({ "data": [made], "total_count": 2 }));

    let body = json!({ "name": "store", "lifetime": 600, "allowed_clock_skew": 0 });
    let changed = client.patch(&at).json(body.clone()).send().await.ok();
    assert_eq!(changed["claims"], json!({ "a": 1 }), "what is not given stays");
    assert_eq!((&changed["lifetime"], &changed["updated_at"]), (&json!(600), &json!(START + 1)));
    assert_eq!(client.patch(&at).json(body).send().await.ok(), changed);
    let body = json!({ "lifetime": null, "claims": {} });
    let changed = client.patch(&at).json(body).send().await.ok();
    assert_eq!((&changed["lifetime"], &changed["claims"]), (&json!(60), &json!({})));
    let taken = client.patch(&at).json(json!({ "name": "b" })).send().await;
    taken.refused(400, &[("duplicate_record", "name")]);
    assert_eq!(client.get(&at).send().await.ok(), changed);

    let deleted = client.delete(&at).send().await.ok();
    assert_eq!(deleted, json!({ "object": "jwt_template", "id": id(&made), "deleted": true }));
    for call in [client.get(&at), client.delete(&at), client.patch(&at).json(json!({}))] {
        call.send().await.refused(404, &[("resource_not_found", "")]);
    }
});

both!(what_no_template_can_say_is_refused, async |server| {
    let client = server.client();
    let with = |more: Value| {
        let mut body = json!({ "name": "shop", "claims": {} });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
        client.post(AT).json(body).unchecked().send()
    };
    let none = client.post(AT).json(json!({})).unchecked().send().await;
    none.refused(422, &[("form_param_missing", "name"), ("form_param_missing", "claims")]);
    for (wrong, name, code) in [
        (json!({ "name": null }), "name", "form_param_nil"),
        (json!({ "name": "" }), "name", "form_param_value_invalid"),
        (json!({ "claims": null }), "claims", "form_param_nil"),
        (json!({ "claims": [] }), "claims", "form_param_value_invalid"),
        (
            json!({ "claims": { "a": "x".repeat(8192) } }),
            "claims",
            "form_param_exceeds_allowed_size",
        ),
        (json!({ "lifetime": 29 }), "lifetime", "form_param_value_invalid"),
        (json!({ "lifetime": 315_360_001 }), "lifetime", "form_param_value_invalid"),
        (json!({ "allowed_clock_skew": -1 }), "allowed_clock_skew", "form_param_value_invalid"),
        (json!({ "allowed_clock_skew": 301 }), "allowed_clock_skew", "form_param_value_invalid"),
        (json!({ "signing_algorithm": "none" }), "signing_algorithm", "form_param_value_invalid"),
        (json!({ "signing_algorithm": "HS256" }), "signing_algorithm", "form_param_value_invalid"),
        (json!({ "signing_key": "secret" }), "signing_key", "form_param_value_invalid"),
        (json!({ "colour": 1 }), "colour", "form_param_unknown"),
    ] {
        with(wrong).await.refused(422, &[(code, name)]);
    }
    for claim in ["azp", "exp", "iat", "iss", "jti", "nbf", "sub"] {
        let reply = with(json!({ "claims": { (claim): 1 } })).await;
        reply.refused(400, &[("jwt_template_reserved_claim", "claims")]);
    }
    let custom = with(json!({ "custom_signing_key": true })).await;
    custom.refused(
        422,
        &[("form_param_missing", "signing_algorithm"), ("form_param_missing", "signing_key")],
    );
    let key =
        json!({ "custom_signing_key": true, "signing_algorithm": "RS256", "signing_key": "k" });
    with(key).await.refused(422, &[("form_param_value_invalid", "signing_key")]);
    assert_eq!(client.get(AT).send().await.ok(), json!([]));
    create(server, json!({ "name": "shop", "claims": {} })).await;
    with(json!({})).await.refused(400, &[("duplicate_record", "name")]);
});

both!(tokens_say_what_their_template_says, async |server| {
    let user = someone(server, "adaada").await;
    let session = sign_in(server, &user).await;
    let body = json!({
        "name": "shop", "lifetime": 3600, "allowed_clock_skew": 7,
        "claims": { "aud": "shop", "who": "{{user.username}}", "org": "{{org.slug || 'none'}}" },
    });
    create(server, body).await;
    let token = minted(server, &session, "shop").await;
    assert_eq!(part(&token, 0)["cat"], "cl_B7d4PD222AAA");
    let said = claims(&token);
    let expected = json!({
        "aud": "shop", "who": "adaada", "org": "none", "exp": NOW_S + 3600, "iat": NOW_S,
        "iss": server.url, "jti": said["jti"], "nbf": NOW_S - 7, "sub": user,
    });
    assert_eq!(said, expected);
    let unknown = server.client().post(&format!("/v1/sessions/{session}/tokens/none"));
    unknown.send().await.refused(404, &[("resource_not_found", "")]);
});

both!(a_key_of_its_own_signs_and_is_never_shown, async |server| {
    let session = sign_in(server, &someone(server, "adaada").await).await;
    let secret = "a secret of the shop's own, sealed";
    let made = create(
        server,
        json!({
            "name": "shop", "claims": {}, "custom_signing_key": true,
            "signing_algorithm": "HS256", "signing_key": secret,
        }),
    );
    let made = made.await;
    assert_eq!(
        (&made["custom_signing_key"], &made["signing_algorithm"]),
        (&json!(true), &json!("HS256"))
    );
    let instance = server.instance_id.clone();
    let stored = server
        .write(move |tx| rollbook_store::jwt_templates::by_name(tx, &instance, "shop"))
        .await
        .expect("a template");
    let sealed = stored.signing_key.clone().expect("a key");
    assert!(!sealed.windows(8).any(|window| secret.as_bytes().starts_with(window)));
    let signed_by = async |algorithm: &str| {
        let token = minted(server, &session, "shop").await;
        assert_eq!(part(&token, 0)["alg"], algorithm);
        assert_eq!(part(&token, 0)["kid"].is_null(), algorithm != "RS256");
    };
    signed_by("HS256").await;
    let client = server.client();
    let at = format!("{AT}/{}", id(&made));
    let change = |body: Value| client.patch(&at).json(body).send();
    // The key stays when it is not given, and must fit.
    change(json!({ "signing_algorithm": "HS512" })).await.ok();
    signed_by("HS512").await;
    let unfit = change(json!({ "signing_algorithm": "RS384" })).await;
    unfit.refused(422, &[("form_param_value_invalid", "signing_key")]);
    let without = change(json!({ "custom_signing_key": false })).await.ok();
    assert_eq!(without["signing_algorithm"], "RS256");
    signed_by("RS256").await;
});

both!(the_template_of_session_tokens_adds_claims_and_stays, async |server| {
    let user = someone(server, "adaada").await;
    let session = sign_in(server, &user).await;
    let claims_of_template = json!({ "who": "{{user.username}}", "sid": "forged", "v": 9 });
    let made = create(server, json!({ "name": "session", "claims": claims_of_template })).await;
    server.settings(json!({ "sessions": { "token_template": "session" } })).await;
    let said = claims(&token(server, &session, json!({})).await);
    assert_eq!((&said["who"], &said["sid"]), (&json!("adaada"), &json!(session)));
    assert_eq!((&said["v"], &said["exp"]), (&json!(2), &json!(NOW_S + 60)));
    let client = server.client();
    let at = format!("{AT}/{}", id(&made));
    for call in [client.delete(&at), client.patch(&at).json(json!({ "name": "b" }))] {
        call.send().await.refused(403, &[("session_token_jwt_template", "")]);
    }
    client.patch(&at).json(json!({ "claims": {} })).send().await.ok();
    assert_eq!(claims(&token(server, &session, json!({})).await).get("who"), None);
    server.settings(json!({ "sessions": { "token_template": null } })).await;
    client.delete(&at).send().await.ok();
});

both!(templates_know_the_active_organization, async |server| {
    let (ada, acme) = (someone(server, "adaada").await, organization(server, "Acme").await);
    member(server, &acme, &ada, "org:admin").await;
    let body = json!({ "user_id": ada, "active_organization_id": acme });
    let session = id(&server.client().post("/v1/sessions").json(body).send().await.ok());
    let shortcodes = json!({ "id": "{{org.id}}", "in": "{{org.name}} as {{org.role}}" });
    create(server, json!({ "name": "shop", "claims": shortcodes })).await;
    let said = claims(&minted(server, &session, "shop").await);
    assert_eq!((&said["id"], &said["in"]), (&json!(acme), &json!("Acme as org:admin")));
});

both!(templates_of_another_instance_are_never_found, async |server| {
    let (other, client) = instance(server, json!({})).await;
    let body = json!({ "name": "shop", "claims": { "a": 1 } });
    let theirs = client.post(AT).json(body.clone()).send().await.ok();
    let at = format!("{AT}/{}", id(&theirs));
    let mine = server.client();
    for call in [mine.get(&at), mine.delete(&at), mine.patch(&at).json(json!({}))] {
        call.send().await.refused(404, &[("resource_not_found", "")]);
    }
    assert_eq!(mine.get(AT).send().await.ok(), json!([]));
    create(server, body).await;
    assert_eq!(client.get(&at).send().await.ok(), theirs);
    delete_instance(server, &other).await;
});

both!(of_two_templates_made_at_once_with_one_name_one_is_made, async |server| {
    for round in 0..4 {
        let body = json!({ "name": format!("shop {round}"), "claims": {} });
        let calls =
            [0, 1].map(|_| tokio::spawn(server.client().post(AT).json(body.clone()).send()));
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.expect("sent").status);
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
    }
});

both!(a_testing_token_lasts_an_hour, async |server| {
    let made = server.client().post("/v1/testing_tokens").send().await.ok();
    assert_eq!(made["object"], "testing_token");
    assert_eq!(made["expires_at"], NOW_S + 3600);
    let again = server.client().post("/v1/testing_tokens").send().await.ok();
    assert_ne!(made["token"], again["token"]);
});

both!(a_deleted_users_session_mints_nothing, async |server| {
    let user = someone(server, "adaada").await;
    let session = sign_in(server, &user).await;
    create(server, json!({ "name": "shop", "claims": {} })).await;
    server.client().delete(&path(&user, "")).send().await.ok();
    let call = server.client().post(&format!("/v1/sessions/{session}/tokens/shop"));
    call.send().await.refused(404, &[("resource_not_found", "")]);
});
