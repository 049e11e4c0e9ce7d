use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;
use crate::Breaches;

/// Its SHA-1 is 9B19FE05CFE957F1F3EA6C6D22D19BE8A3D4862E.
const PASSWORD: &str = "Secure*Pass4";
const TIMEOUT: Duration = Duration::from_millis(500);

/// An endpoint that answers every request with the same bytes, and tells what it was asked.
struct Endpoint {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    /// Never closes a connection, so a body without a length has no end.
    async fn new(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/range", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (answer, log) = (Arc::new(answer.into()), Arc::clone(&asked));
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    while socket.read_buf(&mut request).await.unwrap_or(0) > 0 {
                        if request.ends_with(b"\r\n\r\n") {
                            let text = String::from_utf8(std::mem::take(&mut request)).unwrap();
                            log.lock().unwrap().push(text);
                            let _ = socket.write_all(&answer).await;
                        }
                    }
                });
            }
        });
        Self { url, asked }
    }

    async fn with_body(status: &str, body: &str) -> Self {
        let length = body.len();
        Self::new(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}")).await
    }

    fn breaches(&self, on_failure: OnFailure) -> Breaches {
        Breaches::Range(Range::new(&self.url, TIMEOUT, on_failure).unwrap())
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn suffix() -> String {
    hex::encode_upper(*hash::of(PASSWORD))[5..].to_owned()
}

fn padding() -> String {
    let lines: Vec<String> = (0..900).map(|n| format!("{n:035X}:0\r\n")).collect();
    lines.concat()
}

#[tokio::test]
async fn a_password_in_the_range_is_breached_and_one_that_is_not_is_not() {
    let line = format!("{}{}:12\r\n{:035X}:3", padding(), suffix(), 7);
    for (body, expected) in [
        (line.clone(), true),
        (line.to_lowercase(), true),
        (padding(), false),
        (format!("{}:0\r\n", suffix()), false),
        (format!("{:035X}:5\n", 8), false),
        (String::new(), false),
    ] {
        let endpoint = Endpoint::with_body("200 OK", &body).await;
        let breaches = endpoint.breaches(OnFailure::Closed);
        assert_eq!(breaches.is_breached(PASSWORD).await, Ok(expected), "{body}");
    }
}

#[tokio::test]
async fn the_endpoint_is_told_five_digits_and_asked_for_padding() {
    let endpoint = Endpoint::with_body("200 OK", &padding()).await;
    endpoint.breaches(OnFailure::Closed).is_breached(PASSWORD).await.unwrap();
    let asked = endpoint.asked().concat().to_lowercase();
    let prefix = hex::encode(*hash::of(PASSWORD))[..5].to_owned();
    assert!(asked.starts_with(&format!("get /range/{prefix} http/1.1\r\n")), "{asked}");
    assert!(asked.contains("\r\nadd-padding: true\r\n"), "{asked}");
    assert!(asked.contains("\r\nuser-agent: rollbook\r\n"), "{asked}");
    assert!(!asked.contains(&suffix().to_lowercase()[..6]), "{asked}");
}

#[tokio::test]
async fn a_common_password_is_not_asked_for() {
    let endpoint = Endpoint::with_body("200 OK", "").await;
    assert_eq!(endpoint.breaches(OnFailure::Closed).is_breached("password").await, Ok(true));
    assert_eq!(endpoint.asked(), [""; 0]);
}

#[tokio::test]
async fn a_failing_endpoint_lets_pass_or_refuses_as_it_is_set_to() {
    let long = format!("{:035X}:1\n", 1).repeat(30_000);
    let endless = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
    let elsewhere = "302 Found\r\nlocation: http://localhost:1/range/";
    for (endpoint, reason) in [
        (Endpoint::with_body("500 Oh", "").await, "the range endpoint answered 500"),
        (Endpoint::with_body("404 No", "").await, "the range endpoint answered 404"),
        (Endpoint::with_body(elsewhere, "").await, "the range endpoint answered 302"),
        (Endpoint::with_body("200 OK", "<html>").await, "the range endpoint answered nonsense"),
        (Endpoint::with_body("200 OK", "00:1").await, "the range endpoint answered nonsense"),
        (
            Endpoint::with_body("200 OK", &format!("{}:x", suffix())).await,
            "the range endpoint answered nonsense",
        ),
        (
            Endpoint::with_body("200 OK", &long).await,
            "the range endpoint answered at too great a length",
        ),
        (Endpoint::new("").await, "the range endpoint did not answer in time"),
        (Endpoint::new(endless).await, "the range endpoint did not answer in time"),
        (Endpoint::new("nonsense\r\n\r\n").await, "the range endpoint broke off"),
    ] {
        let begun = Instant::now();
        let closed = endpoint.breaches(OnFailure::Closed).is_breached(PASSWORD).await;
        assert_eq!(closed, Err(Unavailable { reason: reason.to_owned() }));
        assert_eq!(endpoint.breaches(OnFailure::Open).is_breached(PASSWORD).await, Ok(false));
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let range = Range::new(&url, TIMEOUT, OnFailure::Closed).unwrap();
    let refused = Breaches::Range(range).is_breached(PASSWORD).await.unwrap_err();
    assert_eq!(refused.reason, "the range endpoint cannot be reached");
}

#[tokio::test]
async fn redirects_to_another_host_are_not_followed() {
    let other = Endpoint::with_body("200 OK", &format!("{}:1", suffix())).await;
    let location = format!("302 Found\r\nlocation: {}/x", other.url);
    let endpoint = Endpoint::with_body(&location, "").await;
    assert!(endpoint.breaches(OnFailure::Closed).is_breached(PASSWORD).await.is_err());
    assert_eq!(other.asked(), [""; 0]);
    // Within the same host it goes in circles, which come to an end.
    let circle = Endpoint::with_body("302 Found\r\nlocation: /range/00000", "").await;
    assert!(circle.breaches(OnFailure::Closed).is_breached(PASSWORD).await.is_err());
    assert_eq!(circle.asked().len(), MAX_REDIRECTS + 1);
}

#[test]
fn an_address_that_is_none_is_refused() {
    for url in ["", "range", "ftp://a/", "file:///etc", "https://a/?q", "https://a/#f"] {
        let range = Range::new(url, TIMEOUT, OnFailure::Open);
        assert!(matches!(range, Err(RangeError::Url)), "{url}");
    }
    for url in ["https://a", "https://a/range", "https://a/range/"] {
        let range = Range::new(url, TIMEOUT, OnFailure::Open).unwrap();
        assert!(range.url.as_str().ends_with('/'), "{}", range.url);
    }
}
