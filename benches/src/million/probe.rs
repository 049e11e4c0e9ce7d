//! One request after the other on one connection: what a single caller waits for.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// How often a request is sent for one value.
const REPEATS: usize = 7;

/// A connection to a server, with the headers that every request of it carries.
#[derive(Debug)]
pub(crate) struct Probe {
    runtime: Runtime,
    sender: SendRequest<Full<Bytes>>,
    headers: Vec<(&'static str, String)>,
}

/// An answer with the time that it took, in milliseconds.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) ms: f64,
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Probe {
    /// Connects to `host:port`.
    pub(crate) fn new(address: &str, headers: &[(&'static str, &str)]) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let sender = runtime.block_on(async {
            let stream = TcpStream::connect(address).await.context("failed to connect")?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            anyhow::Ok(sender)
        })?;
        let mut headers: Vec<_> =
            headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        headers.push(("host", address.to_owned()));
        Ok(Self { runtime, sender, headers })
    }

    /// One request, whatever its answer.
    pub(crate) fn send(&mut self, method: &Method, path: &str, body: &str) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body.as_bytes())))?;
        let Self { runtime, sender, .. } = self;
        runtime.block_on(async {
            sender.ready().await?;
            let started = Instant::now();
            let answer = sender.send_request(request).await?;
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await?.to_bytes();
            Ok(Answer { ms: started.elapsed().as_secs_f64() * 1000.0, status, body })
        })
    }

    /// The body of an answer that must be good.
    pub(crate) fn get(&mut self, path: &str) -> Result<Bytes> {
        let answer = self.send(&Method::GET, path, "")?;
        if answer.status != 200 {
            let body = String::from_utf8_lossy(&answer.body);
            bail!("GET {path} has status {}: {body}", answer.status);
        }
        Ok(answer.body)
    }

    /// The median time of these requests, sent one after the other, some times over.
    pub(crate) fn median(&mut self, paths: &[String]) -> Result<f64> {
        let mut times = Vec::with_capacity(REPEATS);
        for _ in 0..REPEATS {
            let mut together = 0.0;
            for path in paths {
                let answer = self.send(&Method::GET, path, "")?;
                if answer.status != 200 {
                    bail!("GET {path} has status {}", answer.status);
                }
                together += answer.ms;
            }
            times.push(together);
        }
        times.sort_by(f64::total_cmp);
        times.get(REPEATS / 2).copied().context("nothing was measured")
    }
}
