//! A closure on its way to the thread that runs it, and its answer's way back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::queue::Queue;
use crate::{Conn, Error, Origin};

/// What [`Conn::on_commit`] was given.
pub(crate) type Hook = Box<dyn FnOnce() + Send>;

/// The queue of an engine's threads.
pub(crate) type Jobs = Queue<Box<dyn Job>>;

/// What is to become of what a job has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Commit,
    Rollback,
    /// Like `Rollback`, and the closure must not run again.
    Panicked,
}

/// A transaction's closure, its types erased.
pub(crate) trait Job: Send {
    /// Nobody waits for the answer; a job that has not started may be skipped.
    fn is_abandoned(&self) -> bool;

    /// Runs the closure; may be called again after a rollback.
    fn run(&mut self, conn: &mut Conn<'_>) -> Verdict;

    /// Replaces the answer, because what the job has done is lost.
    fn refuse(&mut self, error: Error);

    /// Runs what waited for the commit.
    fn run_hooks(&mut self);

    /// Sends the answer.
    fn answer(self: Box<Self>);
}

struct Typed<F, T, E> {
    closure: F,
    result: Option<Result<T, E>>,
    hooks: Vec<Hook>,
    origin: Option<Arc<Origin>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Typed<F, T, E>
where
    F: FnMut(&mut Conn<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.caller.is_closed()
    }

    fn run(&mut self, conn: &mut Conn<'_>) -> Verdict {
        self.hooks.clear();
        conn.set_origin(self.origin.clone());
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.closure)(conn)));
        let (result, verdict) = match (outcome, conn.failure()) {
            // The panic hook has written the message; it may hold values, so the error does not.
            (Err(_), _) => {
                let error = Error::internal("run a transaction", "its closure panicked");
                (Err(error.into()), Verdict::Panicked)
            }
            (Ok(Ok(_)), Some(failure)) => (Err(failure.error.clone().into()), Verdict::Rollback),
            (Ok(Err(error)), _) => (Err(error), Verdict::Rollback),
            (Ok(Ok(value)), None) => {
                self.hooks = conn.take_hooks();
                (Ok(value), Verdict::Commit)
            }
        };
        self.result = Some(result);
        verdict
    }

    fn refuse(&mut self, error: Error) {
        self.hooks.clear();
        self.result = Some(Err(error.into()));
    }

    fn run_hooks(&mut self) {
        for hook in self.hooks.drain(..) {
            if catch_unwind(AssertUnwindSafe(hook)).is_err() {
                tracing::error!("what should follow a commit panicked");
            }
        }
    }

    fn answer(self: Box<Self>) {
        if let Some(result) = self.result {
            // An error here only says that the caller has gone.
            drop(self.caller.send(result));
        }
    }
}

/// Queues a closure, waiting for room if need be, and waits for its answer.
pub(crate) async fn submit<F, T, E>(jobs: &Jobs, closure: F) -> Result<T, E>
where
    F: FnMut(&mut Conn<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let (caller, answer) = oneshot::channel();
    let job = Typed { closure, result: None, hooks: Vec::new(), origin: Origin::current(), caller };
    if !jobs.push(Box::new(job)).await {
        return Err(Error::closed().into());
    }
    answer.await.unwrap_or_else(|_| Err(Error::closed().into()))
}
