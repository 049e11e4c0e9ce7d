//! What the tests of this server stand on.

pub mod contract;
