//! The limits of the HTTP side, with defaults that suit an open network.

use std::time::Duration;

/// Limits in bytes, counts and time. Every one of them bounds what a stranger
/// can make the server hold.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Connections served at a time; further ones wait in the kernel's queue.
    pub max_connections: u32,
    /// Path and query together; longer is 414. A list with seven filters of a
    /// hundred values each has to fit.
    pub max_url_bytes: usize,
    /// All header names and values together; more is 431.
    pub max_header_bytes: usize,
    /// Headers of one request; more is 431. At most 100, hyper's own bound.
    pub max_headers: usize,
    /// From the first byte of a request's head to its last.
    pub header_timeout: Duration,
    /// Between two requests on one connection. Longer than clients keep theirs,
    /// so that it is the client who closes.
    pub idle_timeout: Duration,
    /// How long a client may refuse to take any byte of an answer.
    pub write_timeout: Duration,
    /// A whole request body, however fast it comes.
    pub body_timeout: Duration,
    /// What a body may take before `min_body_rate` counts.
    pub body_grace: Duration,
    /// Bytes a second that a body must bring on average after `body_grace`.
    pub min_body_rate: u32,
    /// A JSON body; more is 413.
    pub max_body_bytes: usize,
    /// An uploaded file; more is 413.
    pub max_upload_bytes: usize,
    /// Uploads held in memory at a time; further ones wait.
    pub max_uploads: usize,
    /// What is still read of a body that nobody wanted, so that its sender
    /// gets to read the answer.
    pub max_drain_bytes: u64,
    /// What requests in flight may still take once the server is told to stop.
    pub shutdown_grace: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            max_connections: 4096,
            max_url_bytes: 32 << 10,
            max_header_bytes: 16 << 10,
            max_headers: 64,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_mins(2),
            body_grace: Duration::from_secs(10),
            min_body_rate: 4 << 10,
            max_body_bytes: 1 << 20,
            max_upload_bytes: 10 << 20,
            max_uploads: 8,
            max_drain_bytes: 16 << 20,
            shutdown_grace: Duration::from_secs(10),
        }
    }
}
