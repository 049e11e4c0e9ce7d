//! One server on its embedded store, killed again and again.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use rand::prelude::*;
use rand::rngs::StdRng;
use rollbook_tests::{Launch, Server, get, rollbook};
use rusqlite::{Connection, OpenFlags};

use crate::KEY;
use crate::writer::Writer;

const N_ROUNDS: u64 = 24;
const N_WRITERS: u64 = 8;

#[test]
fn every_acknowledged_write_is_there_after_kill_9() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut rng = StdRng::seed_from_u64(29);
    let mut writers: Vec<Writer> =
        (0..N_WRITERS).map(|n| Writer::new(&format!("w{n}"), n)).collect();
    let began = Instant::now();

    let mut server = start(folder.path());
    for round in 1..=N_ROUNDS {
        let fuse = Duration::from_millis(rng.random_range(50..=600));
        write_until_killed(&mut server, &mut writers, fuse);
        // In every other round it is the next server that recovers the store.
        if round % 2 == 0 {
            doctor_finds_agreement(folder.path());
        }
        server = start(folder.path());
        check(server.addr, &mut writers, false);
    }

    check(server.addr, &mut writers, true);
    doctor_finds_agreement(folder.path());
    server.signal("TERM");
    assert!(server.ended().success());
    every_write_left_its_events(&folder.path().join("rollbook-data/rollbook.db"), &writers);

    let n_acknowledged: u64 = writers.iter().map(|w| w.ledger.n_acknowledged).sum();
    let n_users: usize = writers.iter().map(|w| w.ledger.users.len()).sum();
    let n_deleted: usize = writers.iter().map(|w| w.ledger.deleted.len()).sum();
    assert!(n_acknowledged > N_ROUNDS * N_WRITERS, "only {n_acknowledged} writes: too few to tell");
    println!(
        "{N_ROUNDS} rounds of kill -9: {n_acknowledged} acknowledged writes, all there; \
         {n_users} users, {n_deleted} deleted; {:.1} s",
        began.elapsed().as_secs_f64()
    );
}

fn start(folder: &Path) -> Server {
    Launch::new(folder).env("ROLLBOOK_SECRET_KEY", KEY).start()
}

fn write_until_killed(server: &mut Server, writers: &mut [Writer], fuse: Duration) {
    let (addr, never) = (server.addr, AtomicBool::new(false));
    thread::scope(|scope| {
        for writer in &mut *writers {
            scope.spawn(|| {
                // Only the kill ends it.
                let end = writer.write(addr, &never);
                assert!(end.is_err());
            });
        }
        thread::sleep(fuse);
        server.kill();
    });
}

fn check(addr: SocketAddr, writers: &mut [Writer], all: bool) {
    thread::scope(|scope| {
        for writer in &mut *writers {
            scope.spawn(move || {
                if all { writer.ledger.check_all(addr) } else { writer.ledger.check(addr) }
            });
        }
    });
    let n_users: usize = writers.iter().map(|w| w.ledger.users.len()).sum();
    assert_eq!(get(addr, KEY, "/v1/users/count").done()["total_count"], n_users);
}

fn doctor_finds_agreement(folder: &Path) {
    let output = rollbook().arg("doctor").current_dir(folder).output().expect("doctor runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("index rows and records agree"), "{said}");
}

/// A user that exists or existed has exactly one event of its creation, a
/// deleted one exactly one of its end, and nobody else has any.
fn every_write_left_its_events(path: &Path, writers: &[Writer]) {
    let store = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let store = store.expect("the store opens");
    let subjects = |kind: &str| -> Vec<String> {
        let sql = "SELECT subject_id FROM outbox WHERE type = ?1 ORDER BY subject_id";
        let mut select = store.prepare(sql).expect("an outbox");
        let rows = select.query_map([kind], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("texts")
    };
    let ledgers = writers.iter().map(|writer| &writer.ledger);
    let mut deleted: Vec<String> =
        ledgers.clone().flat_map(|l| l.deleted.keys().cloned()).collect();
    let mut created: Vec<String> = ledgers.flat_map(|l| l.users.keys().cloned()).collect();
    created.extend_from_slice(&deleted);
    created.sort_unstable();
    deleted.sort_unstable();
    assert_eq!(subjects("user.created"), created);
    assert_eq!(subjects("user.deleted"), deleted);
}
