//! The threads that run transactions, again where a concurrent one won.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use rand::TryRng as _;
use rand::rngs::SysRng;

use super::connect::Connector;
use super::session::{Committed, Mode, Session};
use crate::job::{Job, Jobs, Verdict};
use crate::threads::Threads;
use crate::{Conn, Error, Result};

/// How often a transaction is tried; with the pauses about two seconds at most.
const MOST_TRIES: u32 = 8;

/// Starts `count` threads with a connection each; they end when the queue is closed.
pub(super) fn start(
    count: usize,
    mode: Mode,
    connector: &Arc<Connector>,
    jobs: &Arc<Jobs>,
    threads: &Threads,
) -> Result<()> {
    let name = match mode {
        Mode::Write => "store-writer",
        Mode::Read => "store-reader",
    };
    for _ in 0..count {
        let mut session = Session::new(Arc::clone(connector))?;
        let jobs = Arc::clone(jobs);
        threads.start(name, move || {
            if catch_unwind(AssertUnwindSafe(|| work(&mut session, mode, &jobs))).is_err() {
                jobs.abandon();
            }
        })?;
    }
    Ok(())
}

fn work(session: &mut Session, mode: Mode, jobs: &Jobs) {
    while let Some(mut job) = jobs.pop() {
        if job.is_abandoned() {
            continue;
        }
        if let Err(error) = transact(session, mode, job.as_mut()) {
            job.refuse(error);
        }
        job.run_hooks();
        job.answer();
    }
}

/// Runs a job until it is committed or refused; an error replaces its answer.
fn transact(session: &mut Session, mode: Mode, job: &mut dyn Job) -> Result<()> {
    let mut last = None;
    for tried in 0..MOST_TRIES {
        if tried > 0 {
            std::thread::sleep(pause(tried));
            if job.is_abandoned() {
                break;
            }
        }
        match attempt(session, mode, job) {
            Attempt::Done => return Ok(()),
            Attempt::Refused(error) => return Err(error),
            Attempt::Again(error) => last = Some(error),
        }
    }
    Err(match last {
        Some(error) if error.is_unavailable() => error,
        Some(error) => Error::unavailable(error),
        None => Error::closed(),
    })
}

enum Attempt {
    /// The job holds its own answer.
    Done,
    Refused(Error),
    Again(Error),
}

fn attempt(session: &mut Session, mode: Mode, job: &mut dyn Job) -> Attempt {
    if let Err(failure) = session.begin(mode) {
        session.rollback();
        return if failure.retry {
            Attempt::Again(failure.error)
        } else {
            Attempt::Refused(failure.error)
        };
    }
    let mut conn = Conn::postgres(session);
    let verdict = job.run(&mut conn);
    let again = conn.failure().filter(|failure| failure.retry).map(|f| f.error.clone());
    match (verdict, again) {
        (Verdict::Commit, _) => {}
        (Verdict::Rollback, Some(error)) => {
            session.rollback();
            return Attempt::Again(error);
        }
        (Verdict::Rollback, None) | (Verdict::Panicked, _) => {
            session.rollback();
            return Attempt::Done;
        }
    }
    match (session.commit(), mode) {
        // A snapshot that was read to its end is none the worse for a lost connection.
        (Committed::Yes, _) | (Committed::Unknown(_), Mode::Read) => Attempt::Done,
        (Committed::No(failure), _) => {
            session.rollback();
            if failure.retry {
                Attempt::Again(failure.error)
            } else {
                Attempt::Refused(failure.error)
            }
        }
        (Committed::Unknown(error), Mode::Write) => Attempt::Refused(error),
    }
}

/// A random time that grows with the tries, so that rivals part.
fn pause(tried: u32) -> Duration {
    let most = 10_u64 << tried.min(6);
    let random = SysRng.try_next_u64().unwrap_or_default();
    Duration::from_millis(1 + random % most)
}
