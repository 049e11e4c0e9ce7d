//! The reference of `get`: bare hyper that answers everything with the same bytes.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::process::Process;

/// Starts this program as the reference; says where it listens.
pub(crate) fn start(body: &Path) -> Result<(Process, SocketAddr)> {
    let here = std::env::current_exe().context("failed to find this program")?;
    let mut process = Process::start(Command::new(here).arg("bare-hyper").arg(body))?;
    let address = process.line()?.parse().context("another address")?;
    Ok((process, address))
}

/// Serves the file's bytes, with the headers of a user's answer, until killed.
pub(crate) fn serve(body: &Path) -> Result<()> {
    let body = Bytes::from(std::fs::read(body).context("failed to read the body")?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let body = body.clone();
            tokio::spawn(async move {
                let service = service_fn(move |_| {
                    let answer = answer(body.clone());
                    async { Ok::<_, Infallible>(answer) }
                });
                // An error means that the client has gone.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

fn answer(body: Bytes) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(body));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("clerk-trace-id", HeaderValue::from_static("0123456789abcdef0123456789abcdef"));
    headers.insert("clerk-api-version", HeaderValue::from_static("2025-11-10"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer
}
