//! When a call is tried again, and after how long.

use std::time::Duration;

use rand::RngExt;
use reqwest::{Method, StatusCode};

/// When and how often a call is tried again.
///
/// The waits are those of the reference: 500 ms at first, 1.5 times longer each time, 60 s at the
/// most. Up to half of a wait is left to chance, so that clients that failed together do not
/// come back together. A server that says `Retry-After` is obeyed instead.
///
/// By default a call is tried again for up to a minute, and only where that is safe: a reading,
/// replacing or deleting call (`GET`, `PUT`, `DELETE`) after a 5XX answer or a lost connection;
/// any call that the server has said it did not take up (503 with `Retry-After`), and any whose
/// connection could not be made at all. A 429 is not tried again, as with the other SDKs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RetryConfig {
    /// How the waits grow.
    pub backoff: Backoff,
    /// Whether failures to connect, and lost connections, are tried again.
    pub retry_connection_errors: bool,
    /// Whether `POST` and `PATCH` are tried again too, which may do a thing twice.
    pub retry_unsafe_methods: bool,
    /// Whether a 429 is tried again.
    pub retry_rate_limited: bool,
}

/// How the waits between attempts grow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// The first wait.
    pub initial_interval: Duration,
    /// No wait is longer, unless the server asks for it.
    pub max_interval: Duration,
    /// By how much each wait is longer than the one before.
    pub exponent: f64,
    /// From the first attempt on; no attempt starts later.
    pub max_elapsed_time: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            initial_interval: Duration::from_millis(500),
            max_interval: Duration::from_mins(1),
            exponent: 1.5,
            max_elapsed_time: Duration::from_mins(1),
        }
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            backoff: Backoff::default(),
            retry_connection_errors: true,
            retry_unsafe_methods: false,
            retry_rate_limited: false,
        }
    }
}

impl RetryConfig {
    /// Never tries again.
    pub fn none() -> Self {
        let never = Backoff { max_elapsed_time: Duration::ZERO, ..Backoff::default() };
        Self { backoff: never, retry_connection_errors: false, ..Self::default() }
    }

    /// These rules with other waits.
    #[must_use]
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// These rules for `POST` and `PATCH` too.
    #[must_use]
    pub fn with_unsafe_methods(mut self) -> Self {
        self.retry_unsafe_methods = true;
        self
    }

    /// These rules for 429 too.
    #[must_use]
    pub fn with_rate_limited(mut self) -> Self {
        self.retry_rate_limited = true;
        self
    }

    /// How long to wait before trying again, if at all.
    ///
    /// `chance` is from 0 to 1.
    pub(crate) fn wait(&self, attempt: &Attempt<'_>, chance: f64) -> Option<Duration> {
        if !self.again(attempt) {
            return None;
        }
        let wait = attempt.retry_after.unwrap_or_else(|| self.backoff.wait(attempt.number, chance));
        (attempt.elapsed + wait <= self.backoff.max_elapsed_time).then_some(wait)
    }

    fn again(&self, attempt: &Attempt<'_>) -> bool {
        let harmless = self.retry_unsafe_methods
            || matches!(*attempt.method, Method::GET | Method::PUT | Method::DELETE | Method::HEAD);
        match attempt.failure {
            Failure::NotSent => self.retry_connection_errors,
            Failure::Lost => self.retry_connection_errors && harmless,
            Failure::Status(StatusCode::TOO_MANY_REQUESTS) => self.retry_rate_limited,
            Failure::Status(StatusCode::SERVICE_UNAVAILABLE) if attempt.retry_after.is_some() => {
                true
            }
            Failure::Status(status) => status.is_server_error() && harmless,
        }
    }
}

impl Backoff {
    /// The wait after attempt `number`, which counts from 0.
    fn wait(&self, number: u32, chance: f64) -> Duration {
        let grown = self.initial_interval.as_secs_f64()
            * self.exponent.powi(number.min(1000).cast_signed());
        let most = self.max_interval.as_secs_f64();
        let wait = if grown.is_finite() { grown.clamp(0.0, most) } else { most };
        Duration::from_secs_f64(wait * (1.0 - chance.clamp(0.0, 1.0) / 2.0))
    }
}

/// An attempt that failed.
pub(crate) struct Attempt<'a> {
    pub(crate) method: &'a Method,
    /// From 0.
    pub(crate) number: u32,
    /// Since the first attempt began.
    pub(crate) elapsed: Duration,
    pub(crate) failure: Failure,
    pub(crate) retry_after: Option<Duration>,
}

/// How an attempt failed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Failure {
    /// No connection was made, so the server knows nothing of it.
    NotSent,
    /// Something was sent and no whole answer came.
    Lost,
    /// The server answered.
    Status(StatusCode),
}

/// From 0 to 1.
#[expect(clippy::disallowed_methods, reason = "no test depends on the spread of waits")]
pub(crate) fn chance() -> f64 {
    rand::rng().random()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(method: &Method, status: u16) -> Attempt<'_> {
        let failure = Failure::Status(StatusCode::from_u16(status).unwrap());
        Attempt { method, number: 0, elapsed: Duration::ZERO, failure, retry_after: None }
    }

    #[test]
    fn waits_grow_by_the_factor_up_to_the_ceiling() {
        let backoff = Backoff::default();
        let ms = |number| backoff.wait(number, 0.0).as_millis();
        assert_eq!([ms(0), ms(1), ms(2)], [500, 750, 1125]);
        assert_eq!([ms(30), ms(u32::MAX)], [60_000, 60_000]);
        assert_eq!(backoff.wait(0, 1.0), Duration::from_millis(250));
    }

    #[test]
    fn only_what_is_safe_is_tried_again() {
        let config = RetryConfig::default();
        for (method, status, again) in [
            (Method::GET, 500, true),
            (Method::DELETE, 502, true),
            (Method::POST, 500, false),
            (Method::PATCH, 503, false),
            (Method::GET, 404, false),
            (Method::GET, 429, false),
        ] {
            let wait = config.wait(&attempt(&method, status), 0.0);
            assert_eq!(wait.is_some(), again, "{method} {status}");
        }
        let lost = Attempt { failure: Failure::Lost, ..attempt(&Method::POST, 200) };
        assert_eq!(config.wait(&lost, 0.0), None);
        let unsent = Attempt { failure: Failure::NotSent, ..attempt(&Method::POST, 200) };
        assert!(config.wait(&unsent, 0.0).is_some());
        assert!(RetryConfig::none().wait(&attempt(&Method::GET, 500), 0.0).is_none());
    }

    #[test]
    fn the_server_says_how_long_and_the_total_is_kept() {
        let config = RetryConfig::default();
        let asked = Some(Duration::from_secs(3));
        let busy = Attempt { retry_after: asked, ..attempt(&Method::POST, 503) };
        assert_eq!(config.wait(&busy, 1.0), asked);
        let late = Attempt { elapsed: Duration::from_secs(58), ..busy };
        assert_eq!(config.wait(&late, 1.0), None);
    }
}
