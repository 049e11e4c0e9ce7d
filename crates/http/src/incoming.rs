//! A request body under a deadline, which comes back when nobody wants it.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};

use crate::HttpSettings;

/// The body came too slowly; told apart from a connection that broke.
#[derive(Debug)]
pub(crate) struct BodyTimedOut;

impl fmt::Display for BodyTimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request body came too slowly")
    }
}

impl Error for BodyTimedOut {}

/// A body that has to arrive in time. The clock starts with the first read.
#[derive(Debug)]
pub(crate) struct Paced<B> {
    body: B,
    timeout: Duration,
    grace: Duration,
    bytes_per_s: u32,
    received: u64,
    started: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
    finished: bool,
    /// Whether the clock starts anew with every frame.
    is_long: bool,
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin> Paced<B> {
    pub(crate) fn new(body: B, settings: &HttpSettings) -> Self {
        Self {
            body,
            timeout: settings.body_timeout,
            grace: settings.body_grace,
            bytes_per_s: settings.min_body_rate.max(1),
            received: 0,
            started: None,
            alarm: None,
            finished: false,
            is_long: false,
        }
    }

    /// A body that may be of any length, and that nobody need read as fast as it comes:
    /// what has to arrive in time is each part of it.
    pub(crate) fn long(body: B, settings: &HttpSettings) -> Self {
        let grace = settings.body_timeout;
        Self { grace, is_long: true, ..Self::new(body, settings) }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let started = *self.started.get_or_insert_with(Instant::now);
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            return self.poll_deadline(cx, started).map(|()| {
                self.finished = true;
                Some(Err(BodyTimedOut.into()))
            });
        };
        match frame {
            Some(Ok(frame)) => {
                self.received += frame.data_ref().map_or(0, |data| data.len() as u64);
                if self.is_long {
                    self.started = None;
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => {
                self.finished = true;
                Poll::Ready(Some(Err(error.into())))
            }
            None => {
                self.finished = true;
                Poll::Ready(None)
            }
        }
    }

    /// Each byte moves the deadline, so an alarm that fires early is set anew.
    fn poll_deadline(&mut self, cx: &mut Context<'_>, started: Instant) -> Poll<()> {
        let earned = Duration::from_secs(self.received / u64::from(self.bytes_per_s));
        let deadline = started + self.grace.saturating_add(earned).min(self.timeout);
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        loop {
            std::task::ready!(alarm.as_mut().poll(cx));
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(deadline);
        }
    }

    /// Reads and forgets what is left, at most `max` bytes of it; says whether
    /// that was all.
    pub(crate) async fn drain(mut self, max: u64) -> bool {
        let max = self.received.saturating_add(max);
        // Nobody waits for what is left, however long the body may be.
        self.is_long = false;
        while let Some(frame) = std::future::poll_fn(|cx| self.poll(cx)).await {
            if frame.is_err() || self.received > max {
                return false;
            }
        }
        true
    }
}

/// A [`Paced`] body lent to a handler. What the handler leaves unread is sent
/// back when it drops the body.
#[derive(Debug)]
pub(crate) struct Lent<B> {
    body: Option<Paced<B>>,
    owner: Option<oneshot::Sender<Paced<B>>>,
}

impl<B> Lent<B> {
    pub(crate) fn new(body: Paced<B>) -> (Self, oneshot::Receiver<Paced<B>>) {
        let (owner, back) = oneshot::channel();
        (Self { body: Some(body), owner: Some(owner) }, back)
    }
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin> Body for Lent<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.body {
            Some(body) => body.poll(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(|body| body.finished || body.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, |body| body.body.size_hint())
    }
}

impl<B> Drop for Lent<B> {
    fn drop(&mut self) {
        if let (Some(body), Some(owner)) = (self.body.take(), self.owner.take())
            && !body.finished
        {
            // Fails when the answer is already on its way; then hyper closes.
            let _ = owner.send(body);
        }
    }
}

/// Whether a client waits for leave to send its body, so that none is coming
/// unless it is asked for.
pub(crate) fn expects_continue(headers: &hyper::HeaderMap) -> bool {
    headers.contains_key(hyper::header::EXPECT)
}

/// Whether `error`, or what caused it, is [`BodyTimedOut`].
pub(crate) fn timed_out(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<BodyTimedOut>() {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Full, StreamBody};

    use super::*;

    async fn all(body: impl Body<Data = Bytes, Error = BoxError>) -> Result<Bytes, BoxError> {
        Ok(BodyExt::collect(std::pin::pin!(body)).await?.to_bytes())
    }

    fn settings() -> HttpSettings {
        HttpSettings {
            body_timeout: Duration::from_mins(1),
            body_grace: Duration::from_secs(5),
            min_body_rate: 10,
            ..HttpSettings::default()
        }
    }

    /// `n` bytes a second, for ever.
    fn dripping(n: usize) -> impl Body<Data = Bytes, Error = BoxError> + Unpin {
        let stream = futures_util::stream::unfold((), move |()| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok(Frame::data(Bytes::from(vec![b' '; n]))), ()))
        });
        StreamBody::new(Box::pin(stream))
    }

    async fn fails_after(n: usize) -> u64 {
        let (body, _back) = Lent::new(Paced::new(dripping(n), &settings()));
        let start = Instant::now();
        assert!(timed_out(all(body).await.unwrap_err().as_ref()));
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_ends_after_the_grace() {
        assert_eq!(fails_after(1).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_steady_body_ends_at_the_timeout() {
        assert_eq!(fails_after(20).await, 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_body_may_drip_for_ever_but_not_stop() {
        let dripping = dripping(1);
        let mut long = Paced::long(dripping, &settings());
        let start = Instant::now();
        while start.elapsed() < Duration::from_hours(1) {
            std::future::poll_fn(|cx| long.poll(cx)).await.unwrap().unwrap();
        }
        let never =
            StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, BoxError>>());
        let mut long = Paced::long(never, &settings());
        let start = Instant::now();
        let end = std::future::poll_fn(|cx| long.poll(cx)).await.unwrap();
        assert!(timed_out(end.unwrap_err().as_ref()));
        assert_eq!(start.elapsed().as_secs(), 60);
    }

    #[tokio::test]
    async fn what_is_left_unread_comes_back_and_can_be_drained() {
        let (body, mut back) = Lent::new(Paced::new(Full::from("abc"), &settings()));
        drop(body);
        assert!(back.try_recv().unwrap().drain(3).await);
        let (body, mut back) = Lent::new(Paced::new(Full::from("abc"), &settings()));
        drop(body);
        assert!(!back.try_recv().unwrap().drain(2).await);
    }

    #[tokio::test]
    async fn a_body_that_was_read_does_not_come_back() {
        let (body, mut back) = Lent::new(Paced::new(Full::from("abc"), &settings()));
        assert_eq!(all(body).await.unwrap(), "abc");
        assert!(back.try_recv().is_err());
    }
}
