//! Mail to a real SMTP server: secured, refused, late, and across a kill.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod killed;
mod notice;
mod refused;
mod retried;
mod secured;
mod smtp;
