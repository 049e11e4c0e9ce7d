//! One call over the wire: attempts, waits, and what came back.

use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use reqwest::multipart::{Form, Part};
use tracing::Instrument;
use url::Url;

use crate::client::API_VERSION;
use crate::params::Encoded;
use crate::request::{CallOptions, Target};
use crate::retry::{Attempt, Failure, chance};
use crate::{Clerk, Error, Result};

const AGENT: &str = concat!("rollbook-sdk/", env!("CARGO_PKG_VERSION"));

/// A body larger than this is no answer of this API.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// An answer that is a success.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// An attempt that was none.
struct Miss {
    error: Error,
    failure: Failure,
    retry_after: Option<Duration>,
}

impl Clerk {
    pub(crate) async fn call(
        &self,
        target: &Target,
        params: Encoded,
        options: &CallOptions,
    ) -> Result<Answer> {
        let span = tracing::info_span!(
            "clerk",
            operation = target.operation,
            method = target.method.as_str(),
            status = tracing::field::Empty,
            attempts = tracing::field::Empty,
        );
        self.attempts(target, &params, options).instrument(span).await
    }

    async fn attempts(
        &self,
        target: &Target,
        params: &Encoded,
        options: &CallOptions,
    ) -> Result<Answer> {
        let retries = options.retries.as_ref().unwrap_or(&self.inner.retries);
        let timeout = options.timeout.unwrap_or(self.inner.timeout);
        let url = self.url(&target.path)?;
        let start = Instant::now();
        let mut number = 0;
        loop {
            let tried = self.attempt(target, url.clone(), params, timeout).await;
            let span = tracing::Span::current();
            span.record("attempts", number + 1);
            let miss = match tried {
                Ok(answer) => {
                    span.record("status", answer.status);
                    return Ok(answer);
                }
                Err(miss) => miss,
            };
            if let Some(status) = miss.error.status() {
                span.record("status", status);
            }
            let attempt = Attempt {
                method: &target.method,
                number,
                elapsed: start.elapsed(),
                failure: miss.failure,
                retry_after: miss.retry_after,
            };
            let Some(wait) = retries.wait(&attempt, chance()) else { return Err(miss.error) };
            tracing::debug!(error = %miss.error, wait_ms = wait.as_millis(), "trying again");
            tokio::time::sleep(wait).await;
            number += 1;
        }
    }

    async fn attempt(
        &self,
        target: &Target,
        url: Url,
        params: &Encoded,
        timeout: Duration,
    ) -> std::result::Result<Answer, Miss> {
        let request = self.inner.http.request(target.method.clone(), url);
        let request = request
            .timeout(timeout)
            .header(AUTHORIZATION, self.authorization().map_err(unsent)?)
            .header(USER_AGENT, AGENT)
            .header("Clerk-API-Version", API_VERSION);
        let request = match params {
            Encoded::Nothing => request,
            Encoded::Query(pairs) => request.query(pairs),
            Encoded::Json(body) => {
                request.header(CONTENT_TYPE, "application/json").body(body.clone())
            }
            Encoded::Upload { file, fields } => {
                let part = Part::bytes(file.clone()).file_name("image");
                let form = Form::new().part("file", part);
                let with = |form: Form, (name, value): &(&'static str, String)| {
                    form.text(*name, value.clone())
                };
                request.multipart(fields.iter().fold(form, with))
            }
        };
        let mut response = request.send().await.map_err(|error| {
            let failure = if error.is_connect() { Failure::NotSent } else { Failure::Lost };
            Miss { error: error.into(), failure, retry_after: None }
        })?;
        let status = response.status();
        let trace_id = text(response.headers(), "clerk-trace-id");
        let retry_after = retry_after(response.headers());
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= MOST_BYTES => body.extend(chunk),
                Ok(Some(_)) => return Err(unsent(Error::config("the answer is too large"))),
                Ok(None) => break,
                // A refusal whose body was lost is a refusal all the same.
                Err(_) if !status.is_success() => break,
                Err(error) => {
                    let failure = Failure::Lost;
                    return Err(Miss { error: error.into(), failure, retry_after: None });
                }
            }
        }
        if status.is_success() {
            return Ok(Answer { status: status.as_u16(), body });
        }
        Err(Miss {
            error: Error::refused(status.as_u16(), &body, trace_id, retry_after),
            failure: Failure::Status(status),
            retry_after,
        })
    }

    fn authorization(&self) -> Result<HeaderValue> {
        let secret = self.inner.auth.secret();
        let mut value = HeaderValue::try_from(format!("Bearer {}", secret.expose()))
            .map_err(|_| Error::config("the secret key cannot be sent in a header"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Ids are whatever the caller has: each is one segment, whatever is in it.
    fn url(&self, path: &[String]) -> Result<Url> {
        if path.iter().any(|part| matches!(part.as_str(), "" | "." | "..")) {
            return Err(Error::config("an id is empty, or no id"));
        }
        let encoded: Vec<String> = path.iter().map(|part| segment(part)).collect();
        let joined = self.inner.base.join(&encoded.join("/"));
        joined.map_err(|error| Error::config(format!("no URL can be made: {error}")))
    }
}

fn segment(part: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.').remove(b'~');
    utf8_percent_encode(part, KEPT).to_string()
}

/// Nothing was sent, and nothing would be by trying again.
fn unsent(error: Error) -> Miss {
    Miss { error, failure: Failure::Status(reqwest::StatusCode::BAD_REQUEST), retry_after: None }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Whole seconds (RFC 9110, 10.2.3); the other form, a date, is not used by this API.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_segment_whatever_is_in_it() {
        let clerk = Clerk::builder().bearer_auth("sk").server_url("http://a:1").build().unwrap();
        let url = |id: &str| clerk.url(&["users".to_owned(), id.to_owned()]);
        assert_eq!(url("a/../b?c#d").unwrap().as_str(), "http://a:1/v1/users/a%2F..%2Fb%3Fc%23d");
        for id in ["", ".", ".."] {
            assert!(matches!(url(id), Err(Error::Config { .. })), "{id:?}");
        }
    }
}
