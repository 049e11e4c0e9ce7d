//! What the server's errors mean, without the values that its messages quote.

use std::fmt;
use std::sync::Arc;

use tokio_postgres::error::SqlState;

use crate::Error;
use crate::conn::Failure;

/// What the server said, as far as it may be logged.
///
/// The message of a data exception (class 22) or a constraint violation (class
/// 23) may quote what a user sent, the detail of any error likewise; the code
/// and the names say enough.
#[derive(Debug)]
struct ServerError {
    code: String,
    message: Option<String>,
    constraint: Option<String>,
}

impl std::error::Error for ServerError {}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SQLSTATE {}", self.code)?;
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        if let Some(constraint) = &self.constraint {
            write!(f, " (constraint {constraint})")?;
        }
        Ok(())
    }
}

/// What has to happen after a failed statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remedy {
    /// Run the transaction again.
    Retry,
    /// Run the transaction again, on another connection.
    Reconnect,
    /// Tell the caller to come back later.
    Later,
    /// Mend the program.
    Mend,
    /// Mend the disk.
    Corrupt,
}

/// A failure, and whether the connection is of no more use.
pub(super) struct Sorted {
    pub(super) failure: Failure,
    pub(super) is_lost: bool,
}

/// Sorts an error of a statement by who must act.
pub(super) fn sort(error: tokio_postgres::Error) -> Sorted {
    let remedy = remedy(&error);
    let error = match remedy {
        Remedy::Retry | Remedy::Reconnect | Remedy::Later => Error::Unavailable(source(error)),
        Remedy::Mend => Error::Internal { doing: "run a statement", source: source(error) },
        Remedy::Corrupt => Error::Corrupt(source(error)),
    };
    let retry = matches!(remedy, Remedy::Retry | Remedy::Reconnect);
    Sorted { failure: Failure { error, retry }, is_lost: remedy == Remedy::Reconnect }
}

/// An error of connecting: whatever it is, there is no server to ask.
pub(super) fn connecting(error: tokio_postgres::Error) -> Error {
    Error::Unavailable(source(error))
}

fn remedy(error: &tokio_postgres::Error) -> Remedy {
    let Some(code) = error.code() else {
        let cause = std::error::Error::source(error);
        let is_io = cause.is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
        return if error.is_closed() || is_io { Remedy::Reconnect } else { Remedy::Mend };
    };
    if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED {
        return Remedy::Retry;
    }
    // A plan that another server's migration has outdated has no code of its own.
    let routine = error.as_db_error().and_then(|server| server.routine());
    // A new connection prepares anew, as it must also for a statement that a
    // connection pooler has sent elsewhere.
    if routine == Some("RevalidateCachedQuery")
        || *code == SqlState::INVALID_SQL_STATEMENT_NAME
        || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
    {
        return Remedy::Reconnect;
    }
    if *code == SqlState::LOCK_NOT_AVAILABLE || *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        return Remedy::Later;
    }
    match code.code().get(..2) {
        // Connection exceptions; 57P01 to 57P05 are shutdowns and the like, 57014 a timeout.
        Some("08") => Remedy::Reconnect,
        Some("57") if *code != SqlState::QUERY_CANCELED => Remedy::Reconnect,
        // Out of resources, intervention, system errors, authorisation.
        Some("53" | "57" | "58" | "28") => Remedy::Later,
        Some("XX") if *code != SqlState::INTERNAL_ERROR => Remedy::Corrupt,
        Some(_) | None => Remedy::Mend,
    }
}

fn source(error: tokio_postgres::Error) -> Arc<dyn std::error::Error + Send + Sync> {
    let Some(server) = error.as_db_error() else { return Arc::new(error) };
    let code = server.code().code();
    let quotes_values = code.starts_with("22") || code.starts_with("23");
    Arc::new(ServerError {
        code: code.to_owned(),
        message: (!quotes_values).then(|| server.message().to_owned()),
        constraint: server.constraint().map(ToOwned::to_owned),
    })
}
