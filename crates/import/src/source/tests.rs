//! Files as the systems write them, row by row.

use rollbook_password::{Digest, Hasher, Password, Scratch};
use serde_json::{Value, json};

use crate::{Format, HashConfig, Helps, Place, Rows, Shape};

/// The rows of a file as ours; a refused one is `param: code`.
fn read(text: &str, format: Format, hash_config: Option<HashConfig>) -> Vec<Value> {
    let shape = Shape::recognise(text.as_bytes(), None).expect("recognised");
    assert_eq!(shape.format(), format);
    let shape = shape.with(Helps { hash_config, mapping: None });
    let mut rows = Rows::new(text.as_bytes(), &shape, Place::default());
    let mut found = Vec::new();
    while let Some(row) = rows.read().expect("a row") {
        found.push(match shape.fields(&row).map(|fields| fields.into_members().unwrap()) {
            Ok(members) => Value::Object(members),
            Err(problem) => {
                let param = problem.meta.get("param_name").and_then(Value::as_str);
                format!("{}: {}", param.unwrap_or_default(), problem.code.as_str()).into()
            }
        });
    }
    found
}

/// Whether the digest of a row was made of `password`.
#[track_caller]
fn verifies(row: &Value, password: &str) {
    let hasher = Hasher::from_name(row["password_hasher"].as_str().unwrap()).unwrap();
    let digest = Digest::parse(hasher, row["password_digest"].as_str().unwrap()).unwrap();
    assert!(digest.verify(&Password::from(password), &mut Scratch::default()), "{row}");
}

const BCRYPT: &str = "$2b$10$abcdefghijklmnopqrstuuLSFgy6NNouncfY7wjAHgjaJjjcjDOn2";

#[test]
fn clerks_table_has_digests_and_which_address_is_primary() {
    let text = format!(
        "id,first_name,last_name,username,primary_email_address,primary_phone_number,\
         verified_email_addresses,unverified_email_addresses,verified_phone_numbers,\
         unverified_phone_numbers,totp_secret,password_digest,password_hasher\n\
         user_2YDry,Jane,Doe,,b@x.example,,a@x.example|b@x.example,c@x.example,,+15555550100,JBSWY3DP,{BCRYPT},bcrypt\n\
         user_2ZZCg,,,jd,,,,,,,,,\n"
    );
    let rows = read(&text, Format::Clerk, None);
    assert_eq!(
        rows[0],
        json!({
            "id": "user_2YDry", "first_name": "Jane", "last_name": "Doe", "totp_secret": "JBSWY3DP",
            "password_digest": BCRYPT, "password_hasher": "bcrypt",
            "email_address_identification_status": ["verified", "verified", "reserved"],
            "email_address": ["b@x.example", "a@x.example", "c@x.example"],
            "phone_number_identification_status": ["reserved"],
            "phone_number": ["+15555550100"],
        })
    );
    assert_eq!(rows[1], json!({ "id": "user_2ZZCg", "username": "jd" }));
}

#[test]
fn clerks_users_are_as_its_api_answers_them() {
    let verified = json!({ "status": "verified", "strategy": "email_code" });
    let address = |id: &str, address: &str, verification: &Value| json!({ "id": id, "object": "email_address", "email_address": address, "verification": verification });
    let user = json!({
        "id": "user_1", "object": "user", "external_id": "e1", "username": null,
        "first_name": "Ada", "last_name": null, "banned": true, "locked": false,
        "primary_email_address_id": "idn_2",
        "email_addresses": [
            address("idn_1", "a@x.example", &Value::Null), address("idn_2", "b@x.example", &verified),
        ],
        "phone_numbers": [{
            "id": "idn_3", "phone_number": "+15555550101", "verification": verified,
        }],
        "web3_wallets": [{ "id": "idn_4", "web3_wallet": "0xab", "verification": verified }],
        "external_accounts": [{
            "object": "external_account", "id": "eac_1", "provider": "oauth_google",
            "provider_user_id": "77", "email_address": "b@x.example", "username": null,
            "approved_scopes": "email", "public_metadata": {}, "verification": verified,
        }],
        "public_metadata": { "a": 1 }, "private_metadata": {}, "unsafe_metadata": {},
        "created_at": 1_704_067_200_000_i64, "updated_at": 1_704_067_200_000_i64,
        "last_sign_in_at": 1_704_067_201_000_i64, "last_active_at": null,
        "delete_self_enabled": true, "image_url": "https://img.example", "two_factor_enabled": false,
    });
    assert_eq!(
        read(&json!([user]).to_string(), Format::Clerk, None),
        [json!({
            "id": "user_1", "external_id": "e1", "first_name": "Ada", "banned": true,
            "delete_self_enabled": true, "public_metadata": { "a": 1 },
            "created_at": "2024-01-01T00:00:00Z", "last_sign_in_at": "2024-01-01T00:00:01Z",
            "web3_wallet": ["0xab"],
            "email_address_identification_status": ["verified", "reserved"],
            "email_address": ["b@x.example", "a@x.example"],
            "phone_number_identification_status": ["verified"], "phone_number": ["+15555550101"],
            "external_accounts": [{
                "provider": "oauth_google", "provider_user_id": "77", "approved_scopes": "email",
                "email_address": "b@x.example", "public_metadata": {},
            }],
        })]
    );
}

#[test]
fn the_file_of_clerks_migration_tool() {
    let text = json!([
        {
            "userId": "1", "email": "a@x.example", "firstName": "Ada", "lastName": "Lovelace",
            "password": BCRYPT, "passwordHasher": "bcrypt", "unverifiedEmailAddresses": ["b@x.example"],
            "phone": ["+15555550100"], "publicMetadata": { "a": 1 }, "createdAt": "2024-01-01T00:00:00Z",
        },
        { "userId": "2", "username": "someone", "password": "plain text" },
    ]);
    let rows = read(&text.to_string(), Format::ClerkMigration, None);
    assert_eq!(
        rows[0],
        json!({
            "external_id": "1", "first_name": "Ada", "last_name": "Lovelace",
            "public_metadata": { "a": 1 }, "created_at": "2024-01-01T00:00:00Z",
            "password_digest": BCRYPT, "password_hasher": "bcrypt",
            "email_address_identification_status": ["verified", "reserved"],
            "email_address": ["a@x.example", "b@x.example"],
            "phone_number_identification_status": ["verified"], "phone_number": ["+15555550100"],
        })
    );
    let plain = json!({ "external_id": "2", "username": "someone", "password": "plain text" });
    assert_eq!(rows[1], plain);
}

#[test]
fn auth0s_exports() {
    let lines = [
        json!({
            "_id": { "$oid": "6573" }, "email": "a@x.example", "email_verified": true,
            "connection": "Username-Password-Authentication", "passwordHash": BCRYPT,
            "tenant": "t", "_tmp_is_unique": true, "version": "1.1",
        }),
        json!({
            "user_id": "google-oauth2|99", "email": "b@x.example", "email_verified": false,
            "name": "Bob M", "given_name": "Bob", "family_name": "M", "blocked": true,
            "created_at": "2024-01-01T00:00:00.000Z", "last_login": "2024-01-02T00:00:00.000Z",
            "identities": [{ "provider": "google-oauth2", "user_id": "99", "isSocial": true }],
            "user_metadata": { "u": 1 }, "app_metadata": { "a": 1 },
        }),
        json!({ "email": "c@x.example", "passwordHash": "nonsense", "connection": "c" }),
    ];
    let text: Vec<_> = lines.iter().map(ToString::to_string).collect();
    let rows = read(&text.join("\n"), Format::Auth0, None);
    assert_eq!(rows[0]["external_id"], "auth0|6573");
    verifies(&rows[0], "Secure*Pass4");
    assert_eq!(
        rows[1],
        json!({
            "external_id": "google-oauth2|99", "first_name": "Bob", "last_name": "M",
            "created_at": "2024-01-01T00:00:00.000Z", "last_sign_in_at": "2024-01-02T00:00:00.000Z",
            "banned": true, "unsafe_metadata": { "u": 1 }, "private_metadata": { "a": 1 },
            "email_address_identification_status": ["reserved"], "email_address": ["b@x.example"],
            "external_accounts": [{
                "provider": "oauth_google", "provider_user_id": "99", "email_address": "b@x.example",
            }],
        })
    );
    assert_eq!(rows[2], "password_digest: form_password_digest_invalid_code");
}

/// Digests of `correct horse`, made with Python's hashlib.
#[test]
fn auth0s_custom_digests_verify() {
    let salt = |position: &str| json!({ "value": "salty", "position": position });
    let salts = json!({ "value": "c2FsdHNhbHRzYWx0c2FsdA==", "encoding": "base64" });
    let scrypt =
        "A9lBa6RTbfBovWqamVIqXKovIl4Vk6OZyVojLJmYmSKcTeUeY+NUusSAWsrrtKYgxHMy6+bWk1+GJd0o/FW2Bw==";
    let pbkdf2 = "$pbkdf2-sha512$i=1000,l=64$c2FsdHNhbHRzYWx0c2FsdA$EHLBej+uEvxlmr0QnHnceg1vM6h1wbwSP5XErh3SmizNDWZsIi28RPGARe0EssjGRoiACzxgHjNvqwJY1zxKig";
    let customs = [
        json!({ "algorithm": "sha256", "salt": salt("prefix"), "hash": {
            "value": "64d82880356123debfad547d9d916f00b7d1fa4f82f31da92bed143366afec3a", "encoding": "hex",
        } }),
        json!({ "algorithm": "sha1", "salt": salt("suffix"), "hash": {
            "value": "n0MgpE49UOlYSAptYLeZPpSboiU=", "encoding": "base64",
        } }),
        json!({ "algorithm": "md5", "hash": {
            "value": "3cb4e732631f47e6eb961f34554b7cde", "encoding": "hex",
        } }),
        json!({ "algorithm": "pbkdf2", "hash": { "value": pbkdf2, "encoding": "utf8" } }),
        json!({ "algorithm": "scrypt", "salt": salts, "hash": {
            "value": scrypt, "encoding": "base64", "cost": 1024, "blockSize": 8, "parallelization": 1,
        } }),
    ];
    let users = customs.iter().map(|custom| {
        json!({ "user_id": "auth0|1", "email": "a@x.example", "custom_password_hash": custom })
    });
    let text = Value::Array(users.collect()).to_string();
    let rows = read(&text, Format::Auth0, None);
    assert_eq!(rows.len(), customs.len());
    for row in &rows {
        verifies(row, "correct horse");
    }
    let keyed = json!({ "algorithm": "hmac", "hash": { "value": "ab", "encoding": "hex" } });
    let text = json!([{ "user_id": "1", "email": "a@x.example", "custom_password_hash": keyed }]);
    let refused = "password_digest: form_password_digest_invalid_code";
    assert_eq!(read(&text.to_string(), Format::Auth0, None), [refused]);
}

/// What the console shows, with the key of a digest made by Firebase's own tool.
const HASH_CONFIG: &str = "hash_config {
  algorithm: SCRYPT,
  base64_signer_key: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==,
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 14,
}";

const FIREBASE_HASH: &str =
    "0fkSikF5wqIh1wy0Oej2bPAOx83dIIEYnDwYL5xnh7ak0hi2btDoNRbIrujx58us82+z393yiFlQzyOtBlMQOQ==";

#[test]
fn firebases_json() {
    let text = json!({ "users": [
        {
            "localId": "f1", "email": "a@x.example", "emailVerified": true,
            "passwordHash": FIREBASE_HASH.replace('+', "-").replace('/', "_"),
            "salt": "42xEC-ixf3L2lw==", "displayName": "Ada King Lovelace",
            "createdAt": "1704067200000", "lastSignedInAt": "1704067201000", "disabled": true,
            "customAttributes": "{\"role\":\"admin\"}", "phoneNumber": "+15555550100",
            "providerUserInfo": [
                { "providerId": "google.com", "rawId": "77", "email": "a@x.example" },
                { "providerId": "password", "rawId": "a@x.example" },
            ],
        },
        { "localId": "f2", "email": "b@x.example" },
    ] });
    let rows = read(&text.to_string(), Format::Firebase, HashConfig::parse(HASH_CONFIG));
    verifies(&rows[0], "Secure*Pass4");
    let mut first = rows[0].clone();
    first.as_object_mut().unwrap().retain(|name, _| !name.starts_with("password"));
    assert_eq!(
        first,
        json!({
            "external_id": "f1", "first_name": "Ada", "last_name": "King Lovelace",
            "created_at": "2024-01-01T00:00:00Z", "last_sign_in_at": "2024-01-01T00:00:01Z",
            "banned": true, "public_metadata": { "role": "admin" },
            "email_address_identification_status": ["verified"], "email_address": ["a@x.example"],
            "phone_number_identification_status": ["verified"], "phone_number": ["+15555550100"],
            "external_accounts": [{
                "provider": "oauth_google", "provider_user_id": "77", "email_address": "a@x.example",
            }],
        })
    );
    assert_eq!(rows[1]["email_address_identification_status"], json!(["reserved"]));
}

#[test]
fn firebases_table_has_no_header_and_no_digest_without_its_parameters() {
    let cells = |n: usize| ",".repeat(n);
    let text = format!(
        "f1,a@x.example,true,{FIREBASE_HASH},42xEC+ixf3L2lw==,Ada L,,77,a@x.example{}1704067200000,,+15555550100,false,,\n\
         f2,b@x.example,false{}\n",
        cells(15),
        cells(26),
    );
    let rows = read(&text, Format::Firebase, HashConfig::parse(HASH_CONFIG));
    verifies(&rows[0], "Secure*Pass4");
    assert_eq!(rows[0]["external_accounts"][0]["provider_user_id"], "77");
    assert_eq!(
        (&rows[0]["first_name"], &rows[0]["created_at"]),
        (&json!("Ada"), &json!("2024-01-01T00:00:00Z"))
    );
    assert_eq!(rows[1]["email_address"], json!(["b@x.example"]));
    let refused = read(&text, Format::Firebase, None);
    assert_eq!(refused[0], "password_digest: form_conditional_param_missing");
}

#[test]
fn the_parameters_of_firebase_are_read_however_they_are_written() {
    let json = r#"{"base64_signer_key": "a2V5", "base64_salt_separator": "Bw==", "rounds": 8, "mem_cost": 14}"#;
    assert!(HashConfig::parse(json).is_some());
    assert!(HashConfig::parse("rounds: 8").is_none());
    assert_eq!(format!("{:?}", HashConfig::parse(HASH_CONFIG).unwrap()), "HashConfig(…)");
}

#[test]
fn supabases_table() {
    let text = format!(
        "instance_id,id,aud,role,email,encrypted_password,email_confirmed_at,last_sign_in_at,raw_app_meta_data,raw_user_meta_data,created_at,phone,phone_confirmed_at,banned_until,deleted_at\n\
         0,7f-1,authenticated,authenticated,a@x.example,{BCRYPT},2024-01-15 10:30:00.000000+00,,\"{{\"\"provider\"\":\"\"email\"\"}}\",\"{{\"\"full_name\"\":\"\"Ada L\"\"}}\",2024-01-15 10:30:00+00,,,,\n\
         0,7f-2,authenticated,authenticated,,,,,{{}},{{}},,15555550100,2024-01-15 10:30:00+00,2999-01-01 00:00:00+00,\n\
         0,7f-3,authenticated,authenticated,c@x.example,,,,,,,,,,2024-01-15 10:30:00+00\n"
    );
    let rows = read(&text, Format::Supabase, None);
    verifies(&rows[0], "Secure*Pass4");
    assert_eq!(
        rows[0],
        json!({
            "external_id": "7f-1", "first_name": "Ada", "last_name": "L",
            "created_at": "2024-01-15 10:30:00+00:00", "unsafe_metadata": { "full_name": "Ada L" },
            "public_metadata": { "provider": "email" },
            "password_digest": BCRYPT, "password_hasher": "bcrypt",
            "email_address_identification_status": ["verified"], "email_address": ["a@x.example"],
        })
    );
    assert_eq!(
        rows[1],
        json!({
            "external_id": "7f-2", "banned": true,
            "phone_number_identification_status": ["verified"], "phone_number": ["+15555550100"],
        })
    );
    assert_eq!(rows[2], "deleted_at: form_param_value_invalid");
}

/// The digest was made with Python's hashlib as Keycloak's documentation describes it.
#[test]
fn keycloaks_realm() {
    let secret = r#"{"value":"BBs+1+PaslLtBPULUr8/lQicvVuHiEPMz0i8MjLCbzMlDQ3Yb2wCsKdu0jOOQpv3YwCPvTBpfPZXomHUAcFnjQ==","salt":"c2FsdHNhbHRzYWx0c2FsdA==","additionalParameters":{}}"#;
    let data = r#"{"hashIterations":1000,"algorithm":"pbkdf2-sha256","additionalParameters":{}}"#;
    let otp = r#"{"subType":"totp","digits":6,"counter":0,"period":30,"algorithm":"HmacSHA1"}"#;
    let realm = json!({
        "realm": "acme", "groups": [{ "users": [] }],
        "users": [
            {
                "id": "k1", "username": "ada_l", "email": "a@x.example", "emailVerified": true,
                "firstName": "Ada", "lastName": "L", "enabled": false,
                "createdTimestamp": 1_704_067_200_000_i64, "attributes": { "shoe": ["44"] },
                "credentials": [
                    { "type": "password", "secretData": secret, "credentialData": data },
                    { "type": "otp", "secretData": r#"{"value":"12345678901234567890"}"#, "credentialData": otp },
                ],
                "federatedIdentities": [{ "identityProvider": "github", "userId": "9", "userName": "ada" }],
            },
            { "id": "k2", "username": "service-account-x", "serviceAccountClientId": "x" },
        ],
    });
    let rows = read(&serde_json::to_string_pretty(&realm).unwrap(), Format::Keycloak, None);
    verifies(&rows[0], "correct horse");
    let mut first = rows[0].clone();
    first.as_object_mut().unwrap().retain(|name, _| !name.starts_with("password"));
    assert_eq!(
        first,
        json!({
            "external_id": "k1", "username": "ada_l", "first_name": "Ada", "last_name": "L",
            "created_at": "2024-01-01T00:00:00Z", "banned": true,
            "private_metadata": { "shoe": ["44"] },
            // RFC 6238's seed.
            "totp_secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "email_address_identification_status": ["verified"], "email_address": ["a@x.example"],
            "external_accounts": [{ "provider": "oauth_github", "provider_user_id": "9" }],
        })
    );
    assert_eq!(rows[1], "serviceAccountClientId: form_param_value_invalid");
}

#[test]
fn cognitos_table() {
    let text = "cognito:username,name,given_name,family_name,preferred_username,email,email_verified,phone_number,phone_number_verified,locale,cognito:mfa_enabled,custom:plan\n\
        7f-1,,Ada,L,ada_l,a@x.example,true,+15555550100,false,en_GB,false,pro\n";
    assert_eq!(
        read(text, Format::Cognito, None),
        [json!({
            "external_id": "7f-1", "username": "ada_l", "first_name": "Ada", "last_name": "L",
            "locale": "en-GB", "private_metadata": { "plan": "pro" },
            "email_address_identification_status": ["verified"], "email_address": ["a@x.example"],
            "phone_number_identification_status": ["reserved"], "phone_number": ["+15555550100"],
        })]
    );
}
