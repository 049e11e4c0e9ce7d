//! What asking OAuth providers takes, kept for the life of the server.

use std::time::Duration;

use rollbook_oauth::{Error as Refusal, Http};

use crate::oauth_access_tokens::Flights;
use crate::{Error, Result};

/// The client of all providers, and the renewals that are under way.
#[derive(Debug)]
pub struct Oauth {
    pub(crate) http: Http,
    pub(crate) flights: Flights,
}

impl Oauth {
    /// One that waits for a provider's answer for `timeout`, which must be well
    /// under a minute.
    pub fn new(timeout: Duration) -> Result<Self> {
        let http = Http::new(timeout);
        let http = http.map_err(|e| Error::internal("set up the client of OAuth providers", e))?;
        Ok(Self { http, flights: Flights::default() })
    }
}

/// Why a provider was of no help, as it is kept for those who wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    TimedOut,
    Unreachable,
    Refused,
    Nonsense,
}

impl Failure {
    const ALL: [Self; 4] = [Self::TimedOut, Self::Unreachable, Self::Refused, Self::Nonsense];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Nonsense => "nonsense",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

impl From<&Refusal> for Failure {
    fn from(error: &Refusal) -> Self {
        match error {
            Refusal::TimedOut => Self::TimedOut,
            Refusal::Unreachable => Self::Unreachable,
            Refusal::Refused(_) => Self::Refused,
            Refusal::Nonsense(_) | Refusal::Configuration(_) => Self::Nonsense,
        }
    }
}
