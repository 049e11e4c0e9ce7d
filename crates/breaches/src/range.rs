//! A range endpoint: told five digits of a hash, it answers with all that begin so.
//!
//! The protocol is that of Have I Been Pwned's Pwned Passwords. The answer is
//! padded, so that its length does not tell which range was asked for.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode, Url, header::USER_AGENT, redirect::Policy};
use zeroize::Zeroizing;

use crate::{Unavailable, hash};

/// Longest answer that is read: a padded range takes some 60 kB.
const MAX_BYTES: usize = 1 << 20;
const MAX_REDIRECTS: usize = 3;
/// Digits of a hash that the endpoint is told, and those that it is not.
const PREFIX: usize = 5;
const SUFFIX: usize = 35;

/// What an endpoint that does not answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// The password passes.
    Open,
    /// The request fails.
    Closed,
}

/// A client of one range endpoint.
#[derive(Debug)]
pub struct Range {
    http: Client,
    /// Ends with a slash, after which the prefix goes.
    url: Url,
    on_failure: OnFailure,
}

/// Why there can be no such client.
#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    /// The address is none.
    #[error("the range endpoint must be an http or https URL without query and fragment")]
    Url,
    /// TLS cannot be set up.
    #[error("cannot set up the client of the range endpoint: {0}")]
    Client(#[from] reqwest::Error),
}

impl Range {
    /// A client of the endpoint at `url`, to which the first five digits are added.
    ///
    /// `timeout` is for the whole of a look-up. Redirects are followed within the
    /// same origin only. Proxies of the environment are used.
    pub fn new(url: &str, timeout: Duration, on_failure: OnFailure) -> Result<Self, RangeError> {
        let mut url = Url::parse(url).map_err(|_| RangeError::Url)?;
        if !matches!(url.scheme(), "http" | "https")
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(RangeError::Url);
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        // The HTTP client is built without a default for its cryptography. That
        // someone else has installed one already is just as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().timeout(timeout).redirect(within_origin()).build()?;
        Ok(Self { http, url, on_failure })
    }

    /// Whether exactly `password` is in the range that the endpoint answers with.
    pub(crate) async fn contains(&self, password: &str) -> Result<bool, Unavailable> {
        let hash = Zeroizing::new(hex::encode_upper(*hash::of(password)));
        match (self.look_up(&hash).await, self.on_failure) {
            (Ok(found), _) => Ok(found),
            (Err(reason), OnFailure::Open) => {
                tracing::warn!(reason, "a password passed without a look-up among breached ones");
                Ok(false)
            }
            (Err(reason), OnFailure::Closed) => Err(Unavailable { reason }),
        }
    }

    async fn look_up(&self, hash: &str) -> Result<bool, String> {
        let (prefix, suffix) = hash.split_at_checked(PREFIX).unwrap_or_default();
        let url = self.url.join(prefix).map_err(|error| error.to_string())?;
        let request = self.http.get(url).header("Add-Padding", "true");
        let response =
            request.header(USER_AGENT, "rollbook").send().await.map_err(|error| told(&error))?;
        if response.status() != StatusCode::OK {
            return Err(format!("the range endpoint answered {}", response.status().as_u16()));
        }
        let body = body(response).await?;
        is_listed(&body, suffix).ok_or_else(|| "the range endpoint answered nonsense".to_owned())
    }
}

fn within_origin() -> Policy {
    Policy::custom(|attempt| {
        let first = attempt.previous().first();
        let stays = first.is_some_and(|first| first.origin() == attempt.url().origin());
        if stays && attempt.previous().len() <= MAX_REDIRECTS {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}

async fn body(mut response: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| told(&error))? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err("the range endpoint answered at too great a length".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Whether `suffix` is among the lines of `body`; nothing if any line is not one of a range.
///
/// A line with a count of 0 is padding.
fn is_listed(body: &[u8], suffix: &str) -> Option<bool> {
    let mut is_listed = false;
    for line in str::from_utf8(body).ok()?.lines() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let (digits, count) = line.split_once(':')?;
        if digits.len() != SUFFIX || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let count: u64 = count.parse().ok()?;
        is_listed |= count > 0 && digits.eq_ignore_ascii_case(suffix);
    }
    Some(is_listed)
}

/// What went wrong, without the address, whose end is a part of the hash.
fn told(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "did not answer in time"
    } else if error.is_connect() {
        "cannot be reached"
    } else {
        "broke off"
    };
    format!("the range endpoint {what}")
}

#[cfg(test)]
mod tests;
