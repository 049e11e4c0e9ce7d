//! An SMTP server that is away for a while, or for ever.

use rollbook_testkit::Server as Rollbook;
use rollbook_worker::{Retention, prune};
use serde_json::json;

use crate::notice::{seen, sent, server, state};
use crate::smtp::{Server, free_port, mailer, python, settings};

const HOUR: i64 = 3_600_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_waits_for_a_server_that_is_down() {
    if python().is_none() {
        return;
    }
    let (mut server, port) = (server().await, free_port());
    let down = mailer(&settings(port));
    assert_eq!(sent(&server, &down).await, 1);
    let (status, attempts, error) = state(&server).await;
    assert_eq!((status.as_str(), attempts), ("queued", 1));
    assert!(error.contains("refused"), "{error}");
    let id = seen(&server).await["id"].as_str().expect("an id").to_owned();

    let smtp = Server::start(json!({ "port": port }));
    server.restart().await;
    assert_eq!(sent(&server, &down).await, 0, "the pause is not over");
    server.clock.advance(5_000);
    assert_eq!(sent(&server, &down).await, 1);
    let content = smtp.only()["content"].as_str().expect("text").to_owned();
    assert!(content.contains(&format!("Message-ID: <{id}@example.org>\r\n")), "{content}");
    assert_eq!(state(&server).await, ("sent".to_owned(), 2, String::new()));
    server.end().await;
}

/// Needs no SMTP server: nobody listens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_is_kept_until_its_attempts_are_spent_and_then_no_longer_than_events() {
    let server = server().await;
    let down = mailer(&settings(free_port()));
    let mut attempts = 0;
    while state(&server).await.0 == "queued" {
        assert_eq!(sent(&server, &down).await, 1);
        attempts += 1;
        server.clock.advance(2 * HOUR);
        sweep(&server).await;
    }
    assert_eq!(attempts, 24);
    let (status, counted, error) = state(&server).await;
    assert_eq!((status.as_str(), counted), ("failed", 24), "{error}");
    server.clock.advance(2 * HOUR);
    assert_eq!(sent(&server, &down).await, 0);

    server.clock.advance(24 * HOUR);
    sweep(&server).await;
    let path = format!("/admin/v1/instances/{}/mailbox", server.instance_id);
    assert_eq!(server.operator().get(&path).send().await.ok()["total_count"], 0);
    server.end().await;
}

/// With a retention shorter than mail is tried for.
async fn sweep(server: &Rollbook) {
    prune(&server.ctx, Retention { outbox_days: 1 }).await.expect("a sweep");
}
