//! The Rust client against a running server, on both engines, and against servers that misbehave.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

mod actions;
mod creating;
mod environment;
mod in_process;
mod listing;
mod misbehaviour;
mod nouns;
mod secrets;
mod signed_in;
mod tour;
mod updating;

use rollbook_sdk::{Clerk, Code, Result, RetryConfig, User};
use rollbook_testkit::Server;

/// A client of the test's own instance that fails at once.
fn clerk(server: &Server) -> Clerk {
    Clerk::builder()
        .bearer_auth(server.secret_key.as_str())
        .server_url(server.url.as_str())
        .retries(RetryConfig::none())
        .build()
        .expect("a client")
}

/// A user with an email address.
async fn ada(clerk: &Clerk) -> User {
    clerk.users().create().email_address(["ada@example.com"]).send().await.expect("a user")
}

/// The code of a refusal.
fn code<T: std::fmt::Debug>(result: Result<T>) -> Code {
    let error = result.expect_err("a refusal");
    error.code().unwrap_or_else(|| panic!("no code: {error:?}"))
}
