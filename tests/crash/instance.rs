//! An export on its way in, through kill -9 at any moment: the instance is not there, or whole.

use std::fs;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::thread;
use std::time::Duration;

use rand::prelude::*;
use rand::rngs::StdRng;
use rollbook_tests::{Launch, rollbook};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use crate::KEY;

/// Some portions, each of which takes an import some hundredths of a second.
const N_USERS: usize = 6_000;

const N_KILLS: usize = 8;

#[test]
fn killed_again_and_again_an_export_is_imported_whole_or_not_at_all() {
    let (here, there) = (folder(), folder());
    let file = here.path().join("a.jsonl");
    let file = file.to_str().expect("text");
    exported_users(here.path(), file);

    let mut rng = StdRng::seed_from_u64(47);
    let (mut n_kills, mut n_partial) = (0, 0);
    for round in 0..4 * N_KILLS {
        if n_kills == N_KILLS {
            break;
        }
        // The first before it has written anything.
        let fuse = if round == 0 { 0 } else { rng.random_range(1..=N_USERS / 2) };
        let mut child = start(there.path(), file);
        while child.try_wait().expect("a child of ours").is_none()
            && count(there.path(), "users") < fuse
        {
            thread::sleep(Duration::from_millis(1));
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        if count(there.path(), "instances") > 0 {
            // A busy machine killed it too late.
            assert_eq!(count(there.path(), "users"), N_USERS);
            fs::remove_dir_all(there.path().join("rollbook-data")).expect("removed");
            continue;
        }
        n_kills += 1;
        n_partial += usize::from(count(there.path(), "users") > 0);
    }
    assert!(n_partial > 0, "no import was killed between two portions, of {n_kills} that were");
    if count(there.path(), "users") > 0 {
        let told = run(there.path(), &["doctor"]);
        assert!(String::from_utf8_lossy(&told.stdout).contains("cut short"), "{told:?}");
    }

    done(&run(there.path(), &["import", file]));
    assert_eq!(count(there.path(), "users"), N_USERS);
    done(&run(there.path(), &["export", "b.jsonl"]));
    let again = there.path().join("b.jsonl");
    assert!(rows(Path::new(file)) == rows(&again), "it is not what was exported");
    done(&run(there.path(), &["doctor"]));
    println!("{n_kills} kills, {n_partial} with rows in: all {N_USERS} users are there");
}

/// A store with users, and the export of it.
fn exported_users(folder: &Path, file: &str) {
    let mut server = Launch::new(folder).env("ROLLBOOK_SECRET_KEY", KEY).start();
    server.signal("TERM");
    assert!(server.ended().success());
    let user = |n| {
        let address = format!("p{n}@example.com");
        json!({ "external_id": format!("e-{n}"), "email_address": [address] }).to_string()
    };
    let users: Vec<String> = (0..N_USERS).map(user).collect();
    fs::write(folder.join("people.ndjson"), users.join("\n")).expect("written");
    done(&run(folder, &["import", "people.ndjson", "--skip-password-requirement"]));
    done(&run(folder, &["export", file]));
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn start(folder: &Path, file: &str) -> Child {
    let mut command = rollbook();
    let command = command.current_dir(folder).args(["import", file]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    rollbook().current_dir(folder).args(arguments).output().expect("the program starts")
}

#[track_caller]
fn done(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// All lines but the first, which says when, and the last, whose digest covers that.
fn rows(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).expect("text");
    let lines: Vec<_> = text.lines().map(ToOwned::to_owned).collect();
    lines[1..lines.len() - 1].to_vec()
}

/// Rows in a store; none where there is no store or no table yet.
fn count(folder: &Path, table: &str) -> usize {
    let path = folder.join("rollbook-data/rollbook.db");
    let store = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let count = store.and_then(|store| store.query_row(&sql, [], |row| row.get::<_, i64>(0)));
    count.map_or(0, |n| usize::try_from(n).expect("a number"))
}
