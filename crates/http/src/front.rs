//! What every request passes: limits, version, the hot path or the router, and
//! what every answer gets: its error body, trace id, metrics and log line.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::response::IntoResponse;
use axum::{BoxError, Router};
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::{Either, Full};
use hyper::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONNECTION, HeaderValue};
use hyper::http::request::Parts;
use hyper::service::Service;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::service::TowerToHyperService;
use rollbook_wire::Code;
use tracing::Instrument;

use crate::body::BodyLimits;
use crate::incoming::{Lent, Paced, expects_continue};
use crate::metrics::RouteMetrics;
use crate::origin::origin;
use crate::routes::RouteTemplate;
use crate::trace::{CLERK_TRACE_ID, TraceId, TraceIds};
use crate::version::CLERK_API_VERSION;
use crate::{ApiVersion, HttpSettings, Metrics, Refusal};

/// An answer on its way out: whole from the hot path, or the router's.
pub type Answer = Response<Either<Full<Bytes>, Body>>;

/// The label of requests that matched no route.
const NO_ROUTE: &str = "none";

/// The route that is answered before the router sees the request.
///
/// It passes limits and the version check, gets trace id, metrics and log line
/// like any other, but costs no boxed future, no extension and no layer. Only
/// requests without a body are offered to it.
pub trait HotPath: Send + Sync + 'static {
    /// The method in metrics and logs.
    const METHOD: &'static str;
    /// The route's template in metrics and logs.
    const ROUTE: &'static str;

    /// What `claim` found in the request and `answer` needs.
    type Claim: Send;

    /// Whether the request is this route's; everything else is the router's.
    ///
    /// Only looks: what takes time or may fail belongs into `answer`, whose
    /// panics are caught.
    fn claim(&self, parts: &Parts) -> Option<Self::Claim>;

    /// The answer to a claimed request.
    fn answer(
        &self,
        claim: Self::Claim,
    ) -> impl Future<Output = Result<Response<Full<Bytes>>, Refusal>> + Send;
}

/// No hot path.
impl HotPath for () {
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = NO_ROUTE;

    type Claim = ();

    fn claim(&self, _: &Parts) -> Option<()> {
        None
    }

    async fn answer(&self, (): ()) -> Result<Response<Full<Bytes>>, Refusal> {
        Err(Refusal::not_found())
    }
}

/// The server as a function from request to answer; cheap to clone.
#[derive(Debug)]
pub struct Front<H>(Arc<Inner<H>>);

#[derive(Debug)]
struct Inner<H> {
    hot: H,
    hot_metrics: RouteMetrics,
    router: Router,
    settings: HttpSettings,
    body_limits: Arc<BodyLimits>,
    trace_ids: TraceIds,
    metrics: Arc<Metrics>,
}

impl<H> Clone for Front<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<H: HotPath> Front<H> {
    /// A front for a router from [`complete`](crate::complete).
    pub fn new(
        hot: H,
        router: Router,
        settings: HttpSettings,
        trace_ids: TraceIds,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self(Arc::new(Inner {
            hot,
            hot_metrics: metrics.route(H::METHOD, H::ROUTE),
            router,
            body_limits: Arc::new(BodyLimits::new(&settings)),
            settings,
            trace_ids,
            metrics,
        }))
    }

    /// The limits this front was made with.
    pub fn settings(&self) -> &HttpSettings {
        &self.0.settings
    }

    /// Answers one request, whatever happens to it.
    pub async fn handle<B>(&self, request: Request<B>) -> Answer
    where
        B: hyper::body::Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        let started = Instant::now();
        let inner = &*self.0;
        let trace_id = inner.trace_ids.next();
        let (parts, body) = request.into_parts();
        let is_api = parts.uri.path().starts_with("/v1/");

        let admitted = inner.admit(&parts, is_api);
        if body.is_end_stream()
            && let Ok(version) = admitted
            && let Some(claim) = inner.hot.claim(&parts)
        {
            let span = tracing::debug_span!("http.request", %trace_id, route = H::ROUTE);
            let outcome = caught(inner.hot.answer(claim).instrument(span)).await.flatten();
            let answer = outcome.unwrap_or_else(|refusal| {
                log(&trace_id, H::METHOD, H::ROUTE, &refusal);
                refusal.render(&trace_id)
            });
            inner.hot_metrics.record(answer.status(), started.elapsed());
            return stamped(answer.map(Either::Left), &trace_id, version);
        }

        let method = method_label(&parts.method);
        let span = tracing::info_span!(
            "http.request",
            %trace_id,
            method,
            route = tracing::field::Empty,
            status = tracing::field::Empty,
        );
        // Even an answer in an unknown version has to name one.
        let version = admitted.as_ref().map_or(is_api.then(ApiVersion::default), |known| *known);
        let mut answer = inner.route(parts, body, admitted).instrument(span.clone()).await;
        let template = answer.extensions_mut().remove::<RouteTemplate>();
        let route = template.as_ref().map_or(NO_ROUTE, |template| template.0.as_str());
        let answer = match refusal_of(&mut answer) {
            Some(refusal) => {
                span.in_scope(|| log(&trace_id, method, route, &refusal));
                closing_as(&answer, refusal.render(&trace_id).map(Either::Left))
            }
            None => answer.map(Either::Right),
        };
        span.record("route", route).record("status", answer.status().as_u16());
        inner.metrics.record(method, route, answer.status(), started.elapsed());
        stamped(answer, &trace_id, version)
    }
}

impl<H: HotPath> Inner<H> {
    /// What a request must not exceed, and which version it speaks.
    ///
    /// hyper has bounds of its own, further out, and answers them with an empty
    /// body; these are met first.
    fn admit(&self, parts: &Parts, is_api: bool) -> Result<Option<ApiVersion>, Refusal> {
        let url = parts.uri.path_and_query().map_or(0, |path| path.as_str().len());
        if url > self.settings.max_url_bytes {
            return Err(Refusal::new(Code::BadRequest, "The URL is too long.")
                .with_status(StatusCode::URI_TOO_LONG));
        }
        let bytes: usize =
            parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if parts.headers.len() > self.settings.max_headers || bytes > self.settings.max_header_bytes
        {
            return Err(Refusal::new(Code::BadRequest, "The headers are too large.")
                .with_status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
        }
        if is_api { ApiVersion::of(parts).map(Some) } else { Ok(None) }
    }

    async fn route<B>(
        &self,
        mut parts: Parts,
        body: B,
        admitted: Result<Option<ApiVersion>, Refusal>,
    ) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        let is_coming = !expects_continue(&parts.headers);
        let pace = if is_long(&parts) { Paced::long } else { Paced::new };
        let (body, mut unread) = Lent::new(pace(body, &self.settings));
        let mut answer = match admitted {
            Ok(version) => {
                if let Some(version) = version {
                    parts.extensions.insert(version);
                }
                parts.extensions.insert(Arc::clone(&self.body_limits));
                let origin = origin(&parts);
                let answer = self.call(Request::from_parts(parts, Body::new(body)));
                match origin {
                    Some(origin) => origin.scope(answer).await,
                    None => answer.await,
                }
            }
            Err(refusal) => {
                drop(body);
                refusal.into_response()
            }
        };
        // A client that is still sending when the connection closes may never
        // see the answer.
        if is_coming
            && let Ok(rest) = unread.try_recv()
            && !rest.drain(self.settings.max_drain_bytes).await
        {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }

    async fn call(&self, request: Request<Body>) -> Response<Body> {
        let service = TowerToHyperService::new(self.router.clone());
        match caught(service.call(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(never)) => match never {},
            Err(refusal) => refusal.into_response(),
        }
    }
}

/// Whether the body is an import's, which may take hours.
///
/// Who may send one is proved before any of it is read.
fn is_long(parts: &Parts) -> bool {
    let path = parts.uri.path();
    path.starts_with("/admin/") && path.ends_with("/imports")
}

/// Awaits a handler; a panic in it is an internal error.
pub(crate) async fn caught<T>(handler: impl Future<Output = T>) -> Result<T, Refusal> {
    // What a panicking handler shared is behind locks that do not poison, and
    // a transaction it left is rolled back.
    AssertUnwindSafe(handler).catch_unwind().await.map_err(|panic| {
        // The payload is not logged: it may quote data. The panic hook already
        // said where it happened.
        drop(panic);
        Refusal::internal_because("a handler panicked")
    })
}

/// The refusal behind an answer, if it is one.
fn refusal_of(answer: &mut Response<Body>) -> Option<Refusal> {
    let refusal = answer.extensions_mut().remove::<Refusal>();
    let status = answer.status();
    let is_error = status.is_client_error() || status.is_server_error();
    refusal.or_else(|| is_error.then(|| Refusal::from_status(status)))
}

/// `answer`, which closes the connection if `model` would have.
fn closing_as(model: &Response<Body>, mut answer: Answer) -> Answer {
    if let Some(connection) = model.headers().get(CONNECTION) {
        answer.headers_mut().insert(CONNECTION, connection.clone());
    }
    answer
}

fn stamped(mut answer: Answer, trace_id: &TraceId, version: Option<ApiVersion>) -> Answer {
    let headers = answer.headers_mut();
    headers.insert(CLERK_TRACE_ID, trace_id.header());
    if let Some(version) = version {
        headers.insert(CLERK_API_VERSION, version.header());
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    answer
}

/// One line per failed request, without query, identifiers, tokens or bodies.
fn log(trace_id: &TraceId, method: &str, route: &str, refusal: &Refusal) {
    let code = refusal.code().as_str();
    let status = refusal.status().as_u16();
    if status >= 500 {
        let cause = refusal.cause().unwrap_or_default();
        tracing::error!(%trace_id, method, route, status, code, cause, "request failed");
    } else {
        tracing::info!(%trace_id, method, route, status, code, "request refused");
    }
}

/// A client may send any word as a method; a label may not be any word.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use http_body_util::BodyExt;
    use serde_json::Value;

    use super::*;
    use crate::complete;

    fn front() -> Front<()> {
        let routes = Router::new()
            .route("/v1/users/{id}", post(|| async { StatusCode::NOT_FOUND }))
            .route("/v1/foreign", get(|| async { (StatusCode::IM_A_TEAPOT, "tea") }))
            .route("/v1/panic", get(|| async { panic!("a panic in a handler") as &str }));
        let metrics = Arc::new(Metrics::new());
        Front::new((), complete(routes), HttpSettings::default(), TraceIds::new(1), metrics)
    }

    async fn ask(front: &Front<()>, request: Request<Full<Bytes>>) -> (u16, Value) {
        let answer = front.handle(request).await;
        let status = answer.status().as_u16();
        let trace_id = answer.headers()[CLERK_TRACE_ID].clone();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["clerk_trace_id"], trace_id.to_str().unwrap());
        (status, body["errors"][0]["code"].clone())
    }

    fn fetch(uri: &str) -> Request<Full<Bytes>> {
        Request::get(uri).body(Full::default()).unwrap()
    }

    #[tokio::test]
    async fn an_error_that_is_not_ours_is_put_into_our_shape() {
        let (status, code) = ask(&front(), fetch("/v1/foreign")).await;
        assert_eq!((status, code), (418, "bad_request".into()));
    }

    #[tokio::test]
    async fn every_answer_is_counted_under_its_route() {
        let front = front();
        for uri in ["/v1/panic", "/v1/panic", "/v1/nothing/user_1"] {
            ask(&front, fetch(uri)).await;
        }
        let gone = Request::post("/v1/users/user_1").body(Full::default()).unwrap();
        ask(&front, gone).await;
        let text = front.0.metrics.render().unwrap().into_body().collect().await.unwrap();
        let text = String::from_utf8(text.to_bytes().to_vec()).unwrap();
        for (method, route, status, count) in [
            ("GET", "/v1/panic", "5xx", 2),
            ("GET", "none", "4xx", 1),
            ("POST", "/v1/users/{id}", "4xx", 1),
        ] {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            let line = format!("rollbook_http_requests_total{{{labels}}} {count}\n");
            assert!(text.contains(&line), "{line} is not in {text}");
        }
        assert!(!text.contains("user_1"));
    }
}
