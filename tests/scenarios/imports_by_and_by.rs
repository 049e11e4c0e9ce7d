//! Imports whose body comes by and by: broken off, or no longer wanted.

use std::time::Duration;

use rollbook_testkit::{OPERATOR_TOKEN, Server, both};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::support::{id, number};

/// Nothing here takes this long.
const PATIENCE: Duration = Duration::from_mins(1);

/// Rows that are written without waiting for more.
const PORTION: usize = 4000;

/// A body that is being sent.
struct Upload(TcpStream);

impl Upload {
    async fn begin(server: &Server) -> Self {
        let addr = server.url.strip_prefix("http://").expect("a URL");
        let mut stream = TcpStream::connect(addr).await.expect("a connection");
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {OPERATOR_TOKEN}\r\n\
             Connection: close\r\nContent-Type: application/x-ndjson\r\n\
             Transfer-Encoding: chunked\r\n\r\n",
            path(server, "")
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        Self(stream)
    }

    async fn send(&mut self, rows: &str) {
        let chunk = format!("{:x}\r\n{rows}\r\n", rows.len());
        self.0.write_all(chunk.as_bytes()).await.expect("sent");
    }

    /// The body of the answer to what was sent.
    async fn end(mut self) -> Value {
        self.0.write_all(b"0\r\n\r\n").await.expect("sent");
        let mut answer = String::new();
        let read = timeout(PATIENCE, self.0.read_to_string(&mut answer)).await;
        read.expect("an answer in time").expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(body).expect("JSON")
    }
}

fn path(server: &Server, below: &str) -> String {
    format!("/admin/v1/instances/{}/imports{below}", server.instance_id)
}

/// The only import, once it is as it should be.
async fn once(server: &Server, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    let waiting = async {
        loop {
            last = server.operator().get(&path(server, "")).send().await.ok();
            if !last["data"][0].is_null() && is_so(&last["data"][0]) {
                break last["data"][0].clone();
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    let found = timeout(PATIENCE, waiting).await;
    found.unwrap_or_else(|_| panic!("it stays {last}"))
}

async fn count(server: &Server) -> i64 {
    number(&server.client().get("/v1/users/count").send().await.ok()["total_count"])
}

both!(a_body_that_breaks_off_fails_and_what_came_before_is_in, async |server| {
    let mut upload = Upload::begin(server).await;
    upload.send("{\"username\":\"first\"}\n{\"username\":\"second\"}\n{\"user").await;
    drop(upload);
    let import = once(server, |import| import["status"] != "running").await;
    assert_eq!((&import["status"], &import["accepted"]), (&"failed".into(), &2.into()));
    assert_eq!(count(server).await, 2);
});

both!(a_running_import_that_is_cancelled_takes_no_more_rows, async |server| {
    let mut upload = Upload::begin(server).await;
    let rows = (0..PORTION).map(|n| format!("{{\"username\":\"user_{n}\"}}\n"));
    upload.send(&rows.collect::<String>()).await;
    let running = once(server, |import| import["accepted"] == PORTION).await;
    assert_eq!(running["status"], "running");

    let cancel = path(server, &format!("/{}/cancel", id(&running)));
    let cancelled = server.operator().post(&cancel).send().await.ok();
    assert_eq!(cancelled["status"], "cancelled");
    upload.send("{\"username\":\"too_late\"}\n").await;
    assert_eq!(upload.end().await, cancelled);
    assert_eq!(once(server, |_| true).await, cancelled);
    assert_eq!(count(server).await, 4000);
});
