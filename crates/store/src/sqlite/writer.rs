//! The one thread that writes: many transactions, one commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::checkpoint::checkpoint;
use super::exec::driver;
use super::open::{BUSY_TIMEOUT, Place};
use super::wal::Wal;
use crate::directories::{Commit, Directories, Notes};
use crate::job::{Job, Jobs, Verdict};
use crate::threads::Threads;
use crate::{Conn, Error, Result};

/// The most transactions in one commit.
const MOST_JOBS: usize = 256;

/// Past this the writer begins the log anew, whatever the checkpoint thread says.
const MOST_WAL_BYTES: u64 = 256 << 20;

/// How long the writer may wait for readers when it begins the log anew.
const RESTART_TIMEOUT: Duration = Duration::from_millis(50);

/// How long to leave it after readers were in the way.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// Starts the thread; it ends when the queue is closed and empty.
pub(super) fn start(
    connection: Connection,
    place: Arc<Place>,
    jobs: &Arc<Jobs>,
    wal: Arc<Wal>,
    directories: Arc<Directories>,
    threads: &Threads,
) -> Result<()> {
    let jobs = Arc::clone(jobs);
    threads.start("store-writer", move || {
        let mut writer = Writer { connection, wal, directories, restarted_at: None };
        if catch_unwind(AssertUnwindSafe(|| writer.work(&jobs))).is_err() {
            jobs.abandon();
        }
        drop(writer);
        drop(place);
    })
}

struct Writer {
    connection: Connection,
    wal: Arc<Wal>,
    directories: Arc<Directories>,
    restarted_at: Option<Instant>,
}

impl Writer {
    fn work(&mut self, jobs: &Jobs) {
        loop {
            let mut group = jobs.pop_batch(MOST_JOBS);
            if group.is_empty() {
                break;
            }
            group.retain(|job| !job.is_abandoned());
            if group.is_empty() {
                continue;
            }
            self.commit_group(group);
            if let Err(error) = self.bound_wal() {
                tracing::warn!(error = &error as &dyn std::error::Error, "a checkpoint failed");
            }
        }
        if let Err(error) = checkpoint(&self.connection, "TRUNCATE") {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last checkpoint failed");
        }
    }

    /// Runs each job in its savepoint, commits once, and only then answers.
    fn commit_group(&self, mut group: Vec<Box<dyn Job>>) {
        match self.try_commit(&mut group) {
            Ok(commits) => {
                self.wal.count_commit();
                self.directories.follow(commits);
                self.directories.set_committing(false);
            }
            Err(error) => {
                self.directories.set_committing(false);
                // What was rolled back as a whole may well work next time.
                let error = if error.is_unavailable() { error } else { Error::unavailable(error) };
                for job in &mut group {
                    job.refuse(error.clone());
                }
                if !self.connection.is_autocommit()
                    && let Err(error) = self.run("ROLLBACK")
                {
                    tracing::error!(error = &error as &dyn std::error::Error, "a rollback failed");
                }
            }
        }
        for job in &mut group {
            job.run_hooks();
        }
        for job in group {
            job.answer();
        }
    }

    fn try_commit(&self, group: &mut [Box<dyn Job>]) -> Result<Vec<Commit>> {
        let mut notes = Notes::default();
        self.run("BEGIN IMMEDIATE")?;
        for job in group {
            self.run("SAVEPOINT job")?;
            let mut conn = Conn::sqlite(&self.connection);
            let verdict = job.run(&mut conn);
            // A full disk, say, makes SQLite give up the whole transaction.
            if self.connection.is_autocommit() {
                return Err(Error::unavailable("the transaction was rolled back by the engine"));
            }
            match verdict {
                Verdict::Commit => notes.append(conn.take_notes()),
                Verdict::Rollback | Verdict::Panicked => self.run("ROLLBACK TO job")?,
            }
            self.run("RELEASE job")?;
        }
        let commits = notes.count(&self.connection)?;
        self.directories.set_committing(true);
        self.run("COMMIT")?;
        Ok(commits)
    }

    /// Begins the log anew when it is time, so that it cannot grow for ever.
    fn bound_wal(&mut self) -> Result<()> {
        let is_due = self.wal.take_restart() || self.wal.bytes() > MOST_WAL_BYTES;
        if !is_due || self.restarted_at.is_some_and(|at| at.elapsed() < RESTART_PAUSE) {
            return Ok(());
        }
        self.connection.busy_timeout(RESTART_TIMEOUT).map_err(driver)?;
        let done = checkpoint(&self.connection, "RESTART");
        self.connection.busy_timeout(BUSY_TIMEOUT).map_err(driver)?;
        self.restarted_at = done?.is_blocked.then(Instant::now);
        Ok(())
    }

    fn run(&self, sql: &str) -> Result<()> {
        self.connection.prepare_cached(sql).and_then(|mut s| s.raw_execute()).map_err(driver)?;
        Ok(())
    }
}
