//! Webhooks on the wire: what a receiver's address may be, how a message is
//! signed, how it is sent, and when it is sent again.
//!
//! Knows nothing of users, events or SQL.

mod address;
mod schedule;
mod secret;
mod sender;
mod target;

pub use address::Reach;
pub use schedule::{MOST_ATTEMPTS, pause_ms};
pub use secret::{InvalidSecret, Secret};
pub use sender::{Attempt, Message, SEND_WITHIN_S, Sender, SenderError};
pub use target::{InvalidTarget, Target};
