//! The one place that turns what went wrong into an answer.

use std::error::Error;
use std::fmt::Write as _;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use rollbook_domain::Problem;
use rollbook_wire::{Code, ErrorBody, ErrorItem, Id};

use crate::json::APPLICATION_JSON;
use crate::trace::TraceId;

/// Problems beyond this many are not sent: a body of nothing but unknown keys
/// would otherwise be answered with many times its size.
const MAX_PROBLEMS: usize = 100;

/// A request that is not granted, and why.
///
/// A handler returns it as its error. It carries no body yet: the body holds
/// the request's trace id, which [`Front`](crate::Front) adds.
#[derive(Debug, Clone)]
pub struct Refusal(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    problems: Vec<Problem>,
    status: Option<StatusCode>,
    retry_after: Option<u32>,
    cause: Option<String>,
}

impl Refusal {
    /// One problem with the request as a whole.
    pub fn new(code: Code, long_message: impl Into<String>) -> Self {
        Self::from(Problem::new(code, long_message))
    }

    /// `Ok` when there are no problems, for use after a form or query is read.
    pub fn unless_empty(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self::from(problems)) }
    }

    /// There is nothing at this address.
    pub fn not_found() -> Self {
        Self::new(Code::ResourceNotFound, "The requested resource was not found.")
    }

    /// There is no resource with this id.
    pub fn no_such(what: &str, id: &Id) -> Self {
        Self::new(Code::ResourceNotFound, format!("No {what} was found with id {id}."))
    }

    /// Ours to fix: the caller learns nothing, the log gets the error's chain.
    ///
    /// `doing` completes "failed to". The error must not quote data of users.
    pub fn internal(doing: &str, error: &(dyn Error + 'static)) -> Self {
        let mut cause = format!("failed to {doing}: {error}");
        let mut next = error.source();
        while let Some(source) = next {
            // Writing to a string cannot fail.
            let _ = write!(cause, ": {source}");
            next = source.source();
        }
        Self::internal_because(cause)
    }

    /// Ours to fix, with `cause` for the log alone.
    pub fn internal_because(cause: impl Into<String>) -> Self {
        let long_message = "Something went wrong on our side. Please try again later.";
        let mut refusal = Self::new(Code::InternalClerkError, long_message);
        refusal.0.cause = Some(cause.into());
        refusal
    }

    /// With another status than the usual one of its first code.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// With the seconds after which the same request may be granted.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// At least one.
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// The code that clients see first.
    pub fn code(&self) -> Code {
        self.0.problems.first().map_or(Code::InternalClerkError, |problem| problem.code)
    }

    /// The status of the answer: that of the first code unless overridden.
    pub fn status(&self) -> StatusCode {
        let usual = || StatusCode::from_u16(self.code().status()).ok();
        self.0.status.or_else(usual).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What only the log may say.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The answer as it goes out.
    pub(crate) fn render(&self, trace_id: &TraceId) -> hyper::Response<Full<Bytes>> {
        let body = ErrorBody {
            errors: self.0.problems.iter().take(MAX_PROBLEMS).map(item).collect(),
            clerk_trace_id: Some(trace_id.as_str().to_owned()),
        };
        // Strings and JSON values always serialise.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = hyper::Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = self.status();
        response.headers_mut().insert(CONTENT_TYPE, APPLICATION_JSON);
        if let Some(seconds) = self.0.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// What a bare error status means when something that is not ours made it.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Self::not_found(),
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(Code::RequestBodyTooLarge, "The request body is too large.")
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::new(Code::UnsupportedContentType, "The content type is not supported.")
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                Self::new(Code::ServiceUnavailable, "The service is temporarily unavailable.")
            }
            status if status.is_server_error() => Self::internal_because("a bare error status"),
            status => Self::new(Code::BadRequest, "The request is invalid.").with_status(status),
        }
    }
}

fn item(problem: &Problem) -> ErrorItem {
    ErrorItem {
        message: problem.code.message().to_owned(),
        long_message: problem.long_message.clone(),
        code: problem.code.as_str().to_owned(),
        meta: (!problem.meta.is_empty()).then(|| problem.meta.clone()),
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Inner {
            problems: vec![problem],
            status: None,
            retry_after: None,
            cause: None,
        }))
    }
}

impl From<Vec<Problem>> for Refusal {
    fn from(problems: Vec<Problem>) -> Self {
        if problems.is_empty() {
            return Self::internal_because("a refusal without a problem");
        }
        Self(Box::new(Inner { problems, status: None, retry_after: None, cause: None }))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use serde_json::{Value, json};

    use super::*;
    use crate::trace::TraceIds;

    async fn rendered(refusal: Refusal) -> (StatusCode, Value) {
        let response = refusal.render(&TraceIds::new(1).next());
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let mut body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["clerk_trace_id"].take().as_str().unwrap().len(), 32);
        (status, body)
    }

    #[tokio::test]
    async fn the_first_code_gives_the_status_and_empty_meta_is_absent() {
        let refusal = Refusal::from(vec![
            Problem::param(Code::FormParamUnknown, "x", "x is not a valid parameter."),
            Problem::new(Code::ResourceNotFound, "Gone."),
        ]);
        let (status, body) = rendered(refusal).await;
        assert_eq!(status, 422);
        assert_eq!(
            body,
            json!({
                "errors": [
                    {
                        "message": "is unknown",
                        "long_message": "x is not a valid parameter.",
                        "code": "form_param_unknown",
                        "meta": { "param_name": "x" },
                    },
                    {
                        "message": "not found",
                        "long_message": "Gone.",
                        "code": "resource_not_found",
                    },
                ],
                "clerk_trace_id": null,
            })
        );
    }

    #[tokio::test]
    async fn a_status_can_be_overridden_and_waiting_advised() {
        let refusal = Refusal::new(Code::FormParamMissing, "file must be included.")
            .with_status(StatusCode::BAD_REQUEST)
            .with_retry_after(7);
        let response = refusal.render(&TraceIds::new(1).next());
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()[RETRY_AFTER], "7");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    }

    #[tokio::test]
    async fn an_internal_error_tells_the_caller_nothing() {
        let error = "12x".parse::<u8>().unwrap_err();
        let refusal = Refusal::internal("read the row", &error);
        assert_eq!(refusal.cause(), Some("failed to read the row: invalid digit found in string"));
        let (status, body) = rendered(refusal).await;
        assert_eq!(status, 500);
        assert!(!body.to_string().contains("digit"));
    }

    #[tokio::test]
    async fn a_refusal_is_never_empty_nor_endless() {
        assert_eq!(Refusal::from(Vec::new()).status(), 500);
        let problem = Problem::new(Code::FormParamUnknown, "x");
        let (_, body) = rendered(Refusal::from(vec![problem; 10_000])).await;
        assert_eq!(body["errors"].as_array().unwrap().len(), MAX_PROBLEMS);
    }
}
