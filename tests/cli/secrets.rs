//! No secret is logged, printed or kept in the clear.

use std::fs;
use std::path::Path;

use rollbook_tests::{Launch, post, request};
use serde_json::json;

use crate::{KEY, folder};

const PASSWORD: &str = "Zwo1fBoxkaempfer";
const TOTP: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const BACKUP_CODE: &str = "backup9code7";
const DIGEST: &str = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";
const OPERATOR: &str = "operator-token-0123456789";

#[test]
fn no_secret_is_in_any_log_at_any_level_nor_in_the_clear_in_the_store() {
    let folder = folder();
    let mut server = Launch::new(folder.path())
        .env("ROLLBOOK_SECRET_KEY", KEY)
        .env("ROLLBOOK_ADMIN_TOKEN", OPERATOR)
        .env("ROLLBOOK_LOG", "trace")
        .start();
    let addr = server.addr;
    let user = json!({
        "username": "lovelace",
        "password": PASSWORD,
        "totp_secret": TOTP,
        "backup_codes": [BACKUP_CODE],
    });
    let user = post(addr, KEY, "/v1/users", &user).done();
    let id = user["id"].as_str().unwrap();
    for (password, status) in [(PASSWORD, 200), ("Zwo1fBoxkaempfer!", 422)] {
        let body = json!({ "password": password });
        let reply = post(addr, KEY, &format!("/v1/users/{id}/verify_password"), &body);
        assert_eq!(reply.status, status, "{}", reply.json());
    }
    let imported = json!({
        "username": "grace", "password_digest": DIGEST, "password_hasher": "bcrypt",
    });
    post(addr, KEY, "/v1/users", &imported).done();
    // Refusals, which tell what was wrong, must not quote it.
    for body in [
        json!({ "username": "grace2", "password": format!("{PASSWORD}\0") }),
        json!({ "username": "lovelace", "password": [PASSWORD] }),
        json!({ "username": "lovelace", "totp_secret": format!("{TOTP}!"), "password": PASSWORD }),
        json!({ "username": "lovelace", "backup_codes": [BACKUP_CODE, BACKUP_CODE] }),
        json!({ "username": "grace2", "password_digest": DIGEST, "password_hasher": "argon2id" }),
    ] {
        let reply = post(addr, KEY, "/v1/users", &body);
        assert_eq!(reply.status, 422, "{body}");
        clean("an answer", &reply.body, &[PASSWORD, TOTP, BACKUP_CODE, DIGEST]);
    }
    let instance = post(addr, OPERATOR, "/admin/v1/instances", &json!({})).done();
    let made = instance["secret_key"].as_str().unwrap();
    assert_eq!(request(addr, made, "GET", "/v1/users", &json!(null)).status, 200);
    assert_eq!(request(addr, OPERATOR, "GET", "/v1/users", &json!(null)).status, 401);
    server.signal("TERM");
    assert!(server.ended().success());

    let log = server.stderr();
    assert!(log.contains("request refused"), "there is no log to look into: {log}");
    let all = [PASSWORD, TOTP, BACKUP_CODE, DIGEST, OPERATOR, KEY, made];
    clean("the log", log.as_bytes(), &all);
    let out = server.stdout().replace(&format!("CLERK_SECRET_KEY={KEY}"), "");
    clean("standard output", out.as_bytes(), &all);
    let kept = [PASSWORD, TOTP, BACKUP_CODE, OPERATOR, KEY, made];
    for_each_file(&folder.path().join("rollbook-data"), &|path, bytes| {
        clean(&path.display().to_string(), bytes, &kept);
    });
}

#[track_caller]
fn clean(what: &str, bytes: &[u8], secrets: &[&str]) {
    for secret in secrets {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        let at = bytes.windows(secret.len()).position(|window| window == secret.as_bytes());
        let around = at.map(|at| {
            let from = at.saturating_sub(200);
            String::from_utf8_lossy(&bytes[from..(at + 100).min(bytes.len())]).into_owned()
        });
        assert!(!found, "{what} holds {secret}: {around:?}");
    }
}

fn for_each_file(folder: &Path, look: &dyn Fn(&Path, &[u8])) {
    let mut n_files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            for_each_file(&path, look);
        } else {
            n_files += 1;
            look(&path, &fs::read(&path).unwrap());
        }
    }
    assert!(n_files > 0 || folder.ends_with("images"), "{} is empty", folder.display());
}
