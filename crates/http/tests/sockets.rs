//! The server over real sockets: what strangers send, and what they get.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking"
)]

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use bytes::Bytes;
use http_body_util::Full;
use hyper::http::request::Parts;
use rollbook_http::{
    ApiVersion, Form, Front, HotPath, HttpSettings, Json, Metrics, PathIds, Query, Refusal,
    TraceIds, Upload, complete, serve,
};
use rollbook_wire::Code;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

struct Hot;

impl HotPath for Hot {
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/v1/users/{id}";

    type Claim = String;

    fn claim(&self, parts: &Parts) -> Option<String> {
        let id = parts.uri.path().strip_prefix("/v1/users/hot_")?;
        (parts.method == "GET").then(|| id.to_owned())
    }

    async fn answer(&self, id: String) -> Result<hyper::Response<Full<Bytes>>, Refusal> {
        match id.as_str() {
            "panic" => panic!("a panic on the hot path"),
            "missing" => Err(Refusal::not_found()),
            _ => Ok(Json(Bytes::from(format!(r#"{{"hot":"{id}"}}"#))).into_answer()),
        }
    }
}

struct Server {
    addr: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    entered: Arc<Notify>,
    release: Arc<Notify>,
}

fn quick() -> HttpSettings {
    HttpSettings {
        header_timeout: Duration::from_millis(300),
        idle_timeout: Duration::from_secs(10),
        body_grace: Duration::from_millis(300),
        body_timeout: Duration::from_secs(2),
        max_body_bytes: 1000,
        max_upload_bytes: 1000,
        max_url_bytes: 1000,
        max_header_bytes: 2000,
        max_headers: 20,
        shutdown_grace: Duration::from_secs(5),
        ..HttpSettings::default()
    }
}

async fn start(settings: HttpSettings) -> Server {
    let entered = Arc::new(Notify::new());
    let release = Arc::new(Notify::new());
    let (entering, released) = (Arc::clone(&entered), Arc::clone(&release));
    let wait = move || {
        let (entering, released) = (Arc::clone(&entering), Arc::clone(&released));
        async move {
            entering.notify_one();
            released.notified().await;
            Json(Bytes::from_static(b"{}"))
        }
    };
    let panic = || async { panic!("a panic in a handler") as &str };
    let name = |mut form: Form| async move {
        let name = form.string("name").set();
        Refusal::unless_empty(form.finish())?;
        Json::of(&json!({ "name": name }))
    };
    let limit = |version: ApiVersion, mut query: Query| async move {
        let limit = query.integer("limit", 1..=500);
        Refusal::unless_empty(query.finish())?;
        Json::of(&json!({ "limit": limit, "version": version.as_str() }))
    };
    let refuse = || async { Refusal::new(Code::ClerkKeyInvalid, "No.") };
    let router = complete(
        Router::new()
            .route("/v1/users", get(limit).post(name))
            .route("/v1/users/{id}", get(|PathIds([id]): PathIds<1>| async move { Json::of(&id) }))
            .route("/v1/image", post(|file: Upload| async move { Json::of(&file.bytes.len()) }))
            .route("/v1/refuse", post(refuse))
            .route("/v1/panic", get(panic))
            .route("/v1/wait", get(wait)),
    );
    let front = Front::new(Hot, router, settings, TraceIds::new(7), Arc::new(Metrics::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, front, async {
        let _ = stopped.await;
    }));
    Server { addr, stop, serving, entered, release }
}

#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    #[track_caller]
    fn is_refused(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        let body = self.json();
        assert_eq!(body["errors"][0]["code"], code, "{body}");
        assert_eq!(self.header("clerk-trace-id"), body["clerk_trace_id"].as_str());
        assert_eq!(self.header("clerk-trace-id").unwrap().len(), 32);
        assert_eq!(self.header("content-type"), Some("application/json"));
    }
}

struct Client(TcpStream);

impl Client {
    async fn to(server: &Server) -> Self {
        Self(TcpStream::connect(server.addr).await.unwrap())
    }

    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// One answer of known length, or nothing if the connection is closed.
    async fn reply(&mut self) -> Option<Reply> {
        within(async {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(self.0.read_u8().await.ok()?);
            }
            let head = String::from_utf8(head).unwrap();
            let status = head[9..12].parse().unwrap();
            let mut reply = Reply { status, head, body: Vec::new() };
            let length = reply.header("content-length").unwrap_or("0").parse().unwrap();
            reply.body = vec![0; length];
            self.0.read_exact(&mut reply.body).await.ok()?;
            Some(reply)
        })
        .await
    }

    async fn ask(&mut self, request: impl AsRef<[u8]>) -> Reply {
        self.send(request).await;
        self.reply().await.expect("an answer")
    }

    async fn is_closed(&mut self) -> bool {
        matches!(within(self.0.read(&mut [0; 1])).await, Ok(0) | Err(_))
    }
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("no hang")
}

fn fetch(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

fn submit(path: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_success_has_exactly_the_headers_clients_compare() {
    let server = start(quick()).await;
    let mut client = Client::to(&server).await;
    let reply = client.ask(fetch("/v1/users?limit=5&__clerk_api_version=2025-11-10")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json(), json!({ "limit": 5, "version": "2025-11-10" }));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("clerk-api-version"), Some("2025-11-10"));
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    assert_eq!(reply.header("clerk-trace-id").unwrap().len(), 32);
    let reply = client.ask(fetch("/v1/users")).await;
    assert_eq!(reply.header("clerk-api-version"), Some("2021-02-05"));
}

#[tokio::test]
async fn the_hot_path_gets_the_same_treatment_as_the_router() {
    let server = start(quick()).await;
    let mut client = Client::to(&server).await;
    let reply = client.ask(fetch("/v1/users/hot_1")).await;
    assert_eq!((reply.status, reply.json()), (200, json!({ "hot": "1" })));
    assert_eq!(reply.header("clerk-api-version"), Some("2021-02-05"));
    assert_eq!(reply.header("clerk-trace-id").unwrap().len(), 32);
    client.ask(fetch("/v1/users/hot_missing")).await.is_refused(404, "resource_not_found");
    client.ask(fetch("/v1/users/hot_panic")).await.is_refused(500, "internal_clerk_error");
    let bad = client.ask(fetch("/v1/users/hot_1?__clerk_api_version=1999-01-01")).await;
    bad.is_refused(400, "api_version_invalid");
    let reply = client.ask(fetch("/v1/users/cold%5F1")).await;
    assert_eq!((reply.status, reply.json()), (200, json!("cold_1")));
}

#[tokio::test]
async fn unknown_routes_wrong_methods_and_odd_paths_are_not_found() {
    let server = start(quick()).await;
    let mut client = Client::to(&server).await;
    for path in ["/", "/v1", "/v1/", "/v1/nothing", "/v1/users/", "/v1/users/%ff", "/v1/users/%00"]
    {
        client.ask(fetch(path)).await.is_refused(404, "resource_not_found");
    }
    let traversal = client.ask(fetch("/v1/users/..%2F..%2Fetc%2Fpasswd")).await;
    assert_eq!(traversal.json(), json!("../../etc/passwd"));
    for method in ["DELETE", "PUT", "OPTIONS", "BREW"] {
        let request = format!("{method} /v1/users HTTP/1.1\r\nHost: x\r\n\r\n");
        let reply = client.ask(request).await;
        reply.is_refused(404, "resource_not_found");
        assert_eq!(reply.header("allow"), None);
    }
}

#[tokio::test]
async fn a_panic_is_a_500_and_the_connection_lives_on() {
    let server = start(quick()).await;
    let mut client = Client::to(&server).await;
    let reply = client.ask(fetch("/v1/panic")).await;
    reply.is_refused(500, "internal_clerk_error");
    assert!(!reply.json().to_string().contains("panic"));
    assert_eq!(client.ask(fetch("/v1/users")).await.status, 200);
}

#[tokio::test]
async fn bodies_of_every_kind_get_their_answer() {
    let server = start(quick()).await;
    let mut client = Client::to(&server).await;
    let json = "application/json";
    for (content_type, body, status, code) in [
        (json, r#"{"name":"Ada"}"#.to_owned(), 200, ""),
        (json, String::new(), 200, ""),
        (json, "null".to_owned(), 200, ""),
        (json, "[]".to_owned(), 400, "request_body_invalid"),
        (json, "{".to_owned(), 400, "request_body_invalid"),
        (json, "[".repeat(900), 400, "request_body_invalid"),
        ("text/plain", "{}".to_owned(), 415, "unsupported_content_type"),
        (json, r#"{"name":1}"#.to_owned(), 422, "form_param_value_invalid"),
        (json, r#"{"nom":"Ada"}"#.to_owned(), 422, "form_param_unknown"),
        (json, r#"{"name":"a","name":"b"}"#.to_owned(), 422, "form_param_duplicate"),
        (json, " ".repeat(1001), 413, "request_body_too_large"),
    ] {
        let reply = client.ask(submit("/v1/users", content_type, &body)).await;
        if status == 200 {
            assert_eq!(reply.status, 200, "{body}");
        } else {
            reply.is_refused(status, code);
        }
    }
    let bare = client.ask("POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(bare.status, 200);
}

#[tokio::test]
async fn a_body_nobody_reads_does_not_cost_its_sender_the_answer() {
    let server = start(quick()).await;
    let mut client = Client::to(&server).await;
    let big = "x".repeat(5 << 20);
    for path in ["/v1/refuse", "/v1/users", "/v1/nothing"] {
        let reply = client.ask(submit(path, "application/json", &big)).await;
        assert_eq!(reply.status / 100, 4);
    }
    let part = "--X\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n";
    let body = format!("{part}{big}\r\n--X--\r\n");
    let reply = client.ask(submit("/v1/image?__clerk_api_version=x", "text/plain", &body)).await;
    reply.is_refused(400, "api_version_invalid");
    let reply = client.ask(submit("/v1/image", "multipart/form-data; boundary=X", &body)).await;
    reply.is_refused(413, "image_too_large");
    let body = format!("{part}abc\r\n--X--\r\n");
    let reply = client.ask(submit("/v1/image", "multipart/form-data; boundary=X", &body)).await;
    assert_eq!(reply.json(), json!(3));
}

#[tokio::test]
async fn a_client_that_waits_for_leave_is_refused_without_it() {
    let server = start(quick()).await;
    let mut client = Client::to(&server).await;
    let head =
        "POST /v1/refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    client.ask(head).await.is_refused(401, "clerk_key_invalid");
}

#[tokio::test]
async fn a_slow_body_times_out_and_a_slow_head_is_closed() {
    let server = start(quick()).await;
    let mut client = Client::to(&server).await;
    client.send("POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n").await;
    client.send("Content-Length: 9\r\n\r\n{").await;
    client.reply().await.unwrap().is_refused(408, "request_timeout");
    assert!(client.is_closed().await);

    let mut client = Client::to(&server).await;
    let dripping = async {
        for byte in fetch("/v1/users").bytes().cycle() {
            if client.0.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    };
    within(dripping).await;
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let server = start(HttpSettings { idle_timeout: Duration::from_millis(100), ..quick() }).await;
    let mut client = Client::to(&server).await;
    assert_eq!(client.ask(fetch("/v1/users")).await.status, 200);
    assert!(client.is_closed().await);
    let mut silent = Client::to(&server).await;
    assert!(silent.is_closed().await);
}

#[tokio::test]
async fn huge_heads_are_refused_in_our_shape_or_by_hyper() {
    let server = start(quick()).await;
    let mut client = Client::to(&server).await;
    let url = fetch(&format!("/v1/users?q={}", "x".repeat(1000)));
    client.ask(url).await.is_refused(414, "bad_request");
    let header = |n: usize| format!("GET / HTTP/1.1\r\nHost: x\r\nX-A: {}\r\n\r\n", "x".repeat(n));
    client.ask(header(2000)).await.is_refused(431, "bad_request");
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: 1\r\n".repeat(20));
    client.ask(many).await.is_refused(431, "bad_request");
    assert_eq!(client.ask(header(100_000)).await.status, 431);
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn garbage_and_cut_connections_leave_the_server_well() {
    let server = start(quick()).await;
    let mut client = Client::to(&server).await;
    assert_eq!(client.ask("\0\x01garbage\r\n\r\n").await.status, 400);
    for cut in ["GET /v1/us", "POST /v1/users HTTP/1.1\r\nContent-Length: 9\r\n\r\n{\"na", ""] {
        let mut client = Client::to(&server).await;
        client.send(cut).await;
        client.0.shutdown().await.unwrap();
        let mut rest = Vec::new();
        let _ = within(client.0.read_to_end(&mut rest)).await;
        assert!(!rest.starts_with(b"HTTP/1.1 5") && !rest.starts_with(b"HTTP/1.1 2"));
    }
    assert_eq!(Client::to(&server).await.ask(fetch("/v1/users")).await.status, 200);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = start(quick()).await;
    let mut client = Client::to(&server).await;
    let requests: String = (1..=20).map(|n| fetch(&format!("/v1/users?limit={n}"))).collect();
    client.send(requests).await;
    for n in 1..=20 {
        assert_eq!(client.reply().await.unwrap().json()["limit"], n);
    }
}

#[tokio::test]
async fn connections_beyond_the_maximum_wait_their_turn() {
    let server = start(HttpSettings { max_connections: 1, ..quick() }).await;
    let mut first = Client::to(&server).await;
    assert_eq!(first.ask(fetch("/v1/users")).await.status, 200);
    let mut second = Client::to(&server).await;
    second.send(fetch("/v1/users")).await;
    assert!(timeout(Duration::from_millis(100), second.0.readable()).await.is_err());
    drop(first);
    assert_eq!(second.reply().await.unwrap().status, 200);
}

#[tokio::test]
async fn stopping_finishes_what_is_in_flight_and_accepts_nothing_new() {
    let server = start(quick()).await;
    let mut idle = Client::to(&server).await;
    assert_eq!(idle.ask(fetch("/v1/users")).await.status, 200);
    let mut client = Client::to(&server).await;
    client.send(fetch("/v1/wait")).await;
    within(server.entered.notified()).await;
    server.stop.send(()).unwrap();
    assert!(idle.is_closed().await);
    assert!(TcpStream::connect(server.addr).await.is_err());
    assert!(!server.serving.is_finished());
    server.release.notify_one();
    assert_eq!(client.reply().await.unwrap().status, 200);
    within(server.serving).await.unwrap();
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let settings = HttpSettings { shutdown_grace: Duration::from_millis(100), ..quick() };
    let server = start(settings).await;
    let mut client = Client::to(&server).await;
    client.send(fetch("/v1/wait")).await;
    within(server.entered.notified()).await;
    server.stop.send(()).unwrap();
    within(server.serving).await.unwrap();
    assert!(client.is_closed().await);
}
