//! Stripe: the few calls that collect a payment, and what its events say.
//!
//! Knows neither users nor SQL. Amounts are integers; answers are read up to a length, in time,
//! and never through a redirect.

mod amount;
mod client;
mod error;
mod event;
mod objects;
mod signature;

pub use amount::charged;
pub use client::{Account, Client, NewIntent, is_allowed};
pub use error::Error;
pub use event::{Event, Subject};
pub use objects::{Card, Customer, PaymentIntent, PaymentMethod, Verdict};
pub use signature::{BadSignature, TOLERANCE_S, verify};

/// What Stripe answers, or why it does not.
pub type Result<T, E = Error> = std::result::Result<T, E>;
