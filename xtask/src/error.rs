//! What stopped a chore, as a sentence for the person who started it.

use std::fmt;

/// A message that reads after "xtask:".
#[derive(Debug)]
pub(crate) struct Error(String);

/// The result of every fallible step here.
pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Says what was being done when a lower layer failed.
pub(crate) trait Doing<T> {
    /// `doing` reads after "failed to".
    fn doing(self, doing: impl fmt::Display) -> Result<T>;
}

impl<T, E: fmt::Display> Doing<T> for std::result::Result<T, E> {
    fn doing(self, doing: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Error(format!("failed to {doing}: {error}")))
    }
}
