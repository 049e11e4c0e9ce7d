//! `POST /v1/users`: each thing that can be wrong, and all of them at once.

use rollbook_testkit::both;
use serde_json::{Value, json};

use crate::support::{PASSWORD, delete_instance, id, instance};

/// A body that would do but for `wrong`.
fn with(wrong: Value) -> Value {
    let mut body = json!({ "username": "adaada" });
    let Value::Object(wrong) = wrong else { panic!("an object") };
    body.as_object_mut().expect("an object").extend(wrong);
    body
}

both!(each_wrong_value_is_refused_by_code_and_name, async |server| {
    let long = "a".repeat(257);
    let many: Vec<String> = (0..101).map(|n| format!("u{n}@example.com")).collect();
    let codes: Vec<String> = (0..101).map(|n| format!("code-{n}")).collect();
    for (wrong, problems) in [
        (
            json!({ "email_address": ["nonsense"] }),
            vec![("form_param_format_invalid", "email_address")],
        ),
        (
            json!({ "email_address": "a@example.com" }),
            vec![("form_param_value_invalid", "email_address")],
        ),
        (json!({ "email_address": null }), vec![("form_param_nil", "email_address")]),
        (
            json!({ "email_address": ["a@example.com", "A@EXAMPLE.com"] }),
            vec![("form_param_duplicate", "email_address")],
        ),
        (
            json!({ "email_address": many }),
            vec![("form_param_array_size_exceeded", "email_address")],
        ),
        (
            json!({ "email_address": ["a@example.com"], "email_address_identification_status": ["verified", "verified"] }),
            vec![("form_param_array_length_mismatch", "email_address_identification_status")],
        ),
        (
            json!({ "email_address": ["a@example.com"], "email_address_identification_status": ["maybe"] }),
            vec![("form_param_value_invalid", "email_address_identification_status")],
        ),
        (json!({ "phone_number": ["555"] }), vec![("form_param_format_invalid", "phone_number")]),
        (
            json!({ "phone_number": ["+15555550100", "+1 555 555 0100"] }),
            vec![("form_param_duplicate", "phone_number")],
        ),
        (
            json!({ "phone_number": ["+15555550100"], "phone_number_identification_status": ["reserved", "reserved"] }),
            vec![("form_param_array_length_mismatch", "phone_number_identification_status")],
        ),
        (
            json!({ "web3_wallet": ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"] }),
            vec![("form_param_format_invalid", "web3_wallet")],
        ),
        (json!({ "username": "abc" }), vec![("form_username_invalid_length", "username")]),
        (
            json!({ "username": "ada lovelace" }),
            vec![("form_username_invalid_character", "username")],
        ),
        (
            json!({ "username": "\u{212A}elvin" }),
            vec![("form_username_invalid_character", "username")],
        ),
        (json!({ "username": "12345" }), vec![("form_username_needs_non_number_char", "username")]),
        (
            json!({ "username": "+15555550100" }),
            vec![
                ("form_username_invalid_character", "username"),
                ("form_username_cannot_be_phone_number", "username"),
            ],
        ),
        (json!({ "username": 7 }), vec![("form_param_value_invalid", "username")]),
        (json!({ "first_name": long }), vec![("form_param_max_length_exceeded", "first_name")]),
        (json!({ "last_name": "A\nB" }), vec![("form_param_value_invalid", "last_name")]),
        (json!({ "first_name": ["Ada"] }), vec![("form_param_value_invalid", "first_name")]),
        (json!({ "external_id": "" }), vec![("form_param_value_invalid", "external_id")]),
        (json!({ "external_id": long }), vec![("form_param_max_length_exceeded", "external_id")]),
        (json!({ "locale": "not a tag" }), vec![("form_param_format_invalid", "locale")]),
        (json!({ "created_at": "yesterday" }), vec![("form_param_invalid_time", "created_at")]),
        (
            json!({ "created_at": "2026-01-15T12:00:00.001Z" }),
            vec![("form_disallow_future_date", "created_at")],
        ),
        (
            json!({ "legal_accepted_at": 1_700_000_000 }),
            vec![("form_param_value_invalid", "legal_accepted_at")],
        ),
        (
            json!({ "legal_accepted_at": "2025-13-01T00:00:00Z" }),
            vec![("form_param_invalid_time", "legal_accepted_at")],
        ),
        (
            json!({ "totp_secret": "not base32!" }),
            vec![("invalid_totp_secret_code", "totp_secret")],
        ),
        (json!({ "backup_codes": ["a", "a"] }), vec![("form_param_duplicate", "backup_codes")]),
        (json!({ "backup_codes": [""] }), vec![("form_param_value_invalid", "backup_codes")]),
        (
            json!({ "backup_codes": codes }),
            vec![("form_param_array_size_exceeded", "backup_codes")],
        ),
        (json!({ "public_metadata": [] }), vec![("form_param_value_invalid", "public_metadata")]),
        (
            json!({ "private_metadata": { "a": "x".repeat(8192) } }),
            vec![("form_param_exceeds_allowed_size", "private_metadata")],
        ),
        (
            json!({ "create_organizations_limit": -1 }),
            vec![("form_param_value_invalid", "create_organizations_limit")],
        ),
        (
            json!({ "create_organizations_limit": 4_294_967_296_i64 }),
            vec![("form_param_value_too_large", "create_organizations_limit")],
        ),
        (
            json!({ "create_organizations_limit": 1.5 }),
            vec![("form_param_value_invalid", "create_organizations_limit")],
        ),
        (
            json!({ "delete_self_enabled": "yes" }),
            vec![("form_param_value_invalid", "delete_self_enabled")],
        ),
        (
            json!({ "password": PASSWORD, "password_digest": "x", "password_hasher": "bcrypt" }),
            vec![("form_conditional_param_disallowed", "password_digest")],
        ),
        (
            json!({ "password_digest": "x" }),
            vec![("form_conditional_param_missing", "password_hasher")],
        ),
        (
            json!({ "password_hasher": "bcrypt" }),
            vec![("form_conditional_param_missing", "password_digest")],
        ),
        (
            json!({ "password_hasher": "rot13", "password_digest": "x" }),
            vec![("form_param_value_invalid", "password_hasher")],
        ),
        (
            json!({ "password_hasher": "bcrypt", "password_digest": "x" }),
            vec![("form_password_digest_invalid_code", "password_digest")],
        ),
        (json!({ "password": "qzxv9kw" }), vec![("form_password_length_too_short", "password")]),
        (
            json!({ "password": "a".repeat(73) }),
            vec![("form_password_length_too_long", "password")],
        ),
        (json!({ "password": "password123" }), vec![("form_password_pwned", "password")]),
        (
            json!({ "username": "seven_violet", "password": "SEVEN_violet" }),
            vec![("form_password_matches_identifier", "password")],
        ),
        (json!({ "nick_name": "ada" }), vec![("form_param_unknown", "nick_name")]),
    ] {
        let reply = server.client().post("/v1/users").json(with(wrong)).send().await;
        reply.refused(422, &problems);
    }
    assert_eq!(server.client().get("/v1/users/count").send().await.ok()["total_count"], 0);
    assert_eq!(server.events().await, []);
});

both!(a_body_that_is_no_json_object_is_refused_as_a_whole, async |server| {
    for body in ["{", "[]", "\"ada\"", "7", "{} {}"] {
        let call = server.client().post("/v1/users").body("application/json", body);
        call.send().await.refused(400, &[("request_body_invalid", "")]);
    }
});

both!(all_problems_are_told_at_once, async |server| {
    server.create_user(json!({ "email_address": ["taken@example.com"], "external_id": "7" })).await;
    let body = json!({
        "email_address": ["Taken@example.com", "nonsense"],
        "phone_number": ["555"],
        "username": "a b",
        "external_id": "7",
        "locale": "not a tag",
        "created_at": "yesterday",
        "password": "qzxv9kw",
        "totp_secret": "!",
        "public_metadata": 1,
        "nick_name": "ada",
    });
    server.client().post("/v1/users").json(body).send().await.refused(
        422,
        &[
            ("form_identifier_exists", "email_address"),
            ("form_param_format_invalid", "email_address"),
            ("form_param_format_invalid", "phone_number"),
            ("form_username_invalid_length", "username"),
            ("form_username_invalid_character", "username"),
            ("form_identifier_exists", "external_id"),
            ("form_param_format_invalid", "locale"),
            ("form_param_invalid_time", "created_at"),
            ("form_password_length_too_short", "password"),
            ("invalid_totp_secret_code", "totp_secret"),
            ("form_param_value_invalid", "public_metadata"),
            ("form_param_unknown", "nick_name"),
        ],
    );
});

both!(at_least_one_identifier_must_be_given, async |server| {
    for body in [json!({}), json!({ "first_name": "Ada", "skip_user_requirement": true })] {
        let reply = server.client().post("/v1/users").json(body).send().await;
        reply.refused(422, &[("form_data_missing", "")]);
        let names = &reply.json()["errors"][0]["meta"]["param_names"];
        assert_eq!(*names, json!(["email_address", "phone_number", "username", "web3_wallet"]));
    }
});

both!(what_the_instance_requires_must_be_given_unless_it_is_waived, async |server| {
    let required = json!({ "enabled": true, "required": true });
    server
        .settings(json!({ "attributes": {
            "email_address": required, "phone_number": required, "password": required,
        } }))
        .await;
    let client = server.client();
    let reply = client.post("/v1/users").json(json!({ "username": "adaada" })).send().await;
    reply.refused(422, &[("form_data_missing", "")]);
    let names = &reply.json()["errors"][0]["meta"]["param_names"];
    assert_eq!(*names, json!(["email_address", "phone_number", "password"]));

    let body = json!({ "username": "adaada", "skip_user_requirement": true });
    let reply = client.post("/v1/users").json(body).send().await;
    assert_eq!(reply.json()["errors"][0]["meta"]["param_names"], json!(["password"]));
    server
        .create_user(json!({
            "username": "adaada", "skip_user_requirement": true, "skip_password_requirement": true,
        }))
        .await;
});

both!(a_password_rule_of_the_instance_is_kept, async |server| {
    server
        .settings(json!({ "password_settings": {
            "min_length": 10, "require_uppercase": true, "require_numbers": true,
            "require_special_char": true, "require_lowercase": true,
        } }))
        .await;
    let client = server.client();
    let body = json!({ "username": "adaada", "password": "ääÄÄ" });
    client.post("/v1/users").json(body).send().await.refused(
        422,
        &[
            ("form_password_length_too_short", "password"),
            ("form_password_no_number", "password"),
            ("form_password_no_special_char", "password"),
        ],
    );
    let body = json!({ "username": "adaada", "password": "1234567890" });
    client.post("/v1/users").json(body).send().await.refused(
        422,
        &[
            ("form_password_no_lowercase", "password"),
            ("form_password_no_uppercase", "password"),
            ("form_password_no_special_char", "password"),
            ("form_password_pwned", "password"),
        ],
    );
    server.create_user(json!({ "username": "adaada", "password": "Violet-0tters" })).await;
});

both!(an_attribute_that_is_off_is_an_unknown_parameter, async |server| {
    let off = json!({ "enabled": false });
    server
        .settings(json!({ "attributes": {
            "phone_number": off, "web3_wallet": off, "first_name": off, "password": off,
            "authenticator_app": off, "backup_code": off,
        } }))
        .await;
    let body = json!({
        "username": "adaada", "phone_number": ["+15555550100"], "first_name": "Ada",
        "web3_wallet": ["11111111111111111111111111111111"], "password": PASSWORD,
        "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "backup_codes": ["a"],
    });
    server.client().post("/v1/users").json(body).send().await.refused(
        422,
        &[
            ("form_param_unknown", "phone_number"),
            ("form_param_unknown", "first_name"),
            ("form_param_unknown", "web3_wallet"),
            ("form_param_unknown", "password"),
            ("form_param_unknown", "totp_secret"),
            ("form_param_unknown", "backup_codes"),
        ],
    );
    let body = json!({ "email_address": ["a@example.com"], "username": "adaada" });
    server.create_user(body).await;
});

both!(legal_consent_is_asked_for_where_the_instance_wants_it, async |server| {
    server.settings(json!({ "sign_up": { "legal_consent_enabled": true } })).await;
    let client = server.client();
    client
        .post("/v1/users")
        .json(json!({ "username": "adaada" }))
        .send()
        .await
        .refused(422, &[("form_param_missing", "legal_accepted_at")]);
    server.create_user(json!({ "username": "adaada", "skip_legal_checks": true })).await;
    let body = json!({ "username": "bobbob", "legal_accepted_at": "2026-01-01T00:00:00Z" });
    server.create_user(body).await;
});

both!(the_user_limit_is_kept_and_a_deletion_makes_room, async |server| {
    server.settings(json!({ "user_limit": 2 })).await;
    let first = id(&server.create_user(json!({ "username": "first" })).await);
    server.create_user(json!({ "username": "second" })).await;
    let third = json!({ "username": "third" });
    let client = server.client();
    let reply = client.post("/v1/users").json(third.clone()).send().await;
    reply.refused(403, &[("user_quota_exceeded", "")]);
    client.delete(&format!("/v1/users/{first}")).send().await.ok();
    server.create_user(third).await;
});

both!(an_instance_of_the_clerk_profile_takes_what_clerk_takes_at_first, async |server| {
    let (instance, client) = instance(server, json!({ "profile": "clerk" })).await;
    let body = json!({ "email_address": ["a@example.com"], "password": PASSWORD });
    client.post("/v1/users").json(body).send().await.ok();
    let reply = client.post("/v1/users").json(json!({ "username": "adaada" })).send().await;
    assert!(reply.problems().contains(&("form_param_unknown".to_owned(), "username".to_owned())));
    let reply = client.post("/v1/users").json(json!({ "password": PASSWORD })).send().await;
    reply.refused(422, &[("form_data_missing", "")]);
    assert_eq!(reply.json()["errors"][0]["meta"]["param_names"], json!(["email_address"]));
    delete_instance(server, &instance).await;
});
