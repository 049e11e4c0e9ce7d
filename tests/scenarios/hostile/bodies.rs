//! Bodies that are not JSON, of another type, too large, or cut.

use std::time::Duration;

use rollbook_testkit::Call;
use rollbook_testkit::{Client, both};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{
    PATIENCE, Target, answers, by_hand, exchange, refused, refused_or_closed, still_serves,
};
use crate::support::path;

const LIMIT: usize = 1 << 20;

fn writes(client: &Client, user: &str) -> Vec<Call> {
    vec![
        client.post("/v1/users"),
        client.patch(&path(user, "")),
        client.patch(&path(user, "/metadata")),
        client.put(&path(user, "/metadata")),
        client.post(&path(user, "/verify_password")),
        client.post("/v1/users/ban"),
        client.post("/v1/users/unban"),
    ]
}

both!(a_body_that_is_no_json_object_is_refused, async |server| {
    let target = Target::make(server).await;
    let mut bodies: Vec<Vec<u8>> = [
        "{",
        "nonsense",
        "[]",
        "[{}]",
        "1",
        "true",
        r#""username""#,
        r#"{"username":}"#,
        r#"{"username":"a",}"#,
        r"{'username':'a'}",
        r#"{username:"a"}"#,
        r#"{"username":"a"}{"username":"b"}"#,
        r#"{"username":"a"} x"#,
        r#"{"username":"\ud800"}"#,
        r#"{"username":"\x00"}"#,
        "{\"username\":\"a\nb\"}",
        "{\"username\":\"a\0b\"}",
        r#"{"create_organizations_limit":01}"#,
        r#"{"create_organizations_limit":NaN}"#,
        r#"{"create_organizations_limit":1e}"#,
        "username=a",
        "<user/>",
        "\u{feff}{}",
        "\0",
        "//\n{}",
    ]
    .into_iter()
    .map(|body| body.as_bytes().to_vec())
    .collect();
    bodies.push(b"{\"username\":\"\xff\"}".to_vec());
    bodies.push(b"{\"username\":\"\xc0\x80\"}".to_vec());
    bodies.push(b"{\"username\":\"\xed\xa0\x80\"}".to_vec());
    bodies.push(b"\xff\xfe{\0}\0".to_vec());
    bodies.push(b"{\"public_metadata\":{\"\xfe\":1}}".to_vec());
    for body in bodies {
        let shown = String::from_utf8_lossy(&body).into_owned();
        for call in writes(&server.client(), &target.user) {
            let reply = call.unchecked().body("application/json", body.clone()).send().await;
            refused(&shown, &reply);
            assert_eq!(reply.status, 400, "{shown}: {}", reply.text());
            assert_eq!(reply.problems(), [("request_body_invalid".to_owned(), String::new())]);
        }
    }
    target.unchanged(server).await;
});

both!(another_content_type_is_unsupported, async |server| {
    let target = Target::make(server).await;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json; charset=utf-16",
        "application/jsonp",
        "json",
        ";",
    ] {
        for call in writes(&server.client(), &target.user) {
            let reply = call.unchecked().body(content_type, r#"{"first_name":"x"}"#).send().await;
            refused(content_type, &reply);
            assert_eq!(reply.status, 415, "{content_type}: {}", reply.text());
        }
    }
    target.unchanged(server).await;
});

both!(a_body_over_the_limit_is_refused_however_it_comes, async |server| {
    let target = Target::make(server).await;
    let body = format!(r#"{{"username":"{}"}}"#, "x".repeat(LIMIT));
    for call in writes(&server.client(), &target.user) {
        let reply = call.unchecked().body("application/json", body.as_str()).send().await;
        refused("a megabyte", &reply);
        assert_eq!(reply.status, 413);
    }
    let chunk = "x".repeat(0x1000);
    let chunks = format!("1000\r\n{chunk}\r\n").repeat(0x200);
    let json = "Content-Type: application/json\r\n";
    let headers = format!("{json}Transfer-Encoding: chunked\r\n");
    let sent = by_hand(server, "POST", "/v1/users", &headers, &format!("{chunks}0\r\n\r\n"));
    let answer = answers(&exchange(&server.url, &sent).await);
    assert_eq!(answer[0].0, 413);
    // Declared, and never sent: refused without waiting for it.
    for length in ["1048577", "99999999999", "9223372036854775807"] {
        let headers = format!("{json}Content-Length: {length}\r\nExpect: 100-continue\r\n");
        let sent = by_hand(server, "POST", "/v1/users", &headers, "");
        let answer = answers(&exchange(&server.url, &sent).await);
        assert_eq!(answer[0].0, 413, "{length}");
    }
    target.unchanged(server).await;
});

both!(a_body_that_says_it_is_compressed_is_not_inflated, async |server| {
    let target = Target::make(server).await;
    for encoding in ["gzip", "deflate", "br", "zstd"] {
        let call = server.client().post("/v1/users").header("content-encoding", encoding);
        let reply = call.unchecked().body("application/json", b"\x1f\x8b\x08\0".to_vec());
        refused(encoding, &reply.send().await);
    }
    target.unchanged(server).await;
});

both!(a_connection_cut_in_mid_body_changes_nothing, async |server| {
    let target = Target::make(server).await;
    let body = r#"{"username":"half","email_address":["half@example.com"]}"#;
    let json = "Content-Type: application/json\r\n";
    for (method, path) in [("POST", "/v1/users".to_owned()), ("PATCH", path(&target.user, ""))] {
        for (headers, body) in [
            (format!("{json}Content-Length: {}\r\n", body.len() + 1), body.to_owned()),
            (
                format!("{json}Transfer-Encoding: chunked\r\n"),
                format!("{:x}\r\n{body}\r\n", body.len()),
            ),
            (format!("{json}Transfer-Encoding: chunked\r\n"), format!("ff\r\n{body}")),
        ] {
            let sent = by_hand(server, method, &path, &headers, &body);
            // Both directions closed at once, then only the one that sends.
            let addr = server.url.strip_prefix("http://").expect("a URL");
            let mut stream = TcpStream::connect(addr).await.expect("a connection");
            stream.write_all(&sent).await.expect("sent");
            drop(stream);
            let mut stream = TcpStream::connect(addr).await.expect("a connection");
            stream.write_all(&sent).await.expect("sent");
            stream.shutdown().await.expect("half closed");
            let mut answer = Vec::new();
            let read = stream.read_to_end(&mut answer);
            let _ = timeout(PATIENCE, read).await.expect("no hang");
            refused_or_closed("a cut body", &answer);
        }
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    target.unchanged(server).await;
    still_serves(server).await;
});
