//! A layer that looks at the session token of each request and notes what it says.
//!
//! ```no_run
//! # fn example() -> rollbook_sdk::Result<()> {
//! use rollbook_sdk::tower::AuthenticateLayer;
//! use rollbook_sdk::{Clerk, SessionVerifier, VerifyOptions};
//!
//! let options = VerifyOptions {
//!     authorized_parties: vec!["https://app.example.com".to_owned()],
//!     ..VerifyOptions::default()
//! };
//! let verifier = SessionVerifier::new(&Clerk::from_env()?).options(options);
//! let layer = AuthenticateLayer::new(verifier);
//! # Ok(())
//! # }
//! ```

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, Request};
use tower_layer::Layer;
use tower_service::Service;

use crate::{AuthenticateError, SessionClaims, SessionVerifier};

/// The cookie that Clerk's browser code keeps the token in.
const SESSION: &str = "__session";

/// What a request proves; the layer puts it into the request's extensions.
///
/// The layer refuses nobody: whoever answers decides what needs a user.
#[derive(Debug, Clone)]
pub struct Authentication(Arc<Result<SessionClaims, AuthenticateError>>);

impl Authentication {
    /// What the token says, or why there is nothing to believe.
    pub fn claims(&self) -> Result<&SessionClaims, &AuthenticateError> {
        self.0.as_ref().as_ref()
    }
}

/// Verifies the session token of each request.
#[derive(Debug, Clone)]
pub struct AuthenticateLayer {
    verifier: SessionVerifier,
}

impl AuthenticateLayer {
    /// With a verifier; its keys are shared by all services.
    pub fn new(verifier: SessionVerifier) -> Self {
        Self { verifier }
    }
}

impl<S> Layer<S> for AuthenticateLayer {
    type Service = Authenticate<S>;

    fn layer(&self, inner: S) -> Authenticate<S> {
        Authenticate { verifier: self.verifier.clone(), inner }
    }
}

/// A service behind [`AuthenticateLayer`].
#[derive(Debug, Clone)]
pub struct Authenticate<S> {
    verifier: SessionVerifier,
    inner: S,
}

impl<S, B> Service<Request<B>> for Authenticate<S>
where
    S: Service<Request<B>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The one that is ready goes; its clone must be asked anew.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let verifier = self.verifier.clone();
        Box::pin(async move {
            let token = session_token(request.headers());
            let found = match token {
                Some(token) => verifier.verify(&token).await,
                None => Err(AuthenticateError::Missing),
            };
            request.extensions_mut().insert(Authentication(Arc::new(found)));
            inner.call(request).await
        })
    }
}

/// The token of a request: `Authorization: Bearer`, else the cookie `__session`.
///
/// An instance's own cookie, `__session_…`, counts where there is no other.
pub fn session_token(headers: &HeaderMap) -> Option<String> {
    if let Some(header) = headers.get(AUTHORIZATION) {
        let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim().to_owned());
    }
    let cookies: Vec<(&str, &str)> = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let exact = cookies.iter().find(|(name, _)| *name == SESSION);
    let own = || cookies.iter().find(|(name, _)| name.starts_with("__session_"));
    exact.or_else(own).map(|(_, value)| (*value).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(headers: &[(http::HeaderName, &str)]) -> Option<String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value.parse().unwrap());
        }
        session_token(&map)
    }

    #[test]
    fn the_header_counts_before_the_cookie() {
        for (headers, expected) in [
            (&[(AUTHORIZATION, "Bearer a.b.c"), (COOKIE, "__session=d")][..], Some("a.b.c")),
            (&[(AUTHORIZATION, "bearer  a.b.c ")], Some("a.b.c")),
            (&[(AUTHORIZATION, "Basic YTpi"), (COOKIE, "__session=d")], None),
            (&[(COOKIE, "x=1; __session=d; y=2")], Some("d")),
            (&[(COOKIE, "__session_aB1=e; __session=d")], Some("d")),
            (&[(COOKIE, "__session_aB1=e")], Some("e")),
            (&[(COOKIE, "x=1"), (COOKIE, "__session=d")], Some("d")),
            (&[(COOKIE, "__session=; __sessionx=1")], None),
            (&[], None),
        ] {
            assert_eq!(token(headers).as_deref(), expected, "{headers:?}");
        }
    }
}
