//! HTTP/1.1 in the plain: one connection, one request after the other.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Nothing that these tests ask for takes this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer, whole.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The status line and the headers, as they came.
    pub head: String,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The body as JSON of a request that was done.
    #[track_caller]
    pub fn done(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// The code of the first error.
    #[track_caller]
    pub fn code(&self) -> String {
        let body = self.json();
        let code = body.pointer("/errors/0/code").and_then(Value::as_str);
        code.unwrap_or_else(|| panic!("no error: {body}")).to_owned()
    }
}

/// A connection that is kept open between requests.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
    key: String,
}

impl Connection {
    /// Connects; every request carries `key`.
    pub fn open(addr: SocketAddr, key: &str) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream), key: key.to_owned() })
    }

    /// Sends a request and reads its answer; an error means that it is not
    /// known whether the request was done.
    pub fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Reply> {
        self.begin(method, path, body)?;
        self.finish()
    }

    /// Sends a request.
    pub fn begin(&mut self, method: &str, path: &str, body: Option<&Value>) -> io::Result<()> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())
    }

    /// Sends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Reads the answer to what was sent.
    pub fn finish(&mut self) -> io::Result<Reply> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        let length = head.lines().filter_map(|line| line.split_once(": "));
        let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length = length.next().and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Reply { status, head, body })
    }
}

/// One request on a connection of its own.
#[track_caller]
pub fn request(addr: SocketAddr, key: &str, method: &str, path: &str, body: &Value) -> Reply {
    let body = (!body.is_null()).then_some(body);
    let reply = Connection::open(addr, key).and_then(|mut open| open.send(method, path, body));
    reply.unwrap_or_else(|error| panic!("{method} {path} was not answered: {error}"))
}

/// A GET on a connection of its own.
#[track_caller]
pub fn get(addr: SocketAddr, key: &str, path: &str) -> Reply {
    request(addr, key, "GET", path, &Value::Null)
}

/// A POST on a connection of its own.
#[track_caller]
pub fn post(addr: SocketAddr, key: &str, path: &str, body: &Value) -> Reply {
    request(addr, key, "POST", path, body)
}
