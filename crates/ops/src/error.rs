//! Why an operation was not done, told apart by who must act.

use rollbook_domain::Problem;
use rollbook_store as store;
use rollbook_wire::Code;

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller's to fix: all problems at once, never empty.
    #[error("refused: {}", .0.first().map_or("", |p| p.code.as_str()))]
    Refused(Vec<Problem>),
    /// The caller's to repeat: a bounded queue is full.
    #[error("too busy")]
    Busy {
        /// Seconds until trying again makes sense.
        retry_after_s: u32,
    },
    /// The operator's to look at; nothing was changed, or nobody knows.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Something that the answer depends on cannot be asked.
    #[error("{0}")]
    Unavailable(String),
    /// Ours to fix.
    #[error("failed to {doing}")]
    Internal {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What an operation answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<rollbook_breaches::Unavailable> for Error {
    fn from(error: rollbook_breaches::Unavailable) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl Error {
    /// One problem.
    pub fn refused(problem: Problem) -> Self {
        Self::Refused(vec![problem])
    }

    /// There is no such resource.
    pub fn not_found(what: &str, id: &str) -> Self {
        Self::refused(Problem::new(
            Code::ResourceNotFound,
            format!("No {what} was found with id {id}."),
        ))
    }

    /// Something that should not happen.
    pub fn internal(
        doing: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Internal { doing, source: source.into() }
    }
}
