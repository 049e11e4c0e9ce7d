//! A success: status 200 and a JSON body.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

use crate::Refusal;

/// Exactly this, without a charset: `@clerk/backend` compares it as a string.
pub(crate) const APPLICATION_JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Rendered JSON, answered with status 200.
#[derive(Debug, Clone)]
pub struct Json(pub Bytes);

impl Json {
    /// `value` rendered.
    pub fn of(value: &impl Serialize) -> Result<Self, Refusal> {
        match serde_json::to_vec(value) {
            Ok(body) => Ok(Self(Bytes::from(body))),
            Err(error) => Err(Refusal::internal("render the answer", &error)),
        }
    }

    /// The answer without any boxing, for a [`HotPath`](crate::HotPath).
    pub fn into_answer(self) -> hyper::Response<Full<Bytes>> {
        let mut response = hyper::Response::new(Full::new(self.0));
        response.headers_mut().insert(CONTENT_TYPE, APPLICATION_JSON);
        response
    }
}

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        self.into_answer().map(axum::body::Body::new)
    }
}

#[cfg(test)]
mod tests {
    use hyper::body::Body as _;

    use super::*;

    #[test]
    fn the_content_type_has_no_charset_and_the_length_is_known() {
        let response = Json::of(&[1, 2]).unwrap().into_response();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(response.body().size_hint().exact(), Some(5));
    }
}
