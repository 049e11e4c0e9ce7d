//! A closed-loop load generator: so many connections, each with one request in flight.
//!
//! It runs on one thread and parses nothing but the head of an answer, so that
//! it takes as little as it can of a machine that the server shares.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// Where to, and how many at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
}

/// When to stop sending.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    After(Duration),
    Requests(usize),
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) seconds: f64,
    /// Sorted.
    micros: Vec<u32>,
}

impl Outcome {
    pub(crate) fn answers(&self) -> f64 {
        self.micros.len() as f64
    }

    /// Answers per second of wall time.
    pub(crate) fn rate(&self) -> f64 {
        self.answers() / self.seconds
    }

    /// The latency that `percent` of the answers did not exceed, in milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let at = (self.micros.len() * percent / 100).min(self.micros.len().saturating_sub(1));
        self.micros.get(at).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }
}

struct Shared<N, A> {
    next: N,
    on_answer: A,
    left: usize,
    deadline: Option<Instant>,
    micros: Vec<u32>,
}

impl Load {
    /// Sends what `next` makes and hands each answer's body to `on_answer`.
    ///
    /// An answer with another status than 200 is an error: the figures of
    /// requests that fail say nothing.
    pub(crate) fn run(
        self,
        until: Until,
        next: impl FnMut() -> Bytes + 'static,
        on_answer: impl FnMut(&[u8]) + 'static,
    ) -> Result<Outcome> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let started = Instant::now();
        let (left, deadline) = match until {
            Until::After(time) => (usize::MAX, Some(started + time)),
            Until::Requests(count) => (count, None),
        };
        let micros = Vec::with_capacity(1 << 18);
        let shared = Rc::new(RefCell::new(Shared { next, on_answer, left, deadline, micros }));
        let local = LocalSet::new();
        let tasks: Vec<_> = (0..self.connections)
            .map(|_| local.spawn_local(connection(self.address, Rc::clone(&shared))))
            .collect();
        local.block_on(&runtime, async {
            for task in tasks {
                task.await??;
            }
            anyhow::Ok(())
        })?;
        let seconds = started.elapsed().as_secs_f64();
        let mut micros = std::mem::take(&mut shared.borrow_mut().micros);
        micros.sort_unstable();
        Ok(Outcome { seconds, micros })
    }

    /// The body of one answer.
    pub(crate) fn ask(self, request: Bytes) -> Result<Vec<u8>> {
        let body = Rc::new(RefCell::new(Vec::new()));
        let kept = Rc::clone(&body);
        let one = Self { connections: 1, ..self };
        one.run(
            Until::Requests(1),
            move || request.clone(),
            move |answer| *kept.borrow_mut() = answer.to_vec(),
        )?;
        Ok(body.take())
    }
}

async fn connection<N, A>(address: SocketAddr, shared: Rc<RefCell<Shared<N, A>>>) -> Result<()>
where
    N: FnMut() -> Bytes,
    A: FnMut(&[u8]),
{
    let mut stream = TcpStream::connect(address).await.context("failed to connect")?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(64 << 10);
    loop {
        let (request, sent) = {
            let mut shared = shared.borrow_mut();
            let now = Instant::now();
            if shared.left == 0 || shared.deadline.is_some_and(|deadline| now >= deadline) {
                return Ok(());
            }
            shared.left -= 1;
            ((shared.next)(), now)
        };
        stream.write_all(&request).await?;
        let head = read_answer(&mut stream, &mut buffer).await?;
        let micros = u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX);
        let mut shared = shared.borrow_mut();
        shared.micros.push(micros);
        (shared.on_answer)(buffer.get(head..).unwrap_or_default());
    }
}

/// Reads one answer whole; says where its body begins.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<usize> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut answer = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(head) = answer.parse(buffer)? else { continue };
        let status = answer.code.unwrap_or_default();
        let length = answer.headers.iter().find(|h| h.name.eq_ignore_ascii_case("content-length"));
        let length = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse().ok());
        let length: usize = length.context("an answer without a length")?;
        while buffer.len() < head + length {
            if stream.read_buf(buffer).await? == 0 {
                bail!("the server closed the connection within an answer");
            }
        }
        if status != 200 {
            let body = String::from_utf8_lossy(buffer.get(head..).unwrap_or_default());
            bail!("an answer has status {status}: {body}");
        }
        return Ok(head);
    }
}
