//! A socket that gives up on peers who neither speak nor listen.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::HttpSettings;

/// Where a connection begins: whoever connects has `header_timeout` to say what for.
const HEAD: u8 = 0;
const IDLE: u8 = 1;
const BUSY: u8 = 2;

/// What a connection is waiting for, shared by its socket and its service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phase(Arc<AtomicU8>);

impl Phase {
    /// A request's head is complete and it is being answered.
    pub(crate) fn busy(&self) {
        self.0.store(BUSY, Ordering::Relaxed);
    }

    /// The answer is made; the next bytes belong to the next request.
    pub(crate) fn idle(&self) {
        self.0.store(IDLE, Ordering::Relaxed);
    }

    fn get(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A stream with the limits `header_timeout`, `idle_timeout` and
/// `write_timeout`.
///
/// hyper's own header timeout covers idle time too and arms a timer for every
/// request. Here a timer is armed only when there is nothing to read, and an
/// armed one is left to fire early rather than moved.
#[derive(Debug)]
pub(crate) struct PatientIo<T> {
    inner: T,
    phase: Phase,
    header_timeout: Duration,
    idle_timeout: Duration,
    reading: Timer,
    write_timeout: Duration,
    writing: Timer,
}

impl<T> PatientIo<T> {
    pub(crate) fn new(inner: T, phase: Phase, settings: &HttpSettings) -> Self {
        Self {
            inner,
            phase,
            header_timeout: settings.header_timeout,
            idle_timeout: settings.idle_timeout,
            reading: Timer::default(),
            write_timeout: settings.write_timeout,
            writing: Timer::default(),
        }
    }

    fn wait_to_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let limit = match self.phase.get() {
            IDLE => self.idle_timeout,
            HEAD => self.header_timeout,
            _ => return Poll::Pending,
        };
        self.reading.poll_expired(cx, limit).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn wait_to_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        self.writing.poll_expired(cx, self.write_timeout).map(|()| io::ErrorKind::TimedOut.into())
    }

    fn wrote(&mut self) {
        self.writing.restart();
        // A client that takes its answer is not idle.
        self.reading.restart();
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for PatientIo<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.inner).poll_read(cx, buffer) {
            Poll::Pending => self.wait_to_read(cx),
            Poll::Ready(result) => {
                if buffer.filled().len() > before && self.phase.get() == IDLE {
                    self.phase.0.store(HEAD, Ordering::Relaxed);
                    self.reading.restart();
                }
                Poll::Ready(result)
            }
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for PatientIo<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(result) = Pin::new(&mut self.inner).poll_write(cx, buffer) else {
            return Poll::Ready(Err(ready!(self.wait_to_write(cx))));
        };
        self.wrote();
        Poll::Ready(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(result) = Pin::new(&mut self.inner).poll_write_vectored(cx, buffers) else {
            return Poll::Ready(Err(ready!(self.wait_to_write(cx))));
        };
        self.wrote();
        Poll::Ready(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// A limit on waiting that is cheap to restart: only a wait that outlasts an
/// armed alarm touches the timer again.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    /// The next wait counts from its own beginning.
    pub(crate) fn restart(&mut self) {
        self.since = None;
    }

    /// Ready once the wait that began after the last restart has lasted `limit`.
    pub(crate) fn poll_expired(&mut self, cx: &mut Context<'_>, limit: Duration) -> Poll<()> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let deadline = since + limit;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if alarm.deadline() > deadline {
            alarm.as_mut().reset(deadline);
        }
        loop {
            ready!(alarm.as_mut().poll(cx));
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    fn settings() -> HttpSettings {
        HttpSettings {
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            ..HttpSettings::default()
        }
    }

    async fn elapsed_until_error(io: &mut (impl AsyncRead + Unpin)) -> Duration {
        let start = Instant::now();
        let mut buffer = [0; 16];
        loop {
            match io.read(&mut buffer).await {
                Ok(_) => {}
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                    return start.elapsed();
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_never_says_anything_ends_after_the_header_timeout() {
        let (_client, server) = duplex(64);
        let mut io = PatientIo::new(server, Phase::default(), &settings());
        assert_eq!(elapsed_until_error(&mut io).await.as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_drips_ends_after_the_header_timeout() {
        let (mut client, server) = duplex(64);
        let mut io = PatientIo::new(server, Phase::default(), &settings());
        tokio::spawn(async move {
            while client.write_all(b"G").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        assert_eq!(elapsed_until_error(&mut io).await.as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_at_work_is_not_hurried_and_idle_time_starts_after_its_answer() {
        let (mut client, server) = duplex(64);
        let phase = Phase::default();
        let mut io = PatientIo::new(server, phase.clone(), &settings());
        client.write_all(b"x").await.unwrap();
        let mut buffer = [0; 16];
        assert_eq!(io.read(&mut buffer).await.unwrap(), 1);
        phase.busy();
        let waited = tokio::time::timeout(Duration::from_secs(200), io.read(&mut buffer)).await;
        assert!(waited.is_err());
        phase.idle();
        io.write_all(b"y").await.unwrap();
        assert_eq!(elapsed_until_error(&mut io).await.as_secs(), 75);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_given_up() {
        let (_client, server) = duplex(8);
        let mut io = PatientIo::new(server, Phase::default(), &settings());
        let start = Instant::now();
        let error = io.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), 30);
    }
}
