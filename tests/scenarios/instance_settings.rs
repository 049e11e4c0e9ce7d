//! `/v1/instance`: the settings of the instance whose key is presented.

use rollbook_testkit::{Server, both};
use serde_json::{Value, json};

use crate::support::{delete_instance, id, instance, text};

async fn settings(server: &Server) -> Value {
    let at = format!("/admin/v1/instances/{}/settings", server.instance_id);
    server.operator().get(&at).send().await.ok()
}

both!(the_instance_is_read_and_changed_by_its_own_key, async |server| {
    let client = server.client();
    let shown = client.get("/v1/instance").send().await.ok();
    assert_eq!(shown["id"], server.instance_id.as_str());
    assert_eq!(
        (&shown["environment_type"], &shown["allowed_origins"]),
        (&json!("development"), &json!([]))
    );
    let body = json!({
        "test_mode": false, "hibp": false, "support_email": "help@example.com",
        "allowed_origins": ["chrome-extension://x"], "cookieless_dev": true,
        "preferred_sign_in_strategy_when_password_required": "otp", "never_heard_of": 1,
        "clerk_js_version": null,
    });
    let reply = client.patch("/v1/instance").json(body).send().await;
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    let now = settings(server).await;
    assert_eq!(
        (&now["test_mode"], &now["password_settings"]["disable_hibp"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(now["frontend"]["support_email"], "help@example.com");
    assert_eq!(now["frontend"]["url_based_session_syncing"], true);
    let shown = client.get("/v1/instance").send().await.ok();
    assert_eq!(shown["allowed_origins"], json!(["chrome-extension://x"]));

    let wrong = json!({ "test_mode": 1, "preferred_sign_in_strategy_when_password_required": "x" });
    client.patch("/v1/instance").json(wrong).send().await.refused(
        422,
        &[
            ("form_param_value_invalid", "test_mode"),
            ("form_param_value_invalid", "preferred_sign_in_strategy_when_password_required"),
        ],
    );
    let cleared =
        json!({ "support_email": "", "preferred_sign_in_strategy_when_password_required": "" });
    assert_eq!(client.patch("/v1/instance").json(cleared).send().await.status, 204);
    assert_eq!(settings(server).await["frontend"]["support_email"], Value::Null);
});

both!(every_group_keeps_what_is_not_named_and_refuses_what_it_does_not_know, async |server| {
    let client = server.client();
    for (at, change) in [
        ("restrictions", json!({ "blocklist": true, "block_email_subaddresses": true })),
        ("organization_settings", json!({ "max_allowed_memberships": 7, "slug_disabled": true })),
        ("protect", json!({ "rules_enabled": true })),
        ("communication", json!({ "blocked_country_codes": ["DE", "FR"] })),
        (
            "oauth_application_settings",
            json!({ "default_scopes": ["a"], "oauth_jwt_access_tokens": true }),
        ),
    ] {
        let path = format!("/v1/instance/{at}");
        let changed = client.patch(&path).json(change.clone()).send().await.ok();
        for (name, value) in change.as_object().expect("an object") {
            assert_eq!(changed[name], *value, "{at}.{name}");
        }
        assert_eq!(client.patch(&path).send().await.ok(), changed, "{at}");
        if at != "restrictions" {
            assert_eq!(client.get(&path).send().await.ok(), changed, "{at}");
        }
        let unknown = client.patch(&path).json(json!({ "colour": 1 })).send().await;
        unknown.refused(422, &[("form_param_unknown", "colour")]);
    }
    let now = settings(server).await;
    assert_eq!(now["restrictions"]["blocklist"], true);
    assert_eq!(now["organizations"]["max_allowed_memberships"], 7);
    let scopes = client.patch("/v1/instance/oauth_application_settings");
    let scopes = scopes.json(json!({ "default_scopes": null })).send().await.ok();
    assert_eq!(scopes["default_scopes"], json!(["profile", "email"]));
});

both!(roles_are_named_by_id_or_key, async |server| {
    let client = server.client();
    let at = "/v1/instance/organization_settings";
    let body = json!({ "creator_role_id": "org:member", "domains_enrollment_modes": ["automatic_invitation"] });
    let now = client.patch(at).json(body).send().await.ok();
    assert_eq!(now["creator_role"], "org:member");
    for (body, code, param) in [
        (json!({ "creator_role_id": "role_none" }), "form_resource_not_found", "creator_role_id"),
        (
            json!({ "domains_enrollment_modes": ["x"] }),
            "form_param_value_invalid",
            "domains_enrollment_modes",
        ),
        (
            json!({ "max_allowed_memberships": -1 }),
            "form_param_value_invalid",
            "max_allowed_memberships",
        ),
    ] {
        client.patch(at).json(body).send().await.refused(422, &[(code, param)]);
    }
});

both!(numbers_of_a_blocked_country_get_no_codes, async |server| {
    let client = server.client();
    let at = "/v1/instance/communication";
    let codes = json!({ "blocked_country_codes": ["US", "XX"] });
    let now = client.patch(at).json(codes).send().await.ok();
    assert_eq!(now["blocked_country_codes"], json!(["US"]));
    for codes in [json!(["us"]), json!(["USA"]), json!(["DE", "DE"])] {
        let reply = client.patch(at).json(json!({ "blocked_country_codes": codes })).send().await;
        assert_eq!((reply.status, reply.problems()[0].1.as_str()), (422, "blocked_country_codes"));
    }
    let body = json!({ "phone_number": ["+16502530000", "+14165550123"] });
    let user = server.create_user(body).await;
    for (phone, status) in [(0, 403), (1, 200)] {
        let phone = text(&user["phone_numbers"][phone]["id"]);
        let at = format!("/v1/phone_numbers/{phone}/prepare_verification");
        let reply = client.post(&at).send().await;
        assert_eq!(reply.status, status, "{}", reply.text());
    }
});

both!(the_beta_settings_are_the_same_settings, async |server| {
    let client = server.client();
    let at = "/v1/beta_features/instance_settings";
    let body = json!({ "restricted_to_allowlist": true, "from_email_address": "hello", "test_mode": false });
    let now = client.patch(at).json(body).send().await.ok();
    assert_eq!(now["id"], server.instance_id.as_str());
    assert_eq!(
        (&now["restricted_to_allowlist"], &now["from_email_address"]),
        (&json!(true), &json!("hello"))
    );
    let kept = settings(server).await;
    assert_eq!(
        (&kept["restrictions"]["allowlist"], &kept["test_mode"]),
        (&json!(true), &json!(false))
    );
    client
        .patch(at)
        .json(json!({ "from_email_address": "a@b" }))
        .send()
        .await
        .refused(422, &[("form_param_value_invalid", "from_email_address")]);
});

both!(settings_are_those_of_one_instance, async |server| {
    let (other, client) = instance(server, json!({})).await;
    client.patch("/v1/instance/protect").json(json!({ "rules_enabled": true })).send().await.ok();
    let mine = server.client().get("/v1/instance/protect").send().await.ok();
    assert_eq!(mine["rules_enabled"], false);
    assert_eq!(id(&client.get("/v1/instance").send().await.ok()), other);
    delete_instance(server, &other).await;
});
