//! An import through kill -9 at any moment: every row is in once or refused once.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rand::prelude::*;
use rand::rngs::StdRng;
use rollbook_tests::{Launch, rollbook};
use serde_json::{Value, json};

use crate::KEY;

const N_ROWS: usize = 16_000;

/// Every so many rows want an address that another has.
const EVERY: usize = 1000;

/// More than an import in peace takes, on a busy machine.
const DONE_WITHIN: Duration = Duration::from_mins(2);

#[test]
fn killed_again_and_again_an_import_is_neither_short_nor_double() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY).start();
    server.signal("TERM");
    assert!(server.ended().success());
    let rows: Vec<String> = (0..N_ROWS).map(|n| row(n).to_string()).collect();
    fs::write(folder.path().join("people.ndjson"), rows.join("\n")).expect("written");

    let mut rng = StdRng::seed_from_u64(31);
    let (began, mut n_kills, mut n_before) = (Instant::now(), 0, 0);
    let (mut n_resumed, mut longest_ms) = (0, 600);
    let status = loop {
        let mut child = start(folder.path());
        let fuse = Duration::from_millis(rng.random_range(100..=longest_ms));
        if let Some(status) = ended_within(&mut child, fuse) {
            break status;
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        n_kills += 1;
        let n_now = n_users(folder.path());
        if n_now == n_before {
            // A busy machine gets through no portion in this time.
            longest_ms += longest_ms / 4;
        }
        n_resumed += usize::from(n_now > 0);
        n_before = n_now;
        assert!(began.elapsed() < DONE_WITHIN, "after {n_kills} kills it is not done");
    };
    assert_eq!(status.code(), Some(1), "rows were refused");
    assert!(n_kills > 0, "it was never killed");

    let expected_refused = N_ROWS / EVERY - 1;
    assert_eq!(n_users(folder.path()), N_ROWS - expected_refused);
    let told = fs::read_to_string(folder.path().join("people.ndjson.refused.ndjson"));
    let told = told.expect("refused rows");
    let lines: Vec<u64> = told
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["line"].as_u64().unwrap())
        .collect();
    let expected: Vec<u64> = (1..=expected_refused).map(|n| (n * EVERY + 1) as u64).collect();
    assert_eq!(lines, expected);
    let output = rollbook().arg("doctor").current_dir(folder.path()).output().expect("doctor");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    println!(
        "{n_kills} kills, {n_resumed} with users in: all {N_ROWS} rows in or refused once; {:.1} s",
        began.elapsed().as_secs_f64()
    );
}

fn row(n: usize) -> Value {
    let address = if n.is_multiple_of(EVERY) { 0 } else { n };
    json!({
        "external_id": format!("e-{n}"), "email_address": [format!("p{address}@example.com")],
        "first_name": "Person", "public_metadata": { "n": n },
    })
}

fn start(folder: &Path) -> Child {
    let mut command: Command = rollbook();
    let command = command.current_dir(folder).args(["import", "people.ndjson"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
}

fn ended_within(child: &mut Child, fuse: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + fuse;
    while Instant::now() < end {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(5));
    }
    None
}

fn n_users(folder: &Path) -> usize {
    let store = rusqlite::Connection::open(folder.join("rollbook-data/rollbook.db"));
    let count: rusqlite::Result<i64> =
        store.expect("a store").query_row("SELECT COUNT(*) FROM users", [], |row| row.get(0));
    usize::try_from(count.expect("a count")).expect("a number")
}
