//! `POST /v1/users/{id}/verify_password`

use rollbook_testkit::both;
use serde_json::json;

use crate::support::{PASSWORD, id, path, someone};

both!(the_right_password_is_verified_and_a_wrong_one_is_422, async |server| {
    let user = id(&server.create_user(json!({ "username": "adaada", "password": PASSWORD })).await);
    let client = server.client();
    let verify = |password: &str| {
        client.post(&path(&user, "/verify_password")).json(json!({ "password": password })).send()
    };
    assert_eq!(verify(PASSWORD).await.ok(), json!({ "verified": true }));
    for wrong in ["", "seven violet otters hu", "Seven violet otters hum", &PASSWORD.repeat(50)] {
        verify(wrong).await.refused(422, &[("incorrect_password", "password")]);
    }
    assert_eq!(verify(PASSWORD).await.ok(), json!({ "verified": true }));
    // Neither answer is a change, nor counts towards a lock.
    let user = server.get_user(&user).await;
    assert_eq!(user["verification_attempts_remaining"], 10);
    assert_eq!(server.events().await.len(), 1);
});

both!(a_user_without_a_password_and_an_unknown_one_are_told_apart, async |server| {
    let user = someone(server, "adaada").await;
    let client = server.client();
    let verify = |user: &str| {
        client.post(&path(user, "/verify_password")).json(json!({ "password": PASSWORD })).send()
    };
    verify(&user).await.refused(400, &[("no_password_set", "")]);
    verify("user_none").await.refused(404, &[("resource_not_found", "")]);
});

both!(the_password_must_be_given_and_be_a_text, async |server| {
    let user = id(&server.create_user(json!({ "username": "adaada", "password": PASSWORD })).await);
    let client = server.client();
    for (body, code) in
        [(json!({}), "form_param_missing"), (json!({ "password": 1 }), "form_param_value_invalid")]
    {
        let reply = client.post(&path(&user, "/verify_password")).json(body).send().await;
        reply.refused(422, &[(code, "password")]);
    }
});

both!(after_a_change_only_the_new_password_is_right_also_after_a_restart, async |server| {
    let user = id(&server.create_user(json!({ "username": "adaada", "password": PASSWORD })).await);
    let new = "other violet otters hum";
    server.client().patch(&path(&user, "")).json(json!({ "password": new })).send().await.ok();
    for _ in 0..2 {
        for (password, status) in [(new, 200), (PASSWORD, 422)] {
            let call = server.client().post(&path(&user, "/verify_password"));
            assert_eq!(call.json(json!({ "password": password })).send().await.status, status);
        }
        server.restart().await;
    }
});

both!(a_banned_or_locked_user_is_verified_like_any_other, async |server| {
    let body =
        json!({ "username": "mallory", "password": PASSWORD, "banned": true, "locked": true });
    let user = id(&server.create_user(body).await);
    let call = server.client().post(&path(&user, "/verify_password"));
    call.json(json!({ "password": PASSWORD })).send().await.ok();
});

both!(imported_digests_are_verified, async |server| {
    for (n, (hasher, digest, password)) in [
        // Published vectors: crypt_blowfish; argon2-cffi; SHA-256 of "password".
        ("bcrypt", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
        (
            "argon2id",
            "$argon2id$v=19$m=64,t=3,p=8$MDEyMzQ1Njc4OWFiY2RlZg\
             $u253FHHsGE6uCxsG8STrYg1IkdqFUCPf6Ywlc69LMn4",
            "Secure*Pass4",
        ),
        ("sha256", "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8", "password"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({
            "username": format!("import_{n}"), "password_hasher": hasher, "password_digest": digest,
        });
        let user = id(&server.create_user(body).await);
        for (password, status) in [(password, 200), ("wrong", 422)] {
            let call = server.client().post(&path(&user, "/verify_password"));
            let reply = call.json(json!({ "password": password })).send().await;
            assert_eq!(reply.status, status, "{hasher}: {}", reply.text());
        }
    }
});
