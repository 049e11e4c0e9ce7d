//! `PATCH /v1/users/{id}`: absent leaves, null clears, a value sets.

use rollbook_testkit::{START, both};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TOTP_SECRET, events, id, path, session_statuses, sign_in, someone};

both!(every_field_can_be_set_left_and_cleared, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    for (field, set, shown, cleared) in [
        ("external_id", json!("crm-7"), json!("crm-7"), Value::Null),
        ("first_name", json!("Ada"), json!("Ada"), Value::Null),
        ("last_name", json!("Lovelace"), json!("Lovelace"), Value::Null),
        ("locale", json!("de-at"), json!("de-AT"), Value::Null),
        ("create_organizations_limit", json!(5), json!(5), Value::Null),
        (
            "legal_accepted_at",
            json!("2025-06-01T10:00:00Z"),
            json!(1_748_772_000_000_i64),
            Value::Null,
        ),
        ("public_metadata", json!({ "a": 1 }), json!({ "a": 1 }), json!({})),
        ("private_metadata", json!({ "a": null }), json!({ "a": null }), json!({})),
        ("unsafe_metadata", json!({ "a": [] }), json!({ "a": [] }), json!({})),
    ] {
        let write = async |value: &Value| {
            client.patch(&path(&user, "")).json(json!({ field: value })).send().await.ok()
        };
        assert_eq!(write(&set).await[field], shown, "{field} set");
        let other = client.patch(&path(&user, "")).json(json!({ "bypass_client_trust": true }));
        assert_eq!(other.send().await.ok()[field], shown, "{field} left alone");
        assert_eq!(write(&Value::Null).await[field], cleared, "{field} cleared");
        assert_eq!(server.get_user(&user).await[field], cleared, "{field}");
    }
});

both!(switches_and_the_creation_time_can_be_set_but_not_cleared, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    for (field, set, shown) in [
        ("delete_self_enabled", json!(false), json!(false)),
        ("create_organization_enabled", json!(false), json!(false)),
        ("bypass_client_trust", json!(true), json!(true)),
        ("created_at", json!("2020-02-29T22:59:59.123Z"), json!(1_583_017_199_123_i64)),
        ("username", json!("Ada_Lovelace"), json!("ada_lovelace")),
    ] {
        for value in [&set, if field == "username" { &set } else { &Value::Null }] {
            let body = json!({ field: value });
            let answer = client.patch(&path(&user, "")).json(body).send().await.ok();
            assert_eq!(answer[field], shown, "{field}");
        }
    }
});

both!(each_wrong_value_is_refused_and_nothing_is_changed, async |server| {
    server.create_user(json!({ "username": "taken", "external_id": "taken-id" })).await;
    let user = server.create_user(json!({ "email_address": ["a@example.com"] })).await;
    let before = server.events().await;
    for (wrong, code, param) in [
        (json!({ "external_id": "taken-id" }), "form_identifier_exists", "external_id"),
        (json!({ "username": "TAKEN" }), "form_identifier_exists", "username"),
        (json!({ "username": "a b c" }), "form_username_invalid_character", "username"),
        (json!({ "first_name": "x".repeat(257) }), "form_param_max_length_exceeded", "first_name"),
        (json!({ "locale": "?" }), "form_param_format_invalid", "locale"),
        (
            json!({ "created_at": "2030-01-01T00:00:00Z" }),
            "form_disallow_future_date",
            "created_at",
        ),
        (json!({ "created_at": "then" }), "form_param_invalid_time", "created_at"),
        (json!({ "totp_secret": "1" }), "invalid_totp_secret_code", "totp_secret"),
        (json!({ "backup_codes": ["a", "a"] }), "form_param_duplicate", "backup_codes"),
        (json!({ "password": "qzxv9kw" }), "form_password_length_too_short", "password"),
        (json!({ "password": "a@example.com" }), "form_password_matches_identifier", "password"),
        (json!({ "password_digest": "x" }), "form_conditional_param_missing", "password_hasher"),
        (
            json!({ "password_hasher": "bcrypt" }),
            "form_conditional_param_missing",
            "password_digest",
        ),
        (json!({ "password_digest": null }), "form_param_nil", "password_digest"),
        (json!({ "public_metadata": "x" }), "form_param_value_invalid", "public_metadata"),
        (
            json!({ "unsafe_metadata": { "a": "x".repeat(8192) } }),
            "form_param_exceeds_allowed_size",
            "unsafe_metadata",
        ),
        (
            json!({ "create_organizations_limit": -1 }),
            "form_param_value_invalid",
            "create_organizations_limit",
        ),
        (json!({ "profile_image_id": "img_none" }), "form_resource_not_found", "profile_image_id"),
        (json!({ "email_address": ["b@example.com"] }), "form_param_unknown", "email_address"),
        (json!({ "banned": true }), "form_param_unknown", "banned"),
        (json!({ "first_name": 1 }), "form_param_value_invalid", "first_name"),
    ] {
        let mut body = json!({ "last_name": "Changed" });
        body.as_object_mut().expect("an object").extend(wrong.as_object().expect("one").clone());
        let reply = server.client().patch(&path(&id(&user), "")).json(body).send().await;
        reply.refused(422, &[(code, param)]);
    }
    assert_eq!(server.get_user(&id(&user)).await, user);
    assert_eq!(server.events().await, before);
});

both!(all_problems_of_an_update_are_told_at_once, async |server| {
    server.create_user(json!({ "username": "taken" })).await;
    let user = someone(server, "adaada").await;
    let body = json!({
        "username": "taken", "locale": "?", "password": "qzxv9kw", "nick_name": 1,
        "primary_email_address_id": "idn_none",
    });
    server.client().patch(&path(&user, "")).json(body).send().await.refused(
        422,
        &[
            ("form_identifier_exists", "username"),
            ("form_param_format_invalid", "locale"),
            ("form_password_length_too_short", "password"),
            ("form_param_unknown", "nick_name"),
            ("form_resource_not_found", "primary_email_address_id"),
        ],
    );
});

both!(an_unknown_user_is_not_found, async |server| {
    for unknown in ["user_none", "nobody", "user_34OkW3rUlQGlAzCORHT4DHFLqcc"] {
        let reply = server.client().patch(&path(unknown, "")).json(json!({ "first_name": "A" }));
        reply.send().await.refused(404, &[("resource_not_found", "")]);
    }
});

both!(an_update_that_changes_nothing_has_no_event_and_no_new_time, async |server| {
    let user = server
        .create_user(
            json!({ "username": "adaada", "first_name": "Ada", "public_metadata": { "a": 1 } }),
        )
        .await;
    let before = server.events().await;
    server.clock.advance(60_000);
    let client = server.client();
    let call = || client.patch(&path(&id(&user), ""));
    for call in [
        call().json(json!({})),
        call(),
        call().body("application/json", ""),
        call().json(
            json!({ "first_name": "Ada", "username": "ADAADA", "public_metadata": { "a": 1 } }),
        ),
        call().json(json!({ "last_name": null, "primary_email_address_id": null })),
        call().json(json!({ "sign_out_of_other_sessions": false, "skip_password_checks": false })),
    ] {
        assert_eq!(call.send().await.ok(), user);
    }
    assert_eq!(server.events().await, before);
});

both!(updated_at_moves_forward_with_every_change_even_if_the_clock_stands, async |server| {
    let user = someone(server, "adaada").await;
    let mut last = START;
    for n in 0..5 {
        let call =
            server.client().patch(&path(&user, "")).json(json!({ "first_name": format!("A{n}") }));
        let now = call.send().await.ok()["updated_at"].as_i64().expect("a time");
        assert!(now > last);
        last = now;
    }
    server.clock.advance(3_600_000);
    let call = server.client().patch(&path(&user, "")).json(json!({ "first_name": "B" }));
    assert_eq!(call.send().await.ok()["updated_at"], START + 3_600_000);
    let told = server.events().await.iter().filter(|(kind, _)| kind == "user.updated").count();
    assert_eq!(told, 6);
});

both!(a_primary_id_must_be_a_verified_one_of_the_users_own, async |server| {
    let user = server
        .create_user(json!({
            "email_address": ["a@example.com", "b@example.com", "later@example.com"],
            "email_address_identification_status": ["verified", "verified", "reserved"],
            "phone_number": ["+15555550100", "+15555550101"],
            "web3_wallet": ["11111111111111111111111111111111", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"],
        }))
        .await;
    let other = server.create_user(json!({ "email_address": ["o@example.com"] })).await;
    let client = server.client();
    let call = |body: Value| client.patch(&path(&id(&user), "")).json(body);
    for (list, primary) in [
        ("email_addresses", "primary_email_address_id"),
        ("phone_numbers", "primary_phone_number_id"),
        ("web3_wallets", "primary_web3_wallet_id"),
    ] {
        let second = &user[list][1]["id"];
        let answer = call(json!({ primary: second })).send().await.ok();
        assert_eq!(answer[primary], *second);
        let answer = call(json!({ primary: null })).send().await.ok();
        assert_eq!(answer[primary], *second, "null is no change");
        for wrong in [&other["email_addresses"][0]["id"], &json!("idn_none"), &json!("")] {
            let reply = call(json!({ primary: wrong })).send().await;
            reply.refused(422, &[("form_resource_not_found", primary)]);
        }
    }
    let reserved = &user["email_addresses"][2]["id"];
    let reply = call(json!({ "primary_email_address_id": reserved })).send().await;
    reply.refused(422, &[("form_verification_needed", "primary_email_address_id")]);
});

both!(the_address_that_was_primary_is_told_of_the_change_if_asked, async |server| {
    let user =
        server.create_user(json!({ "email_address": ["a@example.com", "b@example.com"] })).await;
    let emails = &user["email_addresses"];
    let client = server.client();
    for (n, notify) in [(1, true), (0, false), (0, true)] {
        let body = json!({
            "primary_email_address_id": emails[n]["id"], "notify_primary_email_address_changed": notify,
        });
        client.patch(&path(&id(&user), "")).json(body).send().await.ok();
    }
    let mut notices = server.outbox().await;
    notices.retain(|event| event.kind == "email.created");
    assert_eq!(notices.len(), 1);
    let notice: Value = serde_json::from_str(&notices[0].data).expect("JSON");
    assert_eq!(notice["to_email_address"], "a@example.com");
    assert_eq!(notice["data"]["new_email_address"], "b@example.com");
});

both!(
    a_username_can_be_removed_by_null_or_nothing_while_something_else_leads_to_the_user,
    async |server| {
        let client = server.client();
        for (n, nothing) in [Value::Null, json!("")].into_iter().enumerate() {
            let body = json!({ "username": "adaada", "phone_number": [format!("+1555555010{n}")] });
            let user = id(&server.create_user(body).await);
            let body = json!({ "username": nothing });
            let answer = client.patch(&path(&user, "")).json(body).send().await.ok();
            assert_eq!(answer["username"], Value::Null);
        }
        // It is free again both times; here it is all there is.
        let user = someone(server, "adaada").await;
        for nothing in [Value::Null, json!("")] {
            let reply =
                client.patch(&path(&user, "")).json(json!({ "username": nothing })).send().await;
            reply.refused(400, &[("identification_deletion_failed", "username")]);
        }
        let body = json!({ "username": "bobbob", "email_address": ["b@example.com"] });
        let user = id(&server.create_user(body).await);
        let required = json!({ "enabled": true, "required": true });
        server.settings(json!({ "attributes": { "username": required } })).await;
        let reply = client.patch(&path(&user, "")).json(json!({ "username": null })).send().await;
        reply.refused(400, &[("last_required_identification_deletion_failed", "username")]);
    }
);

both!(metadata_given_replaces_the_whole_field, async |server| {
    let user = server
        .create_user(json!({
            "username": "adaada", "public_metadata": { "a": { "b": 1 }, "c": 2 }, "unsafe_metadata": { "x": 1 },
        }))
        .await;
    let body = json!({ "public_metadata": { "a": { "d": null } } });
    let answer = server.client().patch(&path(&id(&user), "")).json(body).send().await.ok();
    assert_eq!(answer["public_metadata"].to_string(), r#"{"a":{"d":null}}"#);
    assert_eq!(answer["unsafe_metadata"], json!({ "x": 1 }));
});

both!(the_newest_version_refuses_metadata_in_an_update, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    for field in ["public_metadata", "private_metadata", "unsafe_metadata"] {
        for value in [json!({}), Value::Null] {
            let call = client.patch(&path(&user, "")).json(json!({ field: value }));
            let reply = call.header("clerk-api-version", "2026-05-12").send().await;
            reply.refused(422, &[("form_param_deprecated", field)]);
        }
    }
    for version in ["2021-02-05", "2024-10-01", "2025-03-12", "2025-04-10", "2025-11-10"] {
        let call =
            client.patch(&path(&user, "")).json(json!({ "public_metadata": { "v": version } }));
        let answer = call.header("clerk-api-version", version).send().await.ok();
        assert_eq!(answer["public_metadata"]["v"], version);
    }
    let call = client.patch(&path(&user, "")).json(json!({ "first_name": "Ada" }));
    call.header("clerk-api-version", "2026-05-12").send().await.ok();
});

both!(a_new_password_is_noted_and_ends_sessions_if_asked, async |server| {
    let user = server.create_user(json!({ "username": "adaada" })).await;
    let user = id(&user);
    let mut sessions = [sign_in(server, &user).await, sign_in(server, &user).await];
    sessions.sort();
    server.clock.advance(1000);
    let client = server.client();

    let body = json!({ "password": PASSWORD, "sign_out_of_other_sessions": false });
    let answer = client.patch(&path(&user, "")).json(body).send().await.ok();
    assert_eq!(answer["password_enabled"], true);
    assert_eq!(answer["password_last_updated_at"], START + 1000);
    assert!(session_statuses(server, &user).await.iter().all(|(_, status)| status == "active"));

    let body = json!({ "password": "other violet otters hum", "sign_out_of_other_sessions": true });
    client.patch(&path(&user, "")).json(body).send().await.ok();
    let revoked = sessions.clone().map(|session| (session, "revoked".to_owned()));
    assert_eq!(session_statuses(server, &user).await, revoked);
    assert_eq!(
        server.events().await,
        events([
            ("session.created", &sessions[0]),
            ("session.created", &sessions[1]),
            ("session.revoked", &sessions[0]),
            ("session.revoked", &sessions[1]),
            ("user.created", &user),
            ("user.updated", &user),
            ("user.updated", &user),
        ])
    );
});

both!(what_goes_only_with_a_password_is_refused_without_one, async |server| {
    let user = someone(server, "adaada").await;
    for name in ["sign_out_of_other_sessions", "skip_password_checks"] {
        let reply =
            server.client().patch(&path(&user, "")).json(json!({ name: true })).send().await;
        reply.refused(422, &[("form_conditional_param_disallowed", name)]);
    }
});

both!(second_factors_come_with_their_secrets_and_codes_go_with_an_empty_list, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    let body = json!({ "totp_secret": TOTP_SECRET, "backup_codes": ["one", "two"] });
    let answer = client.patch(&path(&user, "")).json(body).send().await.ok();
    for field in ["totp_enabled", "backup_code_enabled", "two_factor_enabled"] {
        assert_eq!(answer[field], true, "{field}");
    }
    assert_eq!(answer["mfa_enabled_at"], START);
    let call = client.patch(&path(&user, "")).json(json!({ "backup_codes": [] }));
    let answer = call.send().await.ok();
    assert_eq!(answer["backup_code_enabled"], false);
    assert_eq!(answer["totp_enabled"], true);
});
