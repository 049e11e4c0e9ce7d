//! STARTTLS and authentication.

use rollbook_mail::{SmtpSettings, Tls};

use crate::notice::{NEW, TO, sent, server, state};
use crate::smtp::{PASSWORD, Server, USERNAME, mailer, python};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_arrives_once_over_tls_with_both_of_its_texts() {
    if python().is_none() {
        return;
    }
    let (server, smtp) = (server().await, Server::start_strict());
    let mailer = mailer(&smtp.strict_settings());
    assert_eq!(sent(&server, &mailer).await, 1);
    assert_eq!(sent(&server, &mailer).await, 0);

    let message = smtp.only();
    assert_eq!(message["from"], "no-reply@example.org");
    assert_eq!(message["to"], serde_json::json!([TO]));
    assert_eq!(message["tls"], true);
    assert_eq!(message["authenticated"], true);
    let content = message["content"].as_str().expect("text").replace("=\r\n", "");
    for part in [
        "Subject: Your primary email address was changed\r\n",
        "Content-Type: text/plain",
        "Content-Type: text/html",
        &format!("is now {NEW}."),
    ] {
        assert!(content.contains(part), "{part} in {content}");
    }
    assert_eq!(state(&server).await, ("sent".to_owned(), 1, String::new()));
    server.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mail_goes_to_a_server_that_cannot_prove_its_name() {
    if python().is_none() {
        return;
    }
    let (server, smtp) = (server().await, Server::start_strict());
    // The authority of this server is none that the system knows.
    let settings = SmtpSettings { ca: None, ..smtp.strict_settings() };
    assert_eq!(sent(&server, &mailer(&settings)).await, 1);
    let (status, attempts, error) = state(&server).await;
    assert_eq!((status.as_str(), attempts), ("queued", 1), "{error}");
    assert!(error.to_lowercase().contains("certificate"), "{error}");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mail_goes_to_a_server_that_offers_no_tls() {
    if python().is_none() {
        return;
    }
    let (server, smtp) = (server().await, Server::start(serde_json::json!({})));
    let strict = Server::start_strict();
    let settings = SmtpSettings { port: smtp.port, ..strict.strict_settings() };
    assert_eq!(sent(&server, &mailer(&settings)).await, 1);
    assert_eq!(state(&server).await.0, "queued");
    let settings = SmtpSettings { tls: Tls::Implicit, ..settings };
    server.clock.advance(5_000);
    assert_eq!(sent(&server, &mailer(&settings)).await, 1);
    assert_eq!(state(&server).await.0, "queued");
    assert_eq!(smtp.next(std::time::Duration::from_millis(200)), None);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_leaves_mail_queued_and_is_told_to_nobody() {
    if python().is_none() {
        return;
    }
    let (server, smtp) = (server().await, Server::start_strict());
    let wrong = "not the password";
    let settings =
        SmtpSettings { password: Some(wrong.to_owned().into()), ..smtp.strict_settings() };
    assert_eq!(sent(&server, &mailer(&settings)).await, 1);
    let (status, attempts, error) = state(&server).await;
    assert_eq!((status.as_str(), attempts), ("queued", 1), "{error}");
    assert!(error.contains("535"), "{error}");
    for secret in [wrong, PASSWORD, USERNAME] {
        assert!(!error.contains(secret), "{error}");
    }

    server.clock.advance(5_000);
    assert_eq!(sent(&server, &mailer(&smtp.strict_settings())).await, 1);
    assert_eq!(smtp.only()["authenticated"], true);
    assert_eq!(state(&server).await, ("sent".to_owned(), 2, String::new()));
    server.end().await;
}
