//! What strangers send: each gets its 4xx in our shape or a closed connection,
//! and nothing is changed.

mod arrays;
mod bodies;
mod images;
mod paths;
mod queries;
mod sockets;
mod types;

use std::future::Future;
use std::time::Duration;

use rollbook_testkit::{Reply, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{id, text};

/// Nothing here may hang for this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A user to attack, and what was there before.
struct Target {
    user: String,
    before: Value,
    events: Vec<(String, String)>,
}

impl Target {
    async fn make(server: &Server) -> Self {
        let body = json!({
            "username": "target",
            "email_address": ["target@example.com"],
            "external_id": "target",
            "password": crate::support::PASSWORD,
            "public_metadata": { "a": { "b": 1 } },
        });
        let before = server.create_user(body).await;
        Self { user: id(&before), before, events: server.events().await }
    }

    /// Nothing was changed, nothing was created, no event tells of anything.
    #[track_caller]
    fn unchanged(&self, server: &Server) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            assert_eq!(server.get_user(&self.user).await, self.before, "{caller}");
            let count = server.client().get("/v1/users/count").send().await.ok();
            assert_eq!(count["total_count"], 1, "{caller}");
            assert_eq!(server.events().await, self.events, "{caller}");
        }
    }
}

/// The request was refused in the shape of an error, whatever the error is.
#[track_caller]
fn is_refused(what: &str, status: u16, body: &[u8]) {
    let shown = String::from_utf8_lossy(body);
    assert!((400..500).contains(&status), "{what} was answered {status} {shown}");
    let body: Value = serde_json::from_slice(body).unwrap_or_else(|_| panic!("{what}: {shown}"));
    let errors = body["errors"].as_array().unwrap_or_else(|| panic!("{what}: {shown}"));
    assert!(!errors.is_empty(), "{what}: {shown}");
    for error in errors {
        for member in ["code", "message", "long_message"] {
            assert!(!text(&error[member]).is_empty(), "{what}: {shown}");
        }
    }
    assert_eq!(text(&body["clerk_trace_id"]).len(), 32, "{what}: {shown}");
}

#[track_caller]
fn refused(what: &str, reply: &Reply) {
    is_refused(&format!("{what} in {}", reply.request), reply.status, &reply.body);
}

/// Sends bytes on a connection of its own; answers all that comes until the
/// server closes it.
///
/// The request should ask for that; a server that keeps it open is a hang.
async fn exchange(url: &str, bytes: &[u8]) -> Vec<u8> {
    let within = timeout(PATIENCE, async {
        let addr = url.strip_prefix("http://").expect("a URL");
        let mut stream = TcpStream::connect(addr).await.expect("a connection");
        // It may be closed before all is sent, and what was answered still be read.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        answer
    });
    within.await.unwrap_or_else(|_| panic!("hangs: {}", String::from_utf8_lossy(bytes)))
}

/// One request by hand, its connection closed after it.
fn by_hand(server: &Server, method: &str, target: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Connection: close\r\n{headers}\r\n{body}",
        server.secret_key
    )
    .into_bytes()
}

/// The answers in what came over a connection: status and body of each.
fn answers(mut bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no head: {}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        let body = &bytes[end + 4..];
        let (body, rest) = body.split_at(length.min(body.len()));
        found.push((status.expect("a status"), body.to_vec()));
        bytes = rest;
    }
    found
}

/// Every answer on the connection is a refusal; none at all is one, too, and
/// so is a bare one to what is no request by the grammar of HTTP.
#[track_caller]
fn refused_or_closed(what: &str, bytes: &[u8]) {
    for (status, body) in answers(bytes) {
        if !(body.is_empty() && [400, 414, 431].contains(&status)) {
            is_refused(what, status, &body);
        }
    }
}

/// The server still works.
async fn still_serves(server: &Server) {
    server.client().get("/v1/users").send().await.ok();
}
