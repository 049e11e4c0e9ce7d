//! What the tests of this server stand on: a whole [`Server`] in this process,
//! on either [`Engine`], with a clock that stands still, and a [`Client`] whose
//! every exchange is held against the [`contract`].

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says why"
)]

mod both;
mod client;
pub mod contract;
mod engine;
mod postgres;
mod reply;
mod server;

pub use client::{Call, Client};
pub use engine::Engine;
pub use reply::Reply;
pub use server::{OPERATOR_TOKEN, START, Server};
