//! The client and how it is made.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::auth::Auth;
use crate::{Error, Result, RetryConfig, Secret};

const CLERK: &str = "https://api.clerk.com";
const TIMEOUT: Duration = Duration::from_secs(30);

/// The version whose shapes the models have.
pub(crate) const API_VERSION: &str = "2025-11-10";

/// A client; a clone is the same client with the same connections.
#[derive(Debug, Clone)]
pub struct Clerk {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) http: reqwest::Client,
    /// Ends in `/v1/`.
    pub(crate) base: Url,
    pub(crate) auth: Auth,
    pub(crate) retries: RetryConfig,
    pub(crate) timeout: Duration,
}

impl Clerk {
    /// Starts to make a client.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A client of the server and key that the environment names: `CLERK_SECRET_KEY`, and
    /// `CLERK_API_URL` unless it is Clerk's own.
    pub fn from_env() -> Result<Self> {
        Self::builder().build()
    }
}

/// What a client is made of; everything has a default but the key.
#[derive(Debug, Default)]
pub struct Builder {
    auth: Option<Auth>,
    server_url: Option<String>,
    timeout: Option<Duration>,
    retries: Option<RetryConfig>,
    http: Option<reqwest::Client>,
}

impl Builder {
    /// The secret key, `sk_test_…` or `sk_live_…`. Default: `CLERK_SECRET_KEY`.
    #[must_use]
    pub fn bearer_auth(mut self, key: impl Into<Secret>) -> Self {
        self.auth = Some(Auth::Fixed(key.into()));
        self
    }

    /// Asks for the secret key before every attempt, so that a key can be rotated while the
    /// client runs. The function is called on the caller's task and must not block.
    #[must_use]
    pub fn bearer_auth_from(mut self, ask: impl Fn() -> Secret + Send + Sync + 'static) -> Self {
        self.auth = Some(Auth::Asked(Arc::new(ask)));
        self
    }

    /// The server, with or without `/v1` at its end. Default: `CLERK_API_URL`, else Clerk's.
    #[must_use]
    pub fn server_url(mut self, url: impl Into<String>) -> Self {
        self.server_url = Some(url.into());
        self
    }

    /// How long one attempt may take, from connecting to the end of the answer. Default: 30 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// When and how often to try again; see [`RetryConfig`] for the default.
    #[must_use]
    pub fn retries(mut self, retries: RetryConfig) -> Self {
        self.retries = Some(retries);
        self
    }

    /// The HTTP client to use, for a proxy or certificates of one's own.
    #[must_use]
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// Makes the client; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if there is no key, or if the URL is none.
    pub fn build(self) -> Result<Clerk> {
        let auth = match self.auth {
            Some(auth) => auth,
            None => {
                Auth::Fixed(variable("CLERK_SECRET_KEY").map(Secret::from).ok_or_else(|| {
                    Error::config(
                        "there is no secret key: call bearer_auth or set CLERK_SECRET_KEY",
                    )
                })?)
            }
        };
        let url = self.server_url.or_else(|| variable("CLERK_API_URL"));
        let http = match self.http {
            Some(http) => http,
            None => http_client()?,
        };
        Ok(Clerk {
            inner: Arc::new(Inner {
                http,
                base: base(url.as_deref().unwrap_or(CLERK))?,
                auth,
                retries: self.retries.unwrap_or_default(),
                timeout: self.timeout.unwrap_or(TIMEOUT),
            }),
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn http_client() -> Result<reqwest::Client> {
    // Whoever has installed another provider keeps it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| Error::config(format!("the HTTP client cannot be made: {error}")))
}

/// The URL that paths are joined to.
fn base(text: &str) -> Result<Url> {
    let text = text.trim_end_matches('/');
    let text = text.strip_suffix("/v1").unwrap_or(text);
    let url = Url::parse(&format!("{text}/v1/"))
        .map_err(|error| Error::config(format!("server_url is no URL: {error}")))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err(Error::config("server_url must begin with http:// or https:// and name a host"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_may_end_in_v1_or_not() {
        for text in ["http://a:1", "http://a:1/", "http://a:1/v1", "http://a:1/v1/"] {
            assert_eq!(base(text).unwrap().as_str(), "http://a:1/v1/");
        }
        assert_eq!(base("https://a/clerk/v1").unwrap().as_str(), "https://a/clerk/v1/");
        for text in ["", "a:1", "ftp://a", "data:x"] {
            assert!(matches!(base(text), Err(Error::Config { .. })), "{text}");
        }
    }
}
