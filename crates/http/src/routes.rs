//! What every router of ours has: our fallbacks, labels, caught panics, ids.

use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, Path, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use hyper::http::request::Parts;
use rollbook_wire::Id;

use crate::Refusal;
use crate::front::caught;

/// The template of the route that made an answer, for metrics and the log.
#[derive(Debug, Clone)]
pub(crate) struct RouteTemplate(pub(crate) MatchedPath);

/// Completes a router: unknown paths, wrong methods and trailing slashes are
/// 404 in our shape, panics 500.
///
/// Add every route before; a route added later has no label.
pub fn complete<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes.route_layer(from_fn(label)).fallback(not_found).method_not_allowed_fallback(not_found)
}

async fn not_found() -> Refusal {
    Refusal::not_found()
}

async fn label(matched: MatchedPath, request: Request, next: Next) -> Response {
    let mut response = caught(next.run(request)).await.unwrap_or_else(IntoResponse::into_response);
    response.extensions_mut().insert(RouteTemplate(matched));
    response
}

/// The ids in a route's path, in order, percent-decoded.
///
/// Text that can be no id is one that no resource has: 404.
#[derive(Debug, Clone)]
pub struct PathIds<const N: usize>(pub [Id; N]);

impl<const N: usize, S: Send + Sync> FromRequestParts<S> for PathIds<N> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Ok(Path(pairs)) = Path::<Vec<(String, String)>>::from_request_parts(parts, state).await
        else {
            return Err(Refusal::not_found());
        };
        let ids: Result<Vec<Id>, _> = pairs.iter().map(|(_, text)| text.parse()).collect();
        let ids = ids.map_err(|_| Refusal::not_found())?;
        let ids = ids.try_into().map_err(|ids: Vec<Id>| {
            Refusal::internal_because(format!("the route has {} ids, not {N}", ids.len()))
        })?;
        Ok(Self(ids))
    }
}
