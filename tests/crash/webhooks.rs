//! Webhooks through kill -9: nothing is lost, nothing invented, each user's events in order.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rollbook_tests::{Connection, Launch, Server};
use serde_json::{Value, json};

use crate::KEY;

const TOKEN: &str = "operator-of-the-crash-tests";
const N_ROUNDS: usize = 4;
const N_USERS: usize = 4;
const N_CHANGES: usize = 8;

/// More than a lease and a second attempt take.
const TOLD_WITHIN: Duration = Duration::from_secs(90);

#[test]
fn killed_between_commit_and_delivery_the_server_tells_everything_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let receiver = Receiver::start();
    let mut server = start(folder.path());
    let instance = instance(&server);
    let mut operator = Connection::open(server.addr, TOKEN).expect("a connection");
    let path = format!("/admin/v1/instances/{instance}/webhook_endpoints");
    let body = json!({ "url": receiver.url, "events": ["user.created", "user.updated"] });
    operator.send("POST", &path, Some(&body)).expect("an answer").done();

    let mut expected: HashMap<String, Vec<String>> = HashMap::new();
    for round in 0..N_ROUNDS {
        let mut open = Connection::open(server.addr, KEY).expect("a connection");
        for user in 0..N_USERS {
            let body = json!({ "username": format!("person-{round}-{user}") });
            let made = open.send("POST", "/v1/users", Some(&body)).expect("an answer").done();
            let id = made["id"].as_str().expect("an id").to_owned();
            let names = expected.entry(id.clone()).or_default();
            names.push(String::new());
            for n in 0..N_CHANGES {
                let name = format!("n{n}");
                let body = json!({ "first_name": name });
                open.send("PATCH", &format!("/v1/users/{id}"), Some(&body))
                    .expect("an answer")
                    .done();
                names.push(name);
            }
        }
        // At once: what was just acknowledged is still to be told. An attempt that a kill
        // ends counts, and after a second one in vain the next is minutes away.
        receiver.accepted.lock().expect("unpoisoned").is_well = true;
        server.kill();
        server = start(folder.path());
    }

    let n_expected: usize = expected.values().map(Vec::len).sum();
    let end = Instant::now() + TOLD_WITHIN;
    while receiver.accepted().len() < n_expected {
        assert!(Instant::now() < end, "{} of {n_expected}", receiver.accepted().len());
        thread::sleep(Duration::from_millis(100));
    }
    let accepted = receiver.accepted();
    assert_eq!(accepted.len(), n_expected, "an event was invented");
    let mut told: HashMap<String, Vec<String>> = HashMap::new();
    for event in &accepted {
        let text = |name: &str| event["data"][name].as_str().unwrap_or("").to_owned();
        told.entry(text("id")).or_default().push(text("first_name"));
    }
    assert_eq!(told, expected);
    server.signal("TERM");
    assert!(server.ended().success());
}

fn start(folder: &Path) -> Server {
    Launch::new(folder)
        .env("ROLLBOOK_SECRET_KEY", KEY)
        .env("ROLLBOOK_ADMIN_TOKEN", TOKEN)
        .env("ROLLBOOK_WEBHOOKS_ALLOW_PRIVATE", "true")
        .start()
}

fn instance(server: &Server) -> String {
    let mut operator = Connection::open(server.addr, TOKEN).expect("a connection");
    let all = operator.send("GET", "/admin/v1/instances", None).expect("an answer").done();
    all["data"][0]["id"].as_str().expect("an id").to_owned()
}

/// Answers 200, but until it is well every seventh new message 500, and cuts
/// every eleventh off.
struct Receiver {
    url: String,
    accepted: Arc<Mutex<Accepted>>,
}

/// Each message once, at the first time that it was accepted.
#[derive(Default)]
struct Accepted {
    ids: HashSet<String>,
    events: Vec<Value>,
    seen: HashSet<String>,
    is_well: bool,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/hooks", listener.local_addr().expect("an address"));
        let accepted = Arc::new(Mutex::new(Accepted::default()));
        let (shared, n) = (Arc::clone(&accepted), Arc::new(AtomicUsize::new(0)));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, n) = (Arc::clone(&shared), Arc::clone(&n));
                thread::spawn(move || serve(stream, &shared, &n));
            }
        });
        Self { url, accepted }
    }

    fn accepted(&self) -> Vec<Value> {
        self.accepted.lock().expect("unpoisoned").events.clone()
    }
}

/// Ends with the connection, whoever ends that.
fn serve(stream: TcpStream, accepted: &Mutex<Accepted>, n: &AtomicUsize) -> Option<()> {
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut length, mut id) = (0, String::new());
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end().to_lowercase().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().ok()?,
                Some(("svix-id", _)) => line.trim_end().split_once(": ")?.1.clone_into(&mut id),
                None if line == "\r\n" => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let mut state = accepted.lock().expect("unpoisoned");
        let is_ill = state.seen.insert(id.clone()) && !state.is_well;
        let n = n.fetch_add(1, Ordering::Relaxed);
        if is_ill && n % 11 == 10 {
            return None;
        }
        let status = if is_ill && n % 7 == 6 { 500 } else { 200 };
        if status == 200 && state.ids.insert(id) {
            state.events.push(serde_json::from_slice(&body).expect("JSON"));
        }
        drop(state);
        write!(writer, "HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n").ok()?;
    }
}
