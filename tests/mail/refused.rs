//! Recipients that the SMTP server refuses.

use serde_json::json;

use crate::notice::{TO, sent, server, state};
use crate::smtp::{Server, mailer, python, settings};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_refused_for_now_is_tried_again() {
    if python().is_none() {
        return;
    }
    let replies = json!({ TO: ["451 4.7.1 greylisted", "451 4.7.1 greylisted"] });
    let (server, smtp) = (server().await, Server::start(json!({ "replies": replies })));
    let mailer = mailer(&settings(smtp.port));
    for (attempt, pause) in [(1, 5_000), (2, 10_000)] {
        assert_eq!(sent(&server, &mailer).await, 1);
        let (status, attempts, error) = state(&server).await;
        assert_eq!((status.as_str(), attempts), ("queued", attempt), "{error}");
        assert!(error.contains("greylisted"), "{error}");
        // Not before at least half of the pause is over, and no later than all of it.
        server.clock.advance(pause / 2 - 1);
        assert_eq!(sent(&server, &mailer).await, 0);
        server.clock.advance(pause / 2 + 1);
    }
    assert_eq!(sent(&server, &mailer).await, 1);
    assert_eq!(smtp.only()["to"], json!([TO]));
    assert_eq!(state(&server).await, ("sent".to_owned(), 3, String::new()));
    server.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_refused_for_good_is_not_tried_again() {
    if python().is_none() {
        return;
    }
    let replies = json!({ TO: ["550 5.1.1 no such mailbox"] });
    let (server, smtp) = (server().await, Server::start(json!({ "replies": replies })));
    let mailer = mailer(&settings(smtp.port));
    assert_eq!(sent(&server, &mailer).await, 1);
    let (status, attempts, error) = state(&server).await;
    assert_eq!((status.as_str(), attempts), ("failed", 1));
    assert!(error.contains("550") && error.contains("no such mailbox"), "{error}");
    server.clock.advance(30 * 86_400_000);
    assert_eq!(sent(&server, &mailer).await, 0);
    server.end().await;
}
