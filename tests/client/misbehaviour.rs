//! Servers that are away, busy, slow, or answer nonsense.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rollbook_sdk::{Backoff, Clerk, Code, Error, RetryConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const USER: &str = r#"{"id":"user_1","new_field":{"x":1}}"#;

/// A server that answers each connection with the next of `answers`, the last one for ever.
async fn server(answers: &'static [&'static str]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let number = count.fetch_add(1, Ordering::SeqCst);
            let answer = answers[number.min(answers.len() - 1)];
            let mut request = vec![0; 65_536];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    (url, asked)
}

fn answer(status: &str, headers: &str, body: &str) -> &'static str {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n{headers}\r\n{body}"
    );
    Box::leak(text.into_boxed_str())
}

fn answers<const N: usize>(all: [&'static str; N]) -> &'static [&'static str] {
    Box::leak(Box::new(all))
}

fn quick() -> RetryConfig {
    let initial_interval = Duration::from_millis(5);
    RetryConfig::default().with_backoff(Backoff { initial_interval, ..Backoff::default() })
}

fn clerk(url: &str) -> Clerk {
    let builder = Clerk::builder().bearer_auth("sk_test_hush").server_url(url).retries(quick());
    builder.timeout(Duration::from_millis(300)).build().expect("a client")
}

#[tokio::test]
async fn a_reading_call_is_tried_again_and_a_writing_one_is_not() {
    let broken = answer("500 Oops", "", "{}");
    let (url, asked) = server(answers([broken, broken, answer("200 OK", "", USER)])).await;
    let user = clerk(&url).users().get("user_1").send().await.expect("at the third attempt");
    assert_eq!((user.id.as_str(), asked.load(Ordering::SeqCst)), ("user_1", 3));

    let (url, asked) = server(answers([broken])).await;
    let error = clerk(&url).users().create().send().await.expect_err("once");
    assert_eq!((error.status(), asked.load(Ordering::SeqCst)), (Some(500), 1));
    let unsafe_too = quick().with_unsafe_methods().with_backoff(Backoff {
        initial_interval: Duration::from_millis(1),
        max_elapsed_time: Duration::from_millis(60),
        ..Backoff::default()
    });
    let again = clerk(&url).users().create().retries(unsafe_too).send().await;
    assert_eq!(again.expect_err("still").status(), Some(500));
    assert!(asked.load(Ordering::SeqCst) > 2, "a caller may ask for it");
}

#[tokio::test]
async fn a_server_that_says_when_is_obeyed() {
    let busy = answer("503 Busy", "retry-after: 1\r\n", "{}");
    let (url, asked) = server(answers([busy, answer("200 OK", "", USER)])).await;
    let start = std::time::Instant::now();
    clerk(&url).users().ban("user_1").send().await.expect("after the wait");
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_429_is_told_with_its_time_and_not_tried_again() {
    let body =
        r#"{"errors":[{"code":"too_many_requests","message":"slow","long_message":"Slow."}]}"#;
    let (url, asked) = server(answers([answer("429 Slow", "retry-after: 9\r\n", body)])).await;
    let error = clerk(&url).users().get("user_1").send().await.expect_err("limited");
    assert!(
        matches!(&error, Error::RateLimited { retry_after: Some(wait), .. } if wait.as_secs() == 9)
    );
    assert_eq!((error.code(), asked.load(Ordering::SeqCst)), (Some(Code::TooManyRequests), 1));
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_its_status_and_place() {
    let (url, _) = server(answers([answer("200 OK", "", r#"{"id":7}"#)])).await;
    let error = clerk(&url).users().get("user_1").send().await.expect_err("a number");
    assert!(matches!(&error, Error::Decode { status: 200, path, .. } if path == "id"), "{error:?}");

    let (url, _) = server(answers([answer("404 Gone", "", "<html>")])).await;
    let error = clerk(&url).users().get("user_1").send().await.expect_err("a page");
    assert_eq!((error.status(), error.code()), (Some(404), None));
    assert!(error.api().expect("a refusal").errors.is_empty());
}

#[tokio::test]
async fn nobody_there_and_nobody_answering_are_transport_errors() {
    let once = || RetryConfig::none();
    let (url, _) = server(answers(["HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"])).await;
    let cut = clerk(&url).users().get("user_1").retries(once()).send().await;
    assert!(matches!(cut, Err(Error::Transport { .. })), "{cut:?}");
    let (url, _) = server(answers([""])).await;
    let error = clerk(&url).users().get("user_1").retries(once()).send().await;
    assert!(matches!(error, Err(Error::Transport { .. })), "{error:?}");
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let error = clerk(&url).users().get("user_1").retries(once()).send().await;
    let error = error.expect_err("nobody there");
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("hush"));
}
