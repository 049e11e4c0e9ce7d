//! Whether a password is known from a breach: an embedded list, a file made from
//! Have I Been Pwned's, or a range endpoint.
//!
//! Knows nothing of users, SQL or our own HTTP.

mod common;
mod file;
mod filter;
mod hash;
mod range;
mod source;

pub use common::is_common;
pub use file::{BreachFilter, OpenError};
pub use filter::{BuildError, Summary, build};
pub use range::{OnFailure, Range, RangeError};

/// Where passwords are looked up, after the embedded list of common ones.
#[derive(Debug)]
pub enum Breaches {
    /// Nowhere else.
    Common,
    /// In a filter on disk.
    File(BreachFilter),
    /// At an endpoint that answers for ranges of hashes.
    Range(Range),
}

/// The password could not be looked up; to be answered 503.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("breached passwords cannot be looked up: {reason}")]
pub struct Unavailable {
    /// What went wrong; says nothing of the password or its hash.
    pub reason: String,
}

impl Breaches {
    /// Whether `password` is known from a breach, or so common that it must be.
    ///
    /// A common one is recognised in whatever letter case, see [`is_common`], and
    /// without looking further; the other sources know exact passwords. A filter
    /// reads a few bytes from its file, on this thread.
    pub async fn is_breached(&self, password: &str) -> Result<bool, Unavailable> {
        if is_common(password) {
            return Ok(true);
        }
        match self {
            Self::Common => Ok(false),
            Self::File(filter) => filter
                .contains(password)
                .map_err(|error| Unavailable { reason: format!("the filter: {error}") }),
            Self::Range(range) => range.contains(password).await,
        }
    }
}
