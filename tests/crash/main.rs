//! Killed at any moment, the server loses nothing that it acknowledged and
//! keeps no half of anything else.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod import;
mod instance;
mod ledger;
mod postgres;
mod sqlite;
mod webhooks;
mod writer;

/// The key of every server here.
const KEY: &str = "sk_test_crash_crash_crash_crash";
