//! From why an operation was not done to what its caller is told.

use rollbook_ops::Error;
use rollbook_store as store;
use rollbook_wire::Code;

use crate::Refusal;

/// Seconds after which a store that was out of reach may be back.
const RETRY_AFTER_S: u32 = 1;

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(problems) => Self::from(problems),
            Error::Busy { retry_after_s } => {
                Self::new(Code::TooManyRequests, "The server is busy. Please try again shortly.")
                    .with_retry_after(retry_after_s)
            }
            Error::Store(error) => Self::from(error),
            Error::Unavailable(reason) => {
                tracing::error!(reason, "something that an answer depends on is unavailable");
                Self::new(Code::ServiceUnavailable, "The request cannot be checked at the moment.")
                    .with_retry_after(RETRY_AFTER_S)
            }
            internal @ Error::Internal { .. } => Self::internal("answer a request", &internal),
        }
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        if error.is_unavailable() {
            tracing::error!(error = &error as &dyn std::error::Error, "the store is unavailable");
            return Self::new(Code::ServiceUnavailable, "The server cannot reach its data.")
                .with_retry_after(RETRY_AFTER_S);
        }
        Self::internal("use the store", &error)
    }
}
