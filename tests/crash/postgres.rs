//! Two servers on one database: one is killed, the other goes on.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rand::prelude::*;
use rand::rngs::StdRng;
use rollbook_tests::{Database, Launch, Server, get, rollbook};

use crate::KEY;
use crate::writer::Writer;

const N_ROUNDS: usize = 8;
const N_WRITERS_EACH: u64 = 4;
const MASTER_KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

#[test]
fn one_of_two_servers_is_killed_and_the_other_goes_on_with_every_acknowledged_write() {
    let Some(database) = Database::create("rollbook_crash") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut rng = StdRng::seed_from_u64(31);
    let mut writers = [writers("a"), writers("b")];
    let began = Instant::now();

    // At once, on an empty database: one of them lays it out, both serve it.
    let (mut one, mut other) = thread::scope(|scope| {
        let one = scope.spawn(|| start(folder.path(), &database, 0));
        let other = scope.spawn(|| start(folder.path(), &database, 1));
        (one.join().expect("a server"), other.join().expect("a server"))
    });
    for round in 0..N_ROUNDS {
        let [mine, theirs] = &mut writers;
        let fuse = Duration::from_millis(rng.random_range(50..=600));
        if round % 2 == 0 {
            write_while_one_dies(&mut one, mine, &other, theirs, fuse);
            database.is_left_by(&name(0));
            check(&other, &mut writers, false);
            one = start(folder.path(), &database, 0);
            check(&one, &mut writers, false);
        } else {
            write_while_one_dies(&mut other, theirs, &one, mine, fuse);
            database.is_left_by(&name(1));
            check(&one, &mut writers, false);
            other = start(folder.path(), &database, 1);
            check(&other, &mut writers, false);
        }
    }

    check(&one, &mut writers, true);
    check(&other, &mut writers, true);
    doctor_finds_agreement(folder.path(), &database);
    let all = writers.iter().flatten();
    let n_acknowledged: u64 = all.clone().map(|w| w.ledger.n_acknowledged).sum();
    let n_users: usize = all.map(|w| w.ledger.users.len()).sum();
    println!(
        "{N_ROUNDS} rounds of kill -9 beside a second server: {n_acknowledged} acknowledged \
         writes, all there; {n_users} users; {:.1} s",
        began.elapsed().as_secs_f64()
    );
}

fn writers(side: &str) -> Vec<Writer> {
    (0..N_WRITERS_EACH).map(|n| Writer::new(&format!("{side}{n}"), n)).collect()
}

/// What the database calls this server's connections.
fn name(n: usize) -> String {
    format!("server_{n}")
}

fn start(folder: &Path, database: &Database, n: usize) -> Server {
    let folder: PathBuf = folder.join(name(n));
    std::fs::create_dir_all(&folder).expect("a folder");
    Launch::new(&folder)
        .env("ROLLBOOK_DATABASE", format!("{}?application_name={}", database.url, name(n)))
        .env("ROLLBOOK_MASTER_KEY", MASTER_KEY)
        .env("ROLLBOOK_SECRET_KEY", KEY)
        .start()
}

fn write_while_one_dies(
    victim: &mut Server,
    of_victim: &mut [Writer],
    survivor: &Server,
    of_survivor: &mut [Writer],
    fuse: Duration,
) {
    let (never, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    let (victims, survivors) = (victim.addr, survivor.addr);
    thread::scope(|scope| {
        for writer in of_victim {
            // Only the kill ends it.
            scope.spawn(|| assert!(writer.write(victims, &never).is_err()));
        }
        for writer in of_survivor {
            scope.spawn(|| writer.write(survivors, &stop).expect("the other server goes on"));
        }
        thread::sleep(fuse);
        victim.kill();
        thread::sleep(Duration::from_millis(100));
        stop.store(true, Ordering::Relaxed);
    });
}

fn check(server: &Server, writers: &mut [Vec<Writer>], all: bool) {
    let addr = server.addr;
    thread::scope(|scope| {
        for writer in writers.iter_mut().flatten() {
            scope.spawn(move || {
                if all { writer.ledger.check_all(addr) } else { writer.ledger.check(addr) }
            });
        }
    });
    let n_users: usize = writers.iter().flatten().map(|w| w.ledger.users.len()).sum();
    assert_eq!(get(addr, KEY, "/v1/users/count").done()["total_count"], n_users);
}

fn doctor_finds_agreement(folder: &Path, database: &Database) {
    let output = rollbook()
        .arg("doctor")
        .current_dir(folder)
        .env("ROLLBOOK_DATABASE", &database.url)
        .env("ROLLBOOK_MASTER_KEY", MASTER_KEY)
        .output()
        .expect("doctor runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("index rows and records agree"), "{said}");
}
