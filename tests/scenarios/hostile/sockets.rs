//! Below the API: heads, framing, slowness, other protocols.

use std::sync::Arc;
use std::time::Duration;

use rollbook_http::{Api, Front, HttpSettings, Metrics, TraceIds, serve};
use rollbook_testkit::{Server, both};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::{
    PATIENCE, Target, answers, by_hand, exchange, is_refused, refused_or_closed, still_serves,
};

const CREATE: &str = r#"{"username":"smuggled"}"#;
const JSON: &str = "Content-Type: application/json\r\n";

both!(a_request_whose_end_is_in_doubt_is_refused, async |server| {
    let target = Target::make(server).await;
    let n = CREATE.len();
    let chunked = format!("{n:x}\r\n{CREATE}\r\n0\r\n\r\n");
    for (headers, body) in [
        (format!("Content-Length: {n}\r\nContent-Length: {}\r\n", n + 1), CREATE),
        (format!("Content-Length: {n}, {}\r\n", n + 1), CREATE),
        (format!("Content-Length: +{n}\r\n"), CREATE),
        (format!("Content-Length: -{n}\r\n"), CREATE),
        (format!("Content-Length: 0x{n:x}\r\n"), CREATE),
        ("Content-Length: 18446744073709551615\r\n".to_owned(), CREATE),
        ("Content-Length: 99999999999999999999999\r\n".to_owned(), CREATE),
        ("Content-Length: \r\n".to_owned(), CREATE),
        ("Transfer-Encoding: xchunked\r\n".to_owned(), &chunked),
        ("Transfer-Encoding: chunked, identity\r\n".to_owned(), &chunked),
        ("Transfer-Encoding: gzip\r\n".to_owned(), &chunked),
        ("Transfer-Encoding: chunked\r\n".to_owned(), "zz\r\nx\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n".to_owned(), "-1\r\nx\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n".to_owned(), "fffffffffffffffff\r\nx\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n".to_owned(), "2\r\n{}x\r\n0\r\n\r\n"),
        ("Transfer-Encoding : chunked\r\n".to_owned(), &chunked),
        ("Transfer-Encoding\r\n : chunked\r\n".to_owned(), &chunked),
    ] {
        let sent = by_hand(server, "POST", "/v1/users", &format!("{JSON}{headers}"), body);
        refused_or_closed(&headers, &exchange(&server.url, &sent).await);
    }
    target.unchanged(server).await;
    still_serves(server).await;
});

both!(nothing_is_smuggled_behind_two_lengths, async |server| {
    let target = Target::make(server).await;
    let hidden = String::from_utf8(by_hand(
        server,
        "POST",
        "/v1/users",
        &format!("{JSON}Content-Length: {}\r\n", CREATE.len()),
        CREATE,
    ));
    let hidden = hidden.expect("text");
    for headers in [
        format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", hidden.len() + 5),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {}\r\n", hidden.len() + 5),
    ] {
        // By its chunks the body is empty, by its length it hides a request.
        let sent = format!(
            "PATCH /v1/users/{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n{JSON}{headers}\
             \r\n0\r\n\r\n{hidden}",
            target.user, server.secret_key
        );
        let answer = answers(&exchange(&server.url, sent.as_bytes()).await);
        // Either of the two readings, but the connection ends after the first.
        assert!(answer.len() <= 1, "{headers}: {} answers", answer.len());
    }
    target.unchanged(server).await;
});

both!(floods_of_headers_and_huge_urls_are_refused, async |server| {
    let target = Target::make(server).await;
    let flood = |n: usize| (0..n).map(|n| format!("X-{n}: x\r\n")).collect::<Vec<_>>().concat();
    for (headers, allowed) in [
        (flood(90), [431, 431]),
        (flood(5000), [431, 431]),
        (format!("X: {}\r\n", "x".repeat(20_000)), [431, 431]),
        (format!("X: {}\r\n", "x".repeat(2_000_000)), [431, 431]),
        (format!("{}: x\r\n", "X".repeat(100_000)), [431, 400]),
    ] {
        let sent = by_hand(server, "GET", "/v1/users", &headers, "");
        let bytes = exchange(&server.url, &sent).await;
        refused_or_closed("a flood", &bytes);
        // A server that has heard enough may close before its answer is read.
        if let Some((status, _)) = answers(&bytes).first() {
            assert!(allowed.contains(status), "{status}: {headers:.40}");
        }
    }
    for length in [33_000, 70_000, 2_000_000] {
        let path = format!("/v1/users?query={}", "x".repeat(length));
        let bytes = exchange(&server.url, &by_hand(server, "GET", &path, "", "")).await;
        refused_or_closed("a huge URL", &bytes);
        if let Some((status, _)) = answers(&bytes).first() {
            assert!([414, 431].contains(status), "{length}: {status}");
        }
    }
    target.unchanged(server).await;
    still_serves(server).await;
});

both!(other_protocols_and_odd_heads_are_refused_or_closed, async |server| {
    let target = Target::make(server).await;
    for bytes in [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".as_slice(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /v1/users\r\n\r\n",
        b"GET /v1/users HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /v1/users HTTP/1.1\nHost: x\nConnection: close\n\n",
        b"GET /v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA\0: b\r\n\r\n",
        b"GET /v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: b\0\r\n\r\n",
        b"GET /v1/users HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /v1/users HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n",
        b"GET http://elsewhere.example/v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /v1/users HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\
          HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
        b"\r\n\r\n\r\n\r\nnonsense\r\n\r\n",
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
    ] {
        let addr = server.url.strip_prefix("http://").expect("a URL");
        let mut stream = TcpStream::connect(addr).await.expect("a connection");
        let _ = stream.write_all(bytes).await;
        // Nothing more will come, so even a server that waits must end it.
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("no hang");
        refused_or_closed(&String::from_utf8_lossy(bytes), &answer);
    }
    target.unchanged(server).await;
    still_serves(server).await;
});

both!(http_1_0_is_answered_and_closed, async |server| {
    let sent =
        format!("GET /v1/users HTTP/1.0\r\nAuthorization: Bearer {}\r\n\r\n", server.secret_key);
    let answer = answers(&exchange(&server.url, sent.as_bytes()).await);
    assert_eq!(answer, [(200, b"[]".to_vec())]);
});

both!(pipelined_requests_are_answered_in_order, async |server| {
    let target = Target::make(server).await;
    let auth = format!("Host: x\r\nAuthorization: Bearer {}\r\n", server.secret_key);
    let get = |id: &str, more: &str| format!("GET /v1/users/{id} HTTP/1.1\r\n{auth}{more}\r\n");
    let three = [get(&target.user, ""), get("count", ""), get("none", "")].concat();
    let sent = three.repeat(20) + &get("count", "Connection: close\r\n");
    let answer = answers(&exchange(&server.url, sent.as_bytes()).await);
    let statuses: Vec<u16> = answer.iter().map(|(status, _)| *status).collect();
    let mut expected = [200, 200, 404].repeat(20);
    expected.push(200);
    assert_eq!(statuses, expected);
    for user in answer.chunks(3).filter(|chunk| chunk.len() == 3) {
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&user[0].1).expect("JSON"),
            target.before
        );
    }
});

/// A second front of the same server, which has less patience.
async fn impatient(server: &Server) -> (String, JoinHandle<()>) {
    let settings = HttpSettings {
        header_timeout: Duration::from_millis(400),
        idle_timeout: Duration::from_millis(400),
        body_grace: Duration::from_millis(400),
        body_timeout: Duration::from_secs(3),
        write_timeout: Duration::from_millis(400),
        ..HttpSettings::default()
    };
    let metrics = Arc::new(Metrics::new());
    let api = Api::new(server.ctx.clone(), None, Arc::clone(&metrics));
    let router = api.router();
    let front = Front::new(api, router, settings, TraceIds::new(7), metrics);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (url, tokio::spawn(serve(listener, front, std::future::pending())))
}

/// Sends a byte now and then until the server has had enough.
async fn trickle(url: &str, first: &[u8], then: u8) -> Vec<u8> {
    let addr = url.strip_prefix("http://").expect("a URL");
    let stream = TcpStream::connect(addr).await.expect("a connection");
    let (mut read, mut write) = stream.into_split();
    let mut answer = Vec::new();
    let sending = async {
        let _ = write.write_all(first).await;
        loop {
            sleep(Duration::from_millis(50)).await;
            if write.write_all(&[then]).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let within = timeout(PATIENCE, async {
        tokio::select! {
            _ = read.read_to_end(&mut answer) => {}
            () = sending => {}
        }
    });
    within.await.expect("a slow client is not served for ever");
    answer
}

both!(a_client_that_sends_a_byte_now_and_then_is_cut_off, async |server| {
    let target = Target::make(server).await;
    let (url, serving) = impatient(server).await;
    refused_or_closed("a slow head", &trickle(&url, b"GET /v1/users HTTP/1.1\r\nX: ", b'x').await);
    refused_or_closed("nothing but line breaks", &trickle(&url, b"", b'\n').await);

    let headers = format!("{JSON}Content-Length: 100000\r\n");
    let first = by_hand(server, "POST", "/v1/users", &headers, r#"{"username":"slow"#);
    let answer = answers(&trickle(&url, &first, b'x').await);
    for (status, body) in &answer {
        is_refused("a slow body", *status, body);
        assert_eq!(*status, 408);
    }
    assert_eq!(answer.len(), 1, "a slow body is answered");

    let headers = format!("{JSON}Transfer-Encoding: chunked\r\n");
    let first = by_hand(server, "POST", "/v1/users", &headers, "ffff\r\n");
    refused_or_closed("a slow chunk", &trickle(&url, &first, b'x').await);
    serving.abort();
    target.unchanged(server).await;
});

both!(a_client_that_sends_nothing_is_cut_off, async |server| {
    let (url, serving) = impatient(server).await;
    assert_eq!(exchange(&url, b"").await, b"");
    refused_or_closed("half a head", &exchange(&url, b"GET /v1/users HT").await);
    serving.abort();
});
