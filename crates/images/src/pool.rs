//! Threads for work on pictures: few of them, and a queue that ends.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::{io, num::NonZeroUsize, thread};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::guard::caught;

type Job = Box<dyn FnOnce() + Send>;

/// Runs work that costs CPU and memory away from the threads that serve requests.
///
/// At most `threads` jobs run at a time and at most `queue` wait; any more are
/// turned away at once, which bounds memory whatever is uploaded. A job whose
/// caller is gone when its turn comes is skipped. Dropping the pool lets the
/// jobs already taken finish.
#[derive(Clone, Debug)]
pub struct ImagePool {
    jobs: SyncSender<Job>,
}

/// Why a job has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The queue is full; worth another try later.
    #[error("too many pictures are being worked on")]
    Busy,
    /// The job panicked; the pool goes on.
    #[error("the work on a picture panicked")]
    Panicked,
}

impl ImagePool {
    /// Starts the threads; an error when the system will not have them.
    pub fn new(threads: NonZeroUsize, queue: usize) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(queue);
        let waiting = Arc::new(Mutex::new(waiting));
        for n in 0..threads.get() {
            let waiting = Arc::clone(&waiting);
            thread::Builder::new().name(format!("images-{n}")).spawn(move || work(&waiting))?;
        }
        Ok(Self { jobs })
    }

    /// The result of `job`, once it has had its turn.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let (reply, result) = oneshot::channel();
        let job = move || {
            if !reply.is_closed() {
                // The caller may still leave while the job runs.
                let _ = reply.send(job());
            }
        };
        self.jobs.try_send(Box::new(job)).map_err(|_| PoolError::Busy)?;
        result.await.map_err(|_| PoolError::Panicked)
    }
}

fn work(waiting: &Mutex<Receiver<Job>>) {
    loop {
        // Whoever holds the lock waits for the next job; the others for the lock.
        let Ok(job) = waiting.lock().recv() else { return };
        caught(job);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::channel;

    use super::*;

    fn pool(queue: usize) -> ImagePool {
        ImagePool::new(NonZeroUsize::MIN, queue).expect("threads")
    }

    #[tokio::test]
    async fn a_job_returns_its_result_and_a_panic_leaves_the_pool_alive() {
        let pool = pool(4);
        assert_eq!(pool.run(|| 2 + 2).await, Ok(4));
        assert_eq!(pool.run(|| -> u8 { panic!("on purpose") }).await, Err(PoolError::Panicked));
        assert_eq!(pool.run(|| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn a_full_queue_turns_work_away_at_once() {
        let pool = pool(1);
        let (started, has_started) = channel();
        let (release, released) = channel::<()>();
        let running = tokio::spawn({
            let pool = pool.clone();
            async move {
                pool.run(move || {
                    started.send(()).expect("the test waits");
                    released.recv().expect("the test releases");
                })
                .await
            }
        });
        tokio::task::yield_now().await;
        has_started.recv().expect("the job starts");

        let (reply, waiting) = oneshot::channel();
        pool.jobs.try_send(Box::new(|| reply.send(()).expect("awaited"))).expect("room for one");
        assert_eq!(pool.run(|| ()).await, Err(PoolError::Busy));

        release.send(()).expect("the job waits");
        assert_eq!(running.await.expect("joins"), Ok(()));
        waiting.await.expect("the queued job has run");
    }

    #[tokio::test]
    async fn work_nobody_waits_for_is_skipped() {
        let pool = pool(4);
        let ran = Arc::new(AtomicBool::new(false));
        let (release, released) = channel::<()>();
        pool.jobs.try_send(Box::new(move || released.recv().expect("released"))).expect("room");

        let abandoned = pool.run({
            let ran = Arc::clone(&ran);
            move || ran.store(true, Ordering::SeqCst)
        });
        tokio::select! { biased; _ = abandoned => {}, () = std::future::ready(()) => {} }

        release.send(()).expect("the first job waits");
        pool.run(|| ()).await.expect("the pool is past the abandoned job");
        assert!(!ran.load(Ordering::SeqCst));
    }
}
