//! `POST /v1/users`: what is given is kept and shown; secrets are kept and never shown.

use rollbook_testkit::{START, Server, both};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TOTP_SECRET, events, id, number, text};

fn everything() -> Value {
    json!({
        "external_id": "crm-7",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "locale": "en-gb",
        "email_address": ["Ada@Example.com", "ada@work.example"],
        "phone_number": ["+1 (555) 555-0100", "+15555550101"],
        "web3_wallet": ["0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"],
        "username": "Ada_L",
        "password": PASSWORD,
        "totp_secret": TOTP_SECRET,
        "backup_codes": ["alpha-secret-1", "beta-secret-2"],
        "public_metadata": { "z": 1, "a": [1.5, null] },
        "private_metadata": { "big": 12_345_678_901_234_567_890_u64 },
        "unsafe_metadata": {},
        "delete_self_enabled": false,
        "create_organization_enabled": false,
        "create_organizations_limit": 3,
        "legal_accepted_at": "2025-06-01T10:00:00Z",
        "skip_legal_checks": false,
        "created_at": "2020-02-29T23:59:59.123+01:00",
        "bypass_client_trust": true,
    })
}

both!(every_field_given_is_kept_and_shown, async |server| {
    let user = server.create_user(everything()).await;
    for (field, value) in [
        ("external_id", json!("crm-7")),
        ("first_name", json!("Ada")),
        ("last_name", json!("Lovelace")),
        ("locale", json!("en-GB")),
        ("username", json!("ada_l")),
        ("password_enabled", json!(true)),
        ("totp_enabled", json!(true)),
        ("backup_code_enabled", json!(true)),
        ("two_factor_enabled", json!(true)),
        ("mfa_enabled_at", json!(START)),
        ("password_last_updated_at", json!(START)),
        ("delete_self_enabled", json!(false)),
        ("create_organization_enabled", json!(false)),
        ("create_organizations_limit", json!(3)),
        ("legal_accepted_at", json!(1_748_772_000_000_i64)),
        ("created_at", json!(1_583_017_199_123_i64)),
        ("updated_at", json!(START)),
        ("bypass_client_trust", json!(true)),
        ("unsafe_metadata", json!({})),
        ("last_sign_in_at", Value::Null),
        ("last_active_at", Value::Null),
        ("banned", json!(false)),
        ("locked", json!(false)),
    ] {
        assert_eq!(user[field], value, "{field}");
    }
    assert_eq!(user["public_metadata"].to_string(), r#"{"z":1,"a":[1.5,null]}"#);
    assert_eq!(user["private_metadata"].to_string(), r#"{"big":12345678901234567890}"#);

    let emails = user["email_addresses"].as_array().expect("an array");
    assert_eq!(emails[0]["email_address"], "ada@example.com");
    assert_eq!(emails[1]["email_address"], "ada@work.example");
    assert_eq!(user["primary_email_address_id"], emails[0]["id"]);
    let phones = user["phone_numbers"].as_array().expect("an array");
    assert_eq!(phones[0]["phone_number"], "+15555550100");
    assert_eq!(user["primary_phone_number_id"], phones[0]["id"]);
    let wallets = user["web3_wallets"].as_array().expect("an array");
    assert_eq!(wallets[0]["web3_wallet"], "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
    assert_eq!(user["primary_web3_wallet_id"], wallets[0]["id"]);
    for identification in emails.iter().chain(phones).chain(wallets) {
        let verification = &identification["verification"];
        assert_eq!(verification["status"], "verified");
        assert_eq!(verification["strategy"], "admin");
        assert_eq!(verification["attempts"], Value::Null);
        assert_eq!(verification["expire_at"], Value::Null);
    }

    let id = id(&user);
    assert_eq!(server.get_user(&id).await, user);
    assert_eq!(server.events().await, events([("user.created", &id)]));
});

both!(what_is_not_given_has_its_default, async |server| {
    let user = server.create_user(json!({ "email_address": ["ada@example.com"] })).await;
    for (field, value) in [
        ("delete_self_enabled", json!(true)),
        ("create_organization_enabled", json!(true)),
        ("create_organizations_limit", Value::Null),
        ("password_enabled", json!(false)),
        ("two_factor_enabled", json!(false)),
        ("has_image", json!(false)),
        ("created_at", json!(START)),
        ("public_metadata", json!({})),
        ("private_metadata", json!({})),
        ("legal_accepted_at", Value::Null),
        ("verification_attempts_remaining", json!(10)),
        ("lockout_expires_in_seconds", Value::Null),
        ("primary_phone_number_id", Value::Null),
        ("external_accounts", json!([])),
        ("enterprise_accounts", json!([])),
        ("saml_accounts", json!([])),
        ("passkeys", json!([])),
    ] {
        assert_eq!(user[field], value, "{field}");
    }
});

both!(null_is_the_same_as_absent_where_the_api_allows_it, async |server| {
    let user = server
        .create_user(json!({
            "username": "ada_lovelace", "external_id": null, "first_name": null, "last_name": null,
            "locale": null, "password": null, "password_digest": null, "totp_secret": null,
            "skip_password_checks": null, "skip_password_requirement": null,
            "delete_self_enabled": null, "legal_accepted_at": null, "skip_legal_checks": null,
            "create_organization_enabled": null, "create_organizations_limit": null,
            "created_at": null, "bypass_client_trust": null, "banned": null, "locked": null,
        }))
        .await;
    assert_eq!(user["password_enabled"], false);
    assert_eq!(user["created_at"], START);
    assert_eq!(user["delete_self_enabled"], true);
});

both!(secrets_are_in_no_answer_and_no_event, async |server| {
    let reply = server.client().post("/v1/users").json(everything()).send().await;
    reply.ok();
    let mut seen = reply.text();
    for event in server.outbox().await {
        seen.push_str(&event.data);
    }
    for secret in [PASSWORD, TOTP_SECRET, "alpha-secret-1", "beta-secret-2", "argon2"] {
        assert!(!seen.contains(secret), "{secret} was told");
    }
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_plain_secret_lies_in_the_database_file() {
    let server = Server::start(rollbook_testkit::Engine::Sqlite).await.expect("a server");
    server.create_user(everything()).await;
    let file = server.database_file().expect("a file");
    let mut bytes = std::fs::read(&file).expect("the database");
    bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
    let found = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(found(b"ada@work.example"), "the user must be in what is searched");
    for secret in [PASSWORD, TOTP_SECRET, "alpha-secret-1", "beta-secret-2"] {
        assert!(!found(secret.as_bytes()), "{secret} lies in the open");
    }
    // The secret itself, not only its base32.
    assert!(!found(b"Hello!\xDE\xAD\xBE\xEFHello!\xDE\xAD\xBE\xEF"));
    server.end().await;
}

both!(reserved_identifications_are_unverified_and_never_primary, async |server| {
    let user = server
        .create_user(json!({
            "email_address": ["later@example.com", "ada@example.com"],
            "email_address_identification_status": ["reserved", "verified"],
            "phone_number": ["+15555550100"],
            "phone_number_identification_status": ["reserved"],
        }))
        .await;
    let emails = &user["email_addresses"];
    assert_eq!((&emails[0]["reserved"], &emails[1]["reserved"]), (&json!(true), &json!(false)));
    assert_ne!(emails[0]["verification"]["status"], "verified");
    assert_eq!(user["primary_email_address_id"], emails[1]["id"]);
    assert_eq!(user["phone_numbers"][0]["reserved"], true);
    assert_eq!(user["primary_phone_number_id"], Value::Null);
    // Empty means all verified.
    let user = server
        .create_user(json!({
            "email_address": ["bob@example.com"], "email_address_identification_status": [],
        }))
        .await;
    assert_eq!(user["email_addresses"][0]["verification"]["status"], "verified");
});

both!(a_user_may_be_banned_and_locked_from_the_start, async |server| {
    let user =
        server.create_user(json!({ "username": "mallory", "banned": true, "locked": true })).await;
    assert_eq!(user["banned"], true);
    assert_eq!(user["locked"], true);
    assert_eq!(user["lockout_expires_in_seconds"], 3600);
    assert_eq!(server.events().await, events([("user.created", &id(&user))]));

    server.settings(json!({ "user_lockout": { "enabled": false } })).await;
    let body = json!({ "username": "trent", "locked": true });
    server
        .client()
        .post("/v1/users")
        .json(body)
        .send()
        .await
        .refused(403, &[("feature_not_enabled", "locked")]);
});

both!(the_policy_is_waived_by_skip_password_checks, async |server| {
    let client = server.client();
    let body = json!({ "username": "adal", "password": "qzxv9kw" });
    client
        .post("/v1/users")
        .json(body)
        .send()
        .await
        .refused(422, &[("form_password_length_too_short", "password")]);
    let body = json!({ "username": "adal", "password": "qzxv9kw", "skip_password_checks": true });
    assert_eq!(server.create_user(body).await["password_enabled"], true);
});

both!(a_password_digest_is_taken_as_it_is, async |server| {
    for (n, (hasher, digest)) in [
        ("bcrypt", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        (
            "argon2id",
            "$argon2id$v=19$m=64,t=3,p=8$MDEyMzQ1Njc4OWFiY2RlZg\
             $u253FHHsGE6uCxsG8STrYg1IkdqFUCPf6Ywlc69LMn4",
        ),
        ("sha256", "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({
            "username": format!("import_{n}"), "password_hasher": hasher, "password_digest": digest,
        });
        let user = server.create_user(body).await;
        assert_eq!(user["password_enabled"], true, "{hasher}");
        assert!(!user.to_string().contains(digest));
    }
});

both!(a_creation_time_of_the_past_is_kept_and_the_id_has_its_prefix, async |server| {
    let body = json!({ "username": "early", "created_at": "2020-01-01T00:00:00Z" });
    let early = server.create_user(body).await;
    assert!(text(&early["id"]).starts_with("user_"));
    assert_eq!(number(&early["created_at"]), 1_577_836_800_000);
    assert_eq!(number(&early["updated_at"]), START);
    let emails = &server.create_user(json!({ "email_address": ["a@example.com"] })).await;
    assert!(text(&emails["email_addresses"][0]["id"]).starts_with("idn_"));
});
