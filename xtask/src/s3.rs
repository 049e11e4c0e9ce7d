//! An S3 server for the tests of stored pictures: moto, from the Python registry.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use crate::error::{Doing, Error, Result};
use crate::service;
use crate::supervised::Supervised;

/// A running server that takes any credentials and forgets all when dropped.
#[derive(Debug)]
pub(crate) struct S3 {
    pub(crate) url: String,
    _server: Supervised,
}

impl S3 {
    /// Installs it if need be, and starts it on a free port of the loopback.
    pub(crate) fn start(target: &Path, logs: &Path) -> Result<Self> {
        let (server, port) = service::start("moto", target, logs, |environment, port| {
            let mut moto = Command::new(environment.program("moto_server"));
            moto.args(["-H", "127.0.0.1", "-p", port]);
            moto
        })?;
        make_bucket(port)?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), _server: server })
    }
}

/// The bucket that the tests use: a new server has none.
fn make_bucket(port: u16) -> Result<()> {
    let request = format!(
        "PUT /rollbook-test HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n"
    );
    let mut answer = String::new();
    let mut socket = TcpStream::connect(("127.0.0.1", port)).doing("reach the S3 server")?;
    socket.write_all(request.as_bytes()).doing("ask for a bucket")?;
    socket.read_to_string(&mut answer).doing("ask for a bucket")?;
    match answer.split_whitespace().nth(1) {
        Some("200") => Ok(()),
        _ => Err(Error::new("the S3 server made no bucket")),
    }
}
