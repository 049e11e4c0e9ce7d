//! Entities and their rules: pure functions over plain values.
//!
//! Knows nothing about async, I/O, SQL or HTTP; time and randomness are arguments.

mod problem;

pub use problem::Problem;
