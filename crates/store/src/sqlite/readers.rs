//! Lists and counts: closures over one snapshot, on a few threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rusqlite::Connection;

use super::exec::driver;
use super::open::Place;
use crate::job::{Job, Jobs, Verdict};
use crate::threads::Threads;
use crate::{Conn, Result};

/// Starts `count` threads with a connection each; they end when the queue is closed.
pub(super) fn start(
    count: usize,
    place: &Arc<Place>,
    jobs: &Arc<Jobs>,
    threads: &Threads,
) -> Result<()> {
    for _ in 0..count {
        let connection = place.open_reader()?;
        let (place, jobs) = (Arc::clone(place), Arc::clone(jobs));
        threads.start("store-reader", move || {
            if catch_unwind(AssertUnwindSafe(|| work(&connection, &jobs))).is_err() {
                jobs.abandon();
            }
            drop(connection);
            drop(place);
        })?;
    }
    Ok(())
}

fn work(connection: &Connection, jobs: &Jobs) {
    while let Some(mut job) = jobs.pop() {
        if job.is_abandoned() {
            continue;
        }
        if let Err(error) = snapshot(connection, job.as_mut()) {
            job.refuse(error);
        }
        job.run_hooks();
        job.answer();
    }
}

fn snapshot(connection: &Connection, job: &mut dyn Job) -> Result<()> {
    let run =
        |sql| connection.prepare_cached(sql).and_then(|mut s| s.raw_execute()).map_err(driver);
    run("BEGIN DEFERRED")?;
    let verdict = job.run(&mut Conn::sqlite(connection));
    // A failing statement may have ended the transaction already.
    if connection.is_autocommit() {
        return Ok(());
    }
    match verdict {
        Verdict::Commit => run("COMMIT"),
        Verdict::Rollback | Verdict::Panicked => run("ROLLBACK"),
    }?;
    Ok(())
}
