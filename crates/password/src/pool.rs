//! The few threads on which passwords are hashed, with a queue that says no when it is full.
//!
//! Hashing takes tens of milliseconds of a core. Left unbounded it stops every
//! other request (measured: none answered in three seconds), so callers beyond
//! the queue are refused at once and told when to come back.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::{Digest, NativeScheme, Password, PasswordTooLong, Scratch, native};

/// What a job is taken to last before any was measured.
const FIRST_ESTIMATE: Duration = Duration::from_millis(50);

/// A bounded pool of OS threads, each with a [`Scratch`] of its own.
///
/// Dropping it lets running jobs end and forgets the waiting ones.
pub struct HashPool {
    shared: Arc<Shared>,
}

/// The queue is full; to be answered 429 with `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password queue is full for about {retry_after_s} s")]
pub struct Busy {
    /// Seconds after which the jobs now accepted are likely to be done, 1 to 60.
    pub retry_after_s: u32,
}

/// Why a job has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// It was not accepted; the caller may try again.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// It panicked: a fault of ours, of which the panic hook has told.
    #[error("the password job failed")]
    Failed,
}

/// Why [`HashPool::hash`] made no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The password is the caller's to shorten.
    #[error(transparent)]
    PasswordTooLong(#[from] PasswordTooLong),
    /// The pool did not do the work.
    #[error(transparent)]
    Pool(#[from] PoolError),
}

impl HashPool {
    /// A pool of `threads` (at least one) where up to `queue` jobs may wait for a thread.
    ///
    /// Choose the queue by the wait that is bearable: a native hash takes 25 to
    /// 70 ms, so 64 waiting for one thread take two to five seconds.
    pub fn new(threads: usize, queue: usize) -> io::Result<Self> {
        let threads = threads.max(1);
        let pool = Self {
            shared: Arc::new(Shared {
                threads,
                capacity: threads.saturating_add(queue),
                state: Mutex::new(State {
                    waiting: VecDeque::new(),
                    running: 0,
                    closed: false,
                    average: FIRST_ESTIMATE,
                }),
                wake: Condvar::new(),
            }),
        };
        for n in 0..threads {
            let shared = Arc::clone(&pool.shared);
            thread::Builder::new().name(format!("hash-{n}")).spawn(move || shared.work())?;
        }
        Ok(pool)
    }

    /// One thread for each core but one, which is left for everything else; at least one.
    pub fn default_threads() -> usize {
        thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
    }

    /// Hashes a new password; see [`hash`](crate::hash).
    pub async fn hash(
        &self,
        password: Password,
        scheme: NativeScheme,
        salt: [u8; 16],
    ) -> Result<Digest, HashError> {
        let made = self.run(move |scratch| native::hash(&password, scheme, salt, scratch)).await?;
        Ok(made?)
    }

    /// Whether `digest` was made from `password`; see [`Digest::verify`].
    pub async fn verify(&self, digest: Digest, password: Password) -> Result<bool, PoolError> {
        self.run(move |scratch| digest.verify(&password, scratch)).await
    }

    /// Like [`HashPool::verify`], but takes no less time without a digest or for a
    /// fast one than for a native one of `scheme`; see
    /// [`verify_or_decoy`](crate::verify_or_decoy).
    pub async fn verify_or_decoy(
        &self,
        digest: Option<Digest>,
        password: Password,
        scheme: NativeScheme,
    ) -> Result<bool, PoolError> {
        self.run(move |scratch| {
            native::verify_or_decoy(digest.as_ref(), &password, scheme, scratch)
        })
        .await
    }

    /// Runs `work` on a thread of the pool, first come, first served.
    ///
    /// Work that waits when this future is dropped is never begun.
    pub async fn run<T, F>(&self, work: F) -> Result<T, PoolError>
    where
        F: FnOnce(&mut Scratch) -> T + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.shared.submit(Box::new(Task { work, reply }))?;
        answer.await.map_err(|_| PoolError::Failed)
    }

    /// Jobs accepted and not finished, running ones included.
    pub fn depth(&self) -> usize {
        self.shared.state.lock().unfinished()
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock();
        state.closed = true;
        state.waiting.clear();
        self.shared.wake.notify_all();
    }
}

struct Shared {
    threads: usize,
    /// Most jobs unfinished at a time, running ones included.
    capacity: usize,
    state: Mutex<State>,
    wake: Condvar,
}

struct State {
    waiting: VecDeque<Box<dyn Job>>,
    running: usize,
    closed: bool,
    /// Moving average of the time that jobs took.
    average: Duration,
}

impl State {
    fn unfinished(&self) -> usize {
        self.waiting.len() + self.running
    }
}

impl Shared {
    fn submit(&self, job: Box<dyn Job>) -> Result<(), Busy> {
        let mut state = self.state.lock();
        if state.unfinished() >= self.capacity {
            state.waiting.retain(|job| !job.is_abandoned());
        }
        let unfinished = state.unfinished();
        if unfinished >= self.capacity {
            return Err(Busy {
                retry_after_s: retry_after_s(unfinished, self.threads, state.average),
            });
        }
        state.waiting.push_back(job);
        self.wake.notify_one();
        Ok(())
    }

    /// The life of one thread.
    fn work(&self) {
        let mut scratch = Scratch::default();
        while let Some(job) = self.next() {
            let begun = Instant::now();
            let outcome = job.run(&mut scratch, &|| self.finished(begun.elapsed()));
            match outcome {
                Outcome::Done => scratch.trim(),
                Outcome::Panicked => scratch = Scratch::default(),
            }
        }
    }

    /// The next job that someone still waits for, or nothing once the pool is dropped.
    fn next(&self) -> Option<Box<dyn Job>> {
        let mut state = self.state.lock();
        loop {
            if state.closed {
                return None;
            }
            match state.waiting.pop_front() {
                Some(job) if job.is_abandoned() => {}
                Some(job) => {
                    state.running += 1;
                    return Some(job);
                }
                None => self.wake.wait(&mut state),
            }
        }
    }

    fn finished(&self, took: Duration) {
        let mut state = self.state.lock();
        state.running = state.running.saturating_sub(1);
        state.average = (state.average * 7 + took) / 8;
    }
}

/// Whole seconds until `unfinished` jobs of `average` length are done.
fn retry_after_s(unfinished: usize, threads: usize, average: Duration) -> u32 {
    let rounds = u32::try_from(unfinished.div_ceil(threads.max(1))).unwrap_or(u32::MAX);
    let wait = average.saturating_mul(rounds).as_millis().div_ceil(1000);
    u32::try_from(wait.clamp(1, 60)).unwrap_or(60)
}

trait Job: Send {
    /// Whether its caller is gone.
    fn is_abandoned(&self) -> bool;

    /// Does the work, calls `finished`, then answers the caller, who thus finds
    /// the job no longer counted.
    fn run(self: Box<Self>, scratch: &mut Scratch, finished: &dyn Fn()) -> Outcome;
}

enum Outcome {
    Done,
    Panicked,
}

struct Task<F, T> {
    work: F,
    reply: oneshot::Sender<T>,
}

impl<F, T> Job for Task<F, T>
where
    F: FnOnce(&mut Scratch) -> T + Send,
    T: Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(self: Box<Self>, scratch: &mut Scratch, finished: &dyn Fn()) -> Outcome {
        let Self { work, reply } = *self;
        // A scratch that a panic left half written is thrown away by the caller.
        let result = catch_unwind(AssertUnwindSafe(|| work(scratch)));
        finished();
        match result {
            Ok(value) => {
                // An error means that nobody waits any more.
                let _ = reply.send(value);
                Outcome::Done
            }
            Err(_) => Outcome::Panicked,
        }
    }
}

#[cfg(test)]
mod tests;
