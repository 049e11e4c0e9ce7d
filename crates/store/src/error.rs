//! What can go wrong in the store, told apart by who must act.

use std::sync::Arc;

type Source = Arc<dyn std::error::Error + Send + Sync>;

/// What the store's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the store; never the answer to a question about data.
///
/// Neither `Display` nor the chain of sources holds a value that was bound to
/// a statement. Clones share their source, since one failed commit is the
/// answer to every request of its group.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The engine cannot be reached, is overloaded or out of room; our own retries are spent.
    ///
    /// After a connection lost in the middle of a commit the outcome is unknown.
    #[error("the store is unavailable")]
    Unavailable(#[source] Source),
    /// The row was changed by another transaction since it was read.
    #[error("a concurrent change won")]
    Conflict,
    /// A mistake of ours: a wrong statement, a column of another type, a panic.
    #[error("failed to {doing}")]
    Internal {
        /// What was attempted, as a verb and its object.
        doing: &'static str,
        /// Why it did not work.
        source: Source,
    },
    /// A newer release has migrated this store.
    #[error(
        "the store is at schema version {found}, this release knows versions up to {known}: \
         run the release that migrated it, or a later one"
    )]
    NewerStore {
        /// The version in the store.
        found: i64,
        /// The newest version in this binary.
        known: i64,
    },
    /// Another process has kept the store locked for longer than we wait.
    #[error("another process keeps the store locked")]
    Locked(#[source] Source),
    /// The store's files are damaged, or are not a store.
    #[error("the store is damaged or not a database of ours")]
    Corrupt(#[source] Source),
    /// The store's data key was wrapped by another master key.
    #[error(
        "the master key is not the one that this store's secrets are encrypted with: \
         give the key the store was created with"
    )]
    WrongMasterKey,
    /// A setting that cannot work, in words for the operator.
    #[error("{0}")]
    Misconfigured(String),
}

impl Error {
    /// A mistake of ours while `doing` something, such as "read a user's record".
    pub fn internal(
        doing: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Internal { doing, source: source.into().into() }
    }

    /// Whether the caller may try the same again later.
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Locked(_) | Self::Conflict)
    }

    pub(crate) fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into().into())
    }

    pub(crate) fn closed() -> Self {
        Self::unavailable("the store is closed")
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn an_internal_error_says_what_was_attempted_and_keeps_its_source() {
        let error = Error::internal("read a column", "of another type");
        assert_eq!(error.to_string(), "failed to read a column");
        assert_eq!(error.source().unwrap().to_string(), "of another type");
    }
}
