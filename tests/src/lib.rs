//! What the tests of the program share: the program as a process, and a plain
//! HTTP client that hides nothing and retries nothing.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and say what they leave out"
)]

mod database;
mod http;
mod program;
mod server;

pub use database::Database;
pub use http::{Connection, Reply, get, post, request};
pub use program::{program, rollbook};
pub use server::{Launch, Server};
