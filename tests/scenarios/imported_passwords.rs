//! Digests that other systems made: imported, verified, and refused where they are not valid.

use std::time::{Duration, Instant};

use rollbook_testkit::{Server, both};
use serde_json::{Value, json};

use crate::support::{PASSWORD, events, id, path, someone};

pub(crate) const SECRET: &str = "Secure*Pass4";

/// A digest of [`SECRET`] by each hasher. Made with the reference implementation
/// of each: bcrypt, argon2-cffi, Werkzeug, Django, and the standard libraries of Python.
pub(crate) const DIGESTS: [(&str, &str); 24] = [
    (
        "argon2i",
        "$argon2i$v=19$m=64,t=3,p=8$MDEyMzQ1Njc4OWFiY2RlZg$joqBQ9lha1XO1hqpsXR5DxquRFP2cvtP1KT9/i8uU9k",
    ),
    (
        "argon2i",
        "$argon2i$v=16$m=1024,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gg30fLyfKpqkBhKdeSHIgXbVN+Op5mAnJOI0gviKDVM",
    ),
    (
        "argon2id",
        "$argon2id$v=19$m=64,t=3,p=8$MDEyMzQ1Njc4OWFiY2RlZg$u253FHHsGE6uCxsG8STrYg1IkdqFUCPf6Ywlc69LMn4",
    ),
    ("bcrypt", "$2a$10$abcdefghijklmnopqrstuuLSFgy6NNouncfY7wjAHgjaJjjcjDOn2"),
    ("bcrypt", "$2b$10$abcdefghijklmnopqrstuuLSFgy6NNouncfY7wjAHgjaJjjcjDOn2"),
    ("bcrypt", "$2y$10$abcdefghijklmnopqrstuuLSFgy6NNouncfY7wjAHgjaJjjcjDOn2"),
    ("bcrypt_peppered", "$2b$10$abcdefghijklmnopqrstuu5QopGBmlJPn9AOPXzuaDuGHt4VrqnJW$pepper"),
    (
        "bcrypt_sha256_django",
        "bcrypt_sha256$$2b$10$abcdefghijklmnopqrstuuzqBMXoyWHPbqeIVj4zcX6mqNAurFJF6",
    ),
    ("ldap_ssha", "{SSHA}6GBbF9ECMWk/+GUACJqVPw8TfcBzYWx0"),
    ("md5", "1d6afe0dc67918e27c5178fa29d4a08c"),
    ("md5_phpass", "$P$BsaltsaltOFd/BgTCPsrpEIMCXCAET/"),
    ("md5_salted", "NaCl$49eed12af785d8069425790287c4765d"),
    (
        "pbkdf2_sha1",
        "pbkdf2_sha1$1000$30313233343536373839616263646566$f957f6f15367655a0ee0645ce901b06d2f245fa17745acd5ae757f0c43e42a9a",
    ),
    (
        "pbkdf2_sha1",
        "pbkdf2_sha1$1000$30313233343536373839616263646566$f957f6f15367655a0ee0645ce901b06d2f245fa1$20",
    ),
    (
        "pbkdf2_sha1",
        "pbkdf2_sha1$1000$seasalt$f04efb6003c2bed50a6e33700501f83bef871f3a20139bd31843fed32dacfe9b",
    ),
    (
        "pbkdf2_sha256",
        "pbkdf2_sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg==$nCSsnh0q8570HezCvjRsN2usfTsjqMP30WvkPmq8FZ8=",
    ),
    (
        "pbkdf2_sha256_django",
        "pbkdf2_sha256$1000$seasalt$EjvAPY79WXEs0C6DMz+F9OXOYDwxyjCdipvSTkoIwzQ=",
    ),
    (
        "pbkdf2_sha512",
        "pbkdf2_sha512$1000$seasalt$c31fc0536618ef4fd1d53e960a6b2cad2fd71abc1b0d22e100a122e28b118773a7b8fa42a94c6aa0cd772d39f3957cfc78fda5ac52c7bb95d6c3741bfcc632a6",
    ),
    (
        "pbkdf2_sha512_hex",
        "pbkdf2_sha512_hex$1000$30313233343536373839616263646566$81931b060fb22acc580ea703987f77847f609b425edaf4ecc530ce26aa3a77723c4f4978d7b7fa9ef43599db5d1d33cbfafa30957ccdd840d169df1ccc600d9e",
    ),
    ("phpass", "$P$Bsaltsalt0gc7QTySswNqk.7TbaRmr1"),
    (
        "scrypt_firebase",
        "0fkSikF5wqIh1wy0Oej2bPAOx83dIIEYnDwYL5xnh7ak0hi2btDoNRbIrujx58us82+z393yiFlQzyOtBlMQOQ==$42xEC+ixf3L2lw==$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==$Bw==$8$14",
    ),
    (
        "scrypt_werkzeug",
        "scrypt:32768:8:1$seasalt$1abed5904a8b8e23e7b5c68de2dd494569aaf7738b05a4a464965ab0ccb2b47e56146e15a0728099101e89a9ccfa533a5777200a62c7ad1d4d93cf0761a84808",
    ),
    ("sha256", "2f37d68b3204c67d28d90222a3593347b912f3d303e9330da2985e7b12f3ede4"),
    (
        "sha512_symfony",
        "sha512_symfony$5000$seasalt$9QWFGrG0uYbD0PmbDVbpo8iRbrGBe/nUjU0/eu5fZKZOXurvvCZfGT9j0uN3CDNy4WBjPR4fkuDK/RiHstZ7IA==",
    ),
];

/// Salted SHA-256, the salt before the password and after it.
const SALTED: &str = "NaCl$260b8e7666ac6ff5be177595f0dfabcd2c8f565fb23559b07445cd6f61f536b0";

fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    DIGESTS.into_iter().chain([("sha256_salted", SALTED)])
}

async fn verifies(server: &Server, user: &str, password: &str) -> bool {
    let call = server.client().post(&path(user, "/verify_password"));
    let reply = call.json(json!({ "password": password })).send().await;
    if reply.status == 200 {
        assert_eq!(reply.ok(), json!({ "verified": true }));
        return true;
    }
    reply.refused(422, &[("incorrect_password", "password")]);
    false
}

both!(a_digest_of_every_hasher_is_verified, async |server| {
    for (n, (hasher, digest)) in all().enumerate() {
        let body = json!({
            "username": format!("import_{n}"), "password_hasher": hasher, "password_digest": digest,
        });
        let user = server.create_user(body).await;
        assert_eq!(user["password_enabled"], true);
        assert_eq!(user["password_last_updated_at"], user["created_at"]);
        assert!(!user.to_string().contains(digest), "digests are for the store alone");
        let user = id(&user);
        for (password, right) in
            [("secure*Pass4", false), (SECRET, true), ("Secure*Pass4 ", false), ("", false)]
        {
            assert_eq!(verifies(server, &user, password).await, right, "{hasher}: {password}");
        }
        // Neither the failures nor the success took anything away.
        assert!(verifies(server, &user, SECRET).await, "{hasher}");
    }
});

both!(an_update_imports_a_digest_in_place_of_a_password, async |server| {
    let user = id(&server.create_user(json!({ "username": "adaada", "password": PASSWORD })).await);
    server.clock.advance(1000);
    let body = json!({ "password_hasher": "md5", "password_digest": DIGESTS[9].1 });
    let updated = server.client().patch(&path(&user, "")).json(body).send().await.ok();
    assert_eq!(updated["password_last_updated_at"], server.clock.now());
    assert!(!verifies(server, &user, PASSWORD).await);
    assert!(verifies(server, &user, SECRET).await);
});

async fn refused(server: &Server, user: &str, body: Value, code: &str, param: &str) -> String {
    let mut creation = body.clone();
    creation["username"] = "someone_new".into();
    server.client().post("/v1/users").json(creation).send().await.refused(422, &[(code, param)]);
    let reply = server.client().patch(&path(user, "")).json(body).send().await;
    reply.refused(422, &[(code, param)]);
    reply.json()["errors"][0]["long_message"].as_str().unwrap_or_default().to_owned()
}

async fn invalid(server: &Server, user: &str, hasher: &str, digest: &str) {
    let body = json!({ "password_hasher": hasher, "password_digest": digest });
    let why =
        refused(server, user, body, "form_password_digest_invalid_code", "password_digest").await;
    assert!(why.starts_with("password_digest "), "{hasher}: {why}");
    // The message may end up in a log.
    assert!(digest.len() < 12 || !why.contains(digest), "{hasher}: {why}");
}

both!(a_malformed_digest_is_refused, async |server| {
    let user = someone(server, "adaada").await;
    for (hasher, digest) in all() {
        invalid(server, &user, hasher, &digest[..digest.len() / 2]).await;
    }
    for hasher in ["argon2i", "argon2id", "bcrypt", "md5", "phpass", "scrypt_firebase"] {
        for digest in ["", "$", "$$$$$$$$", "hunter2", "é", &"a".repeat(5000)] {
            invalid(server, &user, hasher, digest).await;
        }
    }
    // A digest under the name of another hasher.
    for (hasher, digest) in [
        ("argon2i", DIGESTS[2].1),
        ("argon2id", DIGESTS[0].1),
        ("bcrypt", DIGESTS[9].1),
        ("md5", SALTED),
        ("sha256", DIGESTS[9].1),
        ("pbkdf2_sha512", DIGESTS[16].1),
        ("scrypt_werkzeug", DIGESTS[20].1),
    ] {
        invalid(server, &user, hasher, digest).await;
    }
    assert_eq!(server.events().await, events([("user.created", &user)]));
});

both!(a_digest_that_would_burn_the_machine_is_refused_at_once, async |server| {
    let user = someone(server, "adaada").await;
    let begun = Instant::now();
    for (hasher, digest) in [
        ("argon2id", DIGESTS[2].1.replace("m=64", "m=4194304")),
        ("argon2id", DIGESTS[2].1.replace("t=3", "t=4294967295")),
        ("argon2id", DIGESTS[2].1.replace("m=64,t=3", "m=262144,t=1024")),
        ("argon2i", DIGESTS[0].1.replace("p=8", "p=16777215")),
        ("bcrypt", DIGESTS[4].1.replace("$10$", "$16$")),
        ("bcrypt", DIGESTS[4].1.replace("$10$", "$31$")),
        ("bcrypt_peppered", DIGESTS[6].1.replace("$10$", "$31$")),
        ("bcrypt_sha256_django", DIGESTS[7].1.replace("$10$", "$31$")),
        ("md5_phpass", DIGESTS[10].1.replace("$P$B", "$P$S")),
        ("pbkdf2_sha1", DIGESTS[12].1.replace("1000$", "4294967295$")),
        ("pbkdf2_sha256", DIGESTS[15].1.replace("1000$", "4294967295$")),
        ("pbkdf2_sha256_django", DIGESTS[16].1.replace("1000$", "99999999999$")),
        ("pbkdf2_sha512", DIGESTS[17].1.replace("1000$", "4294967295$")),
        ("pbkdf2_sha512_hex", DIGESTS[18].1.replace("1000$", "4294967295$")),
        ("phpass", DIGESTS[19].1.replace("$P$B", "$P$S")),
        ("scrypt_firebase", DIGESTS[20].1.replace("$8$14", "$8$30")),
        ("scrypt_firebase", DIGESTS[20].1.replace("$8$14", "$4000000$14")),
        ("scrypt_werkzeug", DIGESTS[21].1.replace("32768", "1073741824")),
        ("scrypt_werkzeug", DIGESTS[21].1.replace(":8:1", ":8:100000")),
        ("sha512_symfony", DIGESTS[23].1.replace("$5000$", "$4294967295$")),
    ] {
        invalid(server, &user, hasher, &digest).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "one of them was computed");
});

both!(a_hasher_needs_a_digest_of_a_kind_that_can_be_verified_here, async |server| {
    let user = someone(server, "adaada").await;
    let body = json!({
        "password_hasher": "awscognito", "password_digest": "awscognito#pool#client#someone",
    });
    let why = refused(server, &user, body, "form_param_value_invalid", "password_hasher").await;
    assert!(why.contains("Cognito"), "{why}");
    let [digest, hasher] = ["password_digest", "password_hasher"];
    for (body, code, param) in [
        (json!({ hasher: "rot13", digest: "x" }), "form_param_value_invalid", hasher),
        (json!({ hasher: "BCRYPT", digest: "x" }), "form_param_value_invalid", hasher),
        (json!({ hasher: "md5" }), "form_conditional_param_missing", digest),
        (json!({ digest: DIGESTS[9].1 }), "form_conditional_param_missing", hasher),
        (
            json!({ hasher: "md5", digest: DIGESTS[9].1, "password": PASSWORD }),
            "form_conditional_param_disallowed",
            digest,
        ),
    ] {
        refused(server, &user, body, code, param).await;
    }
    assert_eq!(server.get_user(&user).await["password_enabled"], false);
});
