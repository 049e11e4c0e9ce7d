use std::{
    cell::RefCell,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
};

use tokio::task::JoinHandle;

use super::*;

/// Far longer than anything here takes; only a broken pool waits for it.
const NEVER: Duration = Duration::from_mins(1);

/// A job that has begun and ends when told to.
struct Gate {
    open: Sender<()>,
    job: JoinHandle<Result<(), PoolError>>,
}

impl Gate {
    /// Occupies one thread of `pool`.
    async fn shut(pool: &Arc<HashPool>) -> Self {
        let (open, wait) = channel::<()>();
        let (started, has_started) = oneshot::channel();
        let pool = Arc::clone(pool);
        let job = tokio::spawn(async move {
            pool.run(move |_| {
                started.send(()).unwrap();
                wait.recv().unwrap();
            })
            .await
        });
        has_started.await.unwrap();
        Self { open, job }
    }

    async fn open(self) {
        self.open.send(()).unwrap();
        self.job.await.unwrap().unwrap();
    }
}

/// Polls `future` once, so that its job is queued.
async fn begin<T>(future: &mut (impl Future<Output = T> + Unpin)) {
    tokio::select! {
        biased;
        _ = future => panic!("finished behind a shut gate"),
        () = std::future::ready(()) => {}
    }
}

#[tokio::test]
async fn hashes_and_verifies() {
    let pool = HashPool::new(1, 4).unwrap();
    let password = Password::from("Secure*Pass4");
    let digest = pool.hash(password.clone(), NativeScheme::Argon2id, [7; 16]).await.unwrap();
    assert_eq!(pool.verify(digest.clone(), password).await, Ok(true));
    assert_eq!(pool.verify(digest, "other".into()).await, Ok(false));
    assert_eq!(pool.depth(), 0);
}

#[tokio::test]
async fn without_a_digest_no_password_is_right() {
    let pool = HashPool::new(1, 4).unwrap();
    let scheme = NativeScheme::Argon2id;
    let digest = pool.hash("Secure*Pass4".into(), scheme, [7; 16]).await.unwrap();
    let password = || Password::from("Secure*Pass4");
    assert_eq!(pool.verify_or_decoy(Some(digest), password(), scheme).await, Ok(true));
    assert_eq!(pool.verify_or_decoy(None, password(), scheme).await, Ok(false));
}

#[tokio::test]
async fn too_long_a_password_is_the_callers_error() {
    let pool = HashPool::new(1, 4).unwrap();
    let password = Password::new("a".repeat(73));
    let refused = pool.hash(password, NativeScheme::Bcrypt, [7; 16]).await;
    let too_long = PasswordTooLong { max_bytes: 72 };
    assert_eq!(refused.unwrap_err(), HashError::PasswordTooLong(too_long));
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_accepts_again_later() {
    let pool = Arc::new(HashPool::new(1, 1).unwrap());
    let gate = Gate::shut(&pool).await;
    let mut waiting = Box::pin(pool.run(|_| "waited"));
    begin(&mut waiting).await;
    assert_eq!(pool.depth(), 2);

    let refused = pool.run(|_| "refused").await;
    assert_eq!(refused, Err(PoolError::Busy(Busy { retry_after_s: 1 })));

    gate.open().await;
    assert_eq!(waiting.await, Ok("waited"));
    assert_eq!(pool.run(|_| "accepted").await, Ok("accepted"));
    assert_eq!(pool.depth(), 0);
}

#[tokio::test]
async fn a_queue_of_none_still_runs_what_a_thread_is_free_for() {
    let pool = Arc::new(HashPool::new(1, 0).unwrap());
    assert_eq!(pool.run(|_| 1).await, Ok(1));
    let gate = Gate::shut(&pool).await;
    assert!(matches!(pool.run(|_| 2).await, Err(PoolError::Busy(_))));
    gate.open().await;
}

#[tokio::test]
async fn work_whose_caller_left_is_skipped() {
    let pool = Arc::new(HashPool::new(1, 2).unwrap());
    let gate = Gate::shut(&pool).await;
    let ran = Arc::new(AtomicBool::new(false));
    let mut left = Box::pin(pool.run({
        let ran = Arc::clone(&ran);
        move |_| ran.store(true, Ordering::SeqCst)
    }));
    begin(&mut left).await;
    drop(left);
    let mut after = Box::pin(pool.run(|_| ()));
    begin(&mut after).await;

    gate.open().await;
    after.await.unwrap();
    assert!(!ran.load(Ordering::SeqCst));
}

#[tokio::test]
async fn work_whose_caller_left_does_not_fill_the_queue() {
    let pool = Arc::new(HashPool::new(1, 1).unwrap());
    let gate = Gate::shut(&pool).await;
    let mut left = Box::pin(pool.run(|_| ()));
    begin(&mut left).await;
    drop(left);
    let mut after = Box::pin(pool.run(|_| "in its place"));
    begin(&mut after).await;

    gate.open().await;
    assert_eq!(after.await, Ok("in its place"));
}

#[tokio::test]
async fn a_panicking_job_fails_alone() {
    let pool = HashPool::new(1, 4).unwrap();
    let failed: Result<(), _> = pool.run(|_| panic!("on purpose, in a test")).await;
    assert_eq!(failed, Err(PoolError::Failed));
    assert_eq!(pool.depth(), 0);
    assert_eq!(pool.run(|_| "alive").await, Ok("alive"));
}

#[tokio::test]
async fn threads_are_named_and_keep_their_memory_between_jobs() {
    let pool = HashPool::new(1, 4).unwrap();
    let name = pool.run(|_| thread::current().name().map(str::to_owned));
    assert_eq!(name.await, Ok(Some("hash-0".to_owned())));
    let address = |scratch: &mut Scratch| scratch.blocks(19_456).as_ptr().addr();
    let first = pool.run(address).await.unwrap();
    assert_eq!(pool.run(address).await, Ok(first));
}

/// Tells when the thread that holds it ends.
struct Ended(#[expect(dead_code, reason = "its drop is the message")] Sender<()>);

thread_local! {
    static ENDED: RefCell<Option<Ended>> = const { RefCell::new(None) };
}

#[tokio::test]
async fn dropping_the_pool_ends_its_threads() {
    let pool = HashPool::new(1, 4).unwrap();
    let (sender, ended): (_, Receiver<()>) = channel();
    pool.run(move |_| ENDED.set(Some(Ended(sender)))).await.unwrap();
    drop(pool);
    let outcome = ended.recv_timeout(NEVER);
    assert_eq!(outcome, Err(std::sync::mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn the_estimate_grows_with_the_queue_and_stays_within_a_minute() {
    let ms = Duration::from_millis;
    assert_eq!(retry_after_s(1, 1, ms(30)), 1);
    assert_eq!(retry_after_s(64, 1, ms(30)), 2);
    assert_eq!(retry_after_s(64, 4, ms(100)), 2);
    assert_eq!(retry_after_s(64, 1, ms(2000)), 60);
    assert_eq!(retry_after_s(0, 0, ms(0)), 1);
    assert_eq!(retry_after_s(usize::MAX, 1, Duration::MAX), 60);
}
