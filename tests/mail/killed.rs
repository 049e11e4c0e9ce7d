//! A server killed after a commit and before the mail is out.

use std::time::Duration;

use rollbook_tests::{Launch, post, request};
use serde_json::json;

use crate::notice::{NEW, TO};
use crate::smtp::{PASSWORD, Server, USERNAME, free_port, python};

const KEY: &str = "sk_test_of_the_mail_tests_and_no_other";

/// More than a lease, should the kill have hit an attempt.
const PATIENCE: Duration = Duration::from_mins(3);

#[test]
fn what_was_committed_before_a_kill_is_mailed_by_the_next_server() {
    if python().is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let strict = Server::start_strict();
    let ca = strict.ca();
    let launch = |port: u16| {
        Launch::new(folder.path())
            .env("ROLLBOOK_SECRET_KEY", KEY)
            .env("ROLLBOOK_SMTP_HOST", "127.0.0.1")
            .env("ROLLBOOK_SMTP_PORT", port.to_string())
            .env("ROLLBOOK_SMTP_CA", &ca)
            .env("ROLLBOOK_SMTP_USERNAME", USERNAME)
            .env("ROLLBOOK_SMTP_PASSWORD", PASSWORD)
            .env("ROLLBOOK_SMTP_FROM", "Rollbook <no-reply@example.org>")
    };

    let mut server = launch(free_port()).start();
    let user = json!({ "email_address": [TO, NEW] });
    let user = post(server.addr, KEY, "/v1/users", &user).done();
    let change = json!({
        "primary_email_address_id": user["email_addresses"][1]["id"],
        "notify_primary_email_address_changed": true,
    });
    let path = format!("/v1/users/{}", user["id"].as_str().expect("an id"));
    request(server.addr, KEY, "PATCH", &path, &change).done();
    server.kill();

    let server = launch(strict.port).start();
    let message = strict.next(PATIENCE).expect("the mail arrives");
    assert_eq!(message["to"], json!([TO]));
    assert_eq!(message["tls"], true);
    assert!(!server.stderr().contains(PASSWORD) && !server.stderr().contains(TO));
}
