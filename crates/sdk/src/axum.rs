//! Extractors of who is signed in; the router needs [`AuthenticateLayer`](crate::tower::AuthenticateLayer).
//!
//! ```no_run
//! use rollbook_sdk::axum::SignedIn;
//!
//! async fn greet(SignedIn(claims): SignedIn) -> String {
//!     format!("Hello, {}", claims.user_id)
//! }
//!
//! async fn perhaps(user: Option<SignedIn>) -> &'static str {
//!     if user.is_some() { "Hello again" } else { "Hello" }
//! }
//! ```

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use http::{StatusCode, header};

use crate::tower::Authentication;
use crate::{AuthenticateError, SessionClaims};

/// The user who is signed in; whoever is not gets a 401.
///
/// As `Option<SignedIn>` it lets everyone pass; only keys that could not be fetched are refused,
/// with a 503.
#[derive(Debug, Clone)]
pub struct SignedIn(pub SessionClaims);

/// Why a request was refused before it was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// 401: there is no token, or it is not believed.
    SignedOut {
        /// Why, in the word that the other SDKs have for it.
        reason: &'static str,
    },
    /// 503: the keys could not be fetched.
    NoKeys,
    /// 500: the router lacks the layer.
    NoLayer,
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let (status, code, message) = match self {
            Self::SignedOut { reason } => {
                (StatusCode::UNAUTHORIZED, reason, "Nobody is signed in.")
            }
            Self::NoKeys => {
                let message = "Session tokens cannot be verified now.";
                (StatusCode::SERVICE_UNAVAILABLE, "jwk-failed-to-load", message)
            }
            Self::NoLayer => {
                let message = "The server does not verify session tokens.";
                (StatusCode::INTERNAL_SERVER_ERROR, "unexpected-error", message)
            }
        };
        let body = serde_json::json!({ "errors": [{ "code": code, "message": message }] });
        (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    }
}

fn found(parts: &Parts) -> Result<SignedIn, Rejection> {
    let found = parts.extensions.get::<Authentication>().ok_or(Rejection::NoLayer)?;
    match found.claims() {
        Ok(claims) => Ok(SignedIn(claims.clone())),
        Err(AuthenticateError::Token(error)) => {
            Err(Rejection::SignedOut { reason: error.reason() })
        }
        Err(AuthenticateError::Missing) => {
            Err(Rejection::SignedOut { reason: "session-token-missing" })
        }
        Err(AuthenticateError::Keys(_)) => Err(Rejection::NoKeys),
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        found(parts)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for SignedIn {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        match found(parts) {
            Ok(user) => Ok(Some(user)),
            Err(Rejection::SignedOut { .. }) => Ok(None),
            Err(refused) => Err(refused),
        }
    }
}
