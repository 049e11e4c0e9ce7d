//! SIGTERM and SIGINT: finish what is in flight, then exit 0.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use rollbook_tests::{Connection, Launch, Server, get};

use crate::{KEY, folder};

const BODY: &str = r#"{"username":"in_flight"}"#;

#[test]
fn sigterm_finishes_the_request_in_flight_and_exits_0() {
    finishes_what_is_in_flight("TERM");
}

#[test]
fn sigint_finishes_the_request_in_flight_and_exits_0() {
    finishes_what_is_in_flight("INT");
}

fn finishes_what_is_in_flight(signal: &str) {
    let folder = folder();
    let mut server = start(folder.path());
    let mut open = Connection::open(server.addr, KEY).unwrap();
    let head = format!(
        "POST /v1/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        BODY.len()
    );
    open.raw(head.as_bytes()).unwrap();
    open.raw(&BODY.as_bytes()[..10]).unwrap();
    // Idle connections keep nobody waiting.
    let mut idle = Connection::open(server.addr, KEY).unwrap();
    idle.send("GET", "/v1/users", None).unwrap().done();

    server.signal(signal);
    refuses_new_connections(&server);
    assert!(!server.has_ended(), "it did not wait for the request in flight");
    open.raw(&BODY.as_bytes()[10..]).unwrap();
    open.finish().unwrap().done();
    assert_eq!(server.ended().code(), Some(0));

    let server = start(folder.path());
    assert_eq!(get(server.addr, KEY, "/v1/users/count").done()["total_count"], 1);
}

#[test]
fn a_request_that_never_ends_does_not_hold_up_the_end() {
    let folder = folder();
    let mut server = start(folder.path());
    let mut open = Connection::open(server.addr, KEY).unwrap();
    open.raw(b"POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{").unwrap();
    thread::sleep(Duration::from_millis(50));
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
}

fn start(folder: &std::path::Path) -> Server {
    Launch::new(folder).env("ROLLBOOK_SECRET_KEY", KEY).start()
}

fn refuses_new_connections(server: &Server) {
    let end = Instant::now() + Duration::from_secs(5);
    while TcpStream::connect(server.addr).is_ok() {
        assert!(Instant::now() < end, "it still accepts connections");
        thread::sleep(Duration::from_millis(5));
    }
}
