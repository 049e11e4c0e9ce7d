//! Payments through Stripe: whose account, who is called what there, collecting, and its events.
//!
//! Rollbook stays the master of subscriptions and of time. Stripe knows customers and single
//! payments; each is asked for by a worker from a row that was written with the payment.

mod account;
mod collect;
mod customers;
mod notice;

pub use self::account::{
    PutStripeAccount, StripeAccount, delete_stripe_account, get_stripe_account, put_stripe_account,
};
pub use self::collect::{claim_payments, collect_payment};
pub use self::customers::{StripeCustomer, get_stripe_customer, put_stripe_customer};
pub use self::notice::stripe_event;
pub use rollbook_stripe::Client as StripeClient;

use std::time::Duration;

use crate::{Error, Result};

/// A client that waits for `timeout` for an answer, of which one payment may need six within
/// two minutes.
pub fn stripe_client(timeout: Duration) -> Result<StripeClient> {
    StripeClient::new(timeout).map_err(|e| Error::internal("set up the client of Stripe", e))
}
