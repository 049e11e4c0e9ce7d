//! What the log says of failed requests. Alone in its binary: subscribers that
//! come and go in one thread do not mix with tests in others.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{get, post};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use rollbook_http::{Form, Front, HttpSettings, Metrics, Refusal, TraceIds, complete};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn front() -> Front<()> {
    let routes = Router::new()
        .route("/v1/users/{id}", post(|form: Form| async { Refusal::unless_empty(form.finish()) }))
        .route("/v1/broken", get(|| async { Refusal::internal_because("the disk is full") }))
        .route("/v1/panic", get(|| async { panic!("hunter2") as &str }));
    let metrics = Arc::new(Metrics::new());
    Front::new((), complete(routes), HttpSettings::default(), TraceIds::new(1), metrics)
}

async fn ask(request: hyper::http::request::Builder, body: &'static str) -> u16 {
    let request = request.body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap();
    front().handle(request).await.status().as_u16()
}

#[tokio::test]
async fn failures_are_logged_once_and_without_what_clients_sent() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber =
        tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    assert_eq!(ask(Request::get("/v1/broken"), "").await, 500);
    assert_eq!(ask(Request::get("/v1/panic"), "").await, 500);
    let create = Request::post("/v1/users/hunter2?q=hunter2")
        .header("Authorization", "Bearer hunter2")
        .header("X-Forwarded-For", "hunter2")
        .header("Content-Type", "application/json");
    assert_eq!(ask(create, r#"{"hunter2":"hunter2"}"#).await, 422);
    assert_eq!(ask(Request::post("/v1/users/hunter2"), "").await, 200);
    drop(guard);
    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 3, "{log}");
    assert!(lines[0].contains("ERROR") && lines[0].contains("the disk is full"), "{log}");
    assert!(lines[1].contains("ERROR") && lines[1].contains("/v1/panic"), "{log}");
    assert!(lines[2].contains("INFO") && lines[2].contains("/v1/users/{id}"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}
