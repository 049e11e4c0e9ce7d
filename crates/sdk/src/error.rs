//! What can go wrong with a call.

use std::time::Duration;

use rollbook_wire::{Code, ErrorBody, ErrorItem};

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call did not give what was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server refused, in its own words.
    #[error("{0}")]
    Api(ApiError),
    /// Too many requests (429).
    #[error("too many requests{}", after(*.retry_after))]
    RateLimited {
        /// How long the server asks to wait, if it says.
        retry_after: Option<Duration>,
        /// What the server said.
        #[source]
        source: Box<Error>,
    },
    /// The request did not reach the server, or the answer did not come back whole.
    #[error("the request failed{}", if .source.is_timeout() { ": it took too long" } else { "" })]
    Transport {
        /// What the HTTP client says; it holds no secret.
        #[source]
        source: reqwest::Error,
    },
    /// The server answered with success and a body that cannot be read.
    #[error("the answer (status {status}) cannot be read at {path}")]
    Decode {
        /// The status of the answer.
        status: u16,
        /// Where in the body, such as `[3].email_addresses[0].id`.
        path: String,
        /// What was found there.
        #[source]
        source: serde_json::Error,
    },
    /// The client was given something it cannot work with; nothing was sent.
    #[error("{message}")]
    Config {
        /// What it was.
        message: String,
    },
}

/// A refusal by the server.
#[derive(Debug, Clone, thiserror::Error)]
#[error("status {status}{}", summary(.errors))]
#[non_exhaustive]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// Every problem; none if the body was not in Clerk's shape.
    pub errors: Vec<ErrorItem>,
    /// What the server's log knows this request by.
    pub trace_id: Option<String>,
}

impl Error {
    /// The first problem's code, if it is one of the catalogue.
    pub fn code(&self) -> Option<Code> {
        let code = &self.api()?.errors.first()?.code;
        Code::ALL.iter().copied().find(|known| known.as_str() == code)
    }

    /// The status that the server answered with, if it answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Decode { status, .. } => Some(*status),
            _ => self.api().map(|refusal| refusal.status),
        }
    }

    /// What the server said, if it refused.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(refusal) => Some(refusal),
            Self::RateLimited { source, .. } => source.api(),
            _ => None,
        }
    }

    /// Whether some problem has this code.
    pub fn has(&self, code: Code) -> bool {
        self.api().is_some_and(|refusal| refusal.errors.iter().any(|e| e.code == code.as_str()))
    }

    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::Config { message: message.into() }
    }

    /// What an answer that is no success means.
    pub(crate) fn refused(
        status: u16,
        body: &[u8],
        trace_id: Option<String>,
        retry_after: Option<Duration>,
    ) -> Self {
        // A proxy's page of HTML must not hide the status.
        let (errors, told) = match serde_json::from_slice::<ErrorBody>(body) {
            Ok(body) => (body.errors, body.clerk_trace_id),
            Err(_) => (Vec::new(), None),
        };
        let refusal = Self::Api(ApiError { status, errors, trace_id: told.or(trace_id) });
        if status == 429 {
            Self::RateLimited { retry_after, source: Box::new(refusal) }
        } else {
            refusal
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(source: reqwest::Error) -> Self {
        // The URL may hold a token that was searched for.
        Self::Transport { source: source.without_url() }
    }
}

fn after(wait: Option<Duration>) -> String {
    wait.map_or_else(String::new, |wait| format!("; try again in {} s", wait.as_secs()))
}

fn summary(errors: &[ErrorItem]) -> String {
    let told: Vec<_> =
        errors.iter().map(|e| format!(": {} ({})", e.long_message, e.code)).collect();
    told.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAKEN: &str = r#"{"errors":[{"message":"is taken","long_message":"That email_address is taken.",
        "code":"form_identifier_exists","meta":{"param_name":"email_address"}}],"clerk_trace_id":"ab12"}"#;

    #[test]
    fn a_refusal_knows_its_code_status_and_trace() {
        let error = Error::refused(422, TAKEN.as_bytes(), None, None);
        assert_eq!((error.code(), error.status()), (Some(Code::FormIdentifierExists), Some(422)));
        assert_eq!(error.api().unwrap().trace_id.as_deref(), Some("ab12"));
        assert_eq!(
            error.to_string(),
            "status 422: That email_address is taken. (form_identifier_exists)"
        );
    }

    #[test]
    fn a_body_of_another_shape_leaves_the_status_visible() {
        let error = Error::refused(502, b"<html>bad gateway</html>", Some("cd".into()), None);
        assert_eq!((error.code(), error.status()), (None, Some(502)));
        assert_eq!(error.api().unwrap().trace_id.as_deref(), Some("cd"));
    }

    #[test]
    fn a_429_says_when_to_come_back() {
        let error = Error::refused(429, b"", None, Some(Duration::from_secs(7)));
        assert!(
            matches!(error, Error::RateLimited { retry_after: Some(wait), .. } if wait.as_secs() == 7)
        );
        assert_eq!(error.status(), Some(429));
    }
}
