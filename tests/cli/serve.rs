//! What `serve` prints, and when.

use std::os::unix::fs::PermissionsExt;

use rollbook_tests::{Launch, get, post};
use serde_json::json;

use crate::{KEY, folder, refused, run_with};

#[test]
fn two_lines_are_printed_once_requests_are_answered_and_nothing_else_is() {
    let folder = folder();
    let mut server = Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY).start();
    // The first request after the first line is answered at once.
    assert_eq!(get(server.addr, KEY, "/v1/users").done(), json!([]));
    assert_eq!(get(server.addr, "", "/readyz").status, 200);
    assert_eq!(get(server.addr, "", "/healthz").status, 200);
    server.signal("TERM");
    assert!(server.ended().success());
    let expected = format!("CLERK_API_URL=http://{}\nCLERK_SECRET_KEY={KEY}\n", server.addr);
    assert_eq!(server.stdout(), expected);
    assert_ne!(server.addr.port(), 0);
}

#[test]
fn a_generated_key_is_printed_once_and_opens_the_first_instance() {
    let folder = folder();
    let mut server = Launch::new(folder.path()).start();
    let key = server.printed_key();
    assert!(key.starts_with("sk_test_"), "{key}");
    post(server.addr, &key, "/v1/users", &json!({ "username": "lovelace" })).done();
    server.signal("TERM");
    assert!(server.ended().success());

    // Only a hash of it is left.
    let mut server = Launch::new(folder.path()).start();
    assert_eq!(get(server.addr, &key, "/v1/users/count").done()["total_count"], 1);
    server.signal("TERM");
    assert!(server.ended().success());
    assert_eq!(server.stdout(), format!("CLERK_API_URL=http://{}\n", server.addr));
}

#[test]
fn a_fixed_key_is_printed_again_only_while_it_opens_an_instance() {
    let folder = folder();
    drop(Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY).start());

    let server = Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY).start();
    assert_eq!(server.printed_key(), KEY);
    drop(server);

    let other = "sk_test_another_another_another";
    let mut server = Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", other).start();
    assert_eq!(get(server.addr, other, "/v1/users").status, 401);
    assert_eq!(get(server.addr, KEY, "/v1/users").status, 200);
    server.signal("TERM");
    assert!(server.ended().success());
    assert_eq!(server.stdout(), format!("CLERK_API_URL=http://{}\n", server.addr));
    assert!(server.stderr().contains("opens no instance"), "{}", server.stderr());
}

#[test]
fn a_live_key_makes_the_first_instance_a_production_one() {
    let folder = folder();
    let key = "sk_live_cli_cli_cli_cli_cli_cli";
    let server = Launch::new(folder.path())
        .env("ROLLBOOK_SECRET_KEY", key)
        .env("ROLLBOOK_ADMIN_TOKEN", "operator-operator")
        .start();
    let instances = get(server.addr, "operator-operator", "/admin/v1/instances").done();
    assert_eq!(instances["data"][0]["environment_type"], "production");
    assert_eq!(get(server.addr, key, "/v1/users").status, 200);
}

#[test]
fn a_key_of_another_form_is_refused_at_the_start() {
    for key in ["sk_test_short", "pk_test_cli_cli_cli_cli_cli", "", "sk_test_ cli cli cli cli cli"]
    {
        let said = refused(&run_with(
            folder().path(),
            &["serve", "--listen", "127.0.0.1:0"],
            &[("ROLLBOOK_SECRET_KEY", key)],
        ));
        assert!(said.contains("secret_key"), "{said}");
    }
}

#[test]
fn without_a_token_there_is_no_operator_and_a_guessable_one_is_refused() {
    let folder = folder();
    let server = Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY).start();
    for token in ["", "operator-operator", KEY] {
        assert_eq!(get(server.addr, token, "/admin/v1/instances").status, 401);
    }
    let token = [("ROLLBOOK_ADMIN_TOKEN", "short")];
    let said = refused(&run_with(folder.path(), &["serve"], &token));
    assert!(said.contains("16 characters") && !said.contains("short"), "{said}");
}

#[test]
fn an_address_in_use_is_a_failure_that_says_so() {
    let (one, other) = (folder(), folder());
    let server = Launch::new(one.path()).start();
    let address = server.addr.to_string();
    let output = run_with(other.path(), &["serve", "--listen", &address], &[]);
    assert_eq!(crate::stdout(&output), "");
    let said = refused(&output);
    assert!(said.contains(&address) && said.contains("in use"), "{said}");
}

#[test]
fn the_master_key_is_for_its_owner_only() {
    let folder = folder();
    drop(Launch::new(folder.path()).start());
    let key = folder.path().join("rollbook-data/master.key").metadata().expect("a key");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_wrong_master_key_is_a_clear_refusal() {
    let folder = folder();
    drop(Launch::new(folder.path()).env("ROLLBOOK_MASTER_KEY", "a1".repeat(32)).start());
    let other = "b2".repeat(32);
    let start = |key| {
        let variables = [("ROLLBOOK_MASTER_KEY", key)];
        refused(&run_with(folder.path(), &["serve", "--listen", "127.0.0.1:0"], &variables))
    };
    let said = start(&other);
    assert!(said.contains("master key is not the one") && !said.contains(&other), "{said}");
    let said = start("b2b2");
    assert!(said.contains("master key must be 32 bytes") && !said.contains("b2b2"), "{said}");
}
