//! Counts and durations of requests, and gauges of others, as Prometheus text.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use parking_lot::Mutex;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use crate::Refusal;
use crate::latency::Latency;

const OPENMETRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: Arc<str>,
    status: &'static str,
}

/// All metrics of the server.
#[derive(Debug)]
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Latency>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// The request metrics, with nothing counted yet.
    pub fn new() -> Self {
        let requests = Family::default();
        let durations = Family::default();
        let mut registry = Registry::default();
        registry.register(
            "rollbook_http_requests",
            "Requests answered, by route and class of status",
            requests.clone(),
        );
        registry.register(
            "rollbook_http_request_duration_seconds",
            "Time from a request's head to its answer's",
            durations.clone(),
        );
        Self { registry: Mutex::new(registry), requests, durations }
    }

    /// Adds a gauge that is read when somebody looks, such as a queue's depth.
    pub fn gauge(
        &self,
        name: &'static str,
        help: &'static str,
        read: impl Fn() -> i64 + Send + Sync + 'static,
    ) {
        let gauge = Pulled { name, help, read: Box::new(read) };
        self.registry.lock().register_collector(Box::new(gauge));
    }

    /// Adds metrics of other parts of the server.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry.lock());
    }

    /// Handles for one route, to be looked up once and kept.
    pub(crate) fn route(&self, method: &'static str, route: &str) -> RouteMetrics {
        let route: Arc<str> = Arc::from(route);
        let count = |status| {
            let labels = RequestLabels { method, route: Arc::clone(&route), status };
            self.requests.get_or_create_owned(&labels)
        };
        RouteMetrics {
            success: count("2xx"),
            client_error: count("4xx"),
            server_error: count("5xx"),
            duration: self
                .durations
                .get_or_create_owned(&RouteLabels { method, route: Arc::clone(&route) }),
        }
    }

    /// Counts one answer of a route whose handles nobody keeps.
    pub(crate) fn record(
        &self,
        method: &'static str,
        route: &str,
        status: StatusCode,
        duration: Duration,
    ) {
        let route: Arc<str> = Arc::from(route);
        let labels = RequestLabels { method, route: Arc::clone(&route), status: class(status) };
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&RouteLabels { method, route }).observe(duration);
    }

    /// Everything as text, for `GET /metrics`.
    pub fn render(&self) -> Result<Response, Refusal> {
        let mut text = String::new();
        match prometheus_client::encoding::text::encode(&mut text, &self.registry.lock()) {
            Ok(()) => Ok(([(CONTENT_TYPE, OPENMETRICS)], text).into_response()),
            Err(error) => Err(Refusal::internal("render metrics", &error)),
        }
    }
}

/// Handles of one route: recording is a few atomic additions.
#[derive(Debug, Clone)]
pub(crate) struct RouteMetrics {
    success: Counter,
    client_error: Counter,
    server_error: Counter,
    duration: Latency,
}

impl RouteMetrics {
    pub(crate) fn record(&self, status: StatusCode, duration: Duration) {
        let counter = match status.as_u16() {
            400..=499 => &self.client_error,
            500.. => &self.server_error,
            _ => &self.success,
        };
        counter.inc();
        self.duration.observe(duration);
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        300..=399 => "3xx",
        400..=499 => "4xx",
        500.. => "5xx",
        _ => "2xx",
    }
}

struct Pulled {
    name: &'static str,
    help: &'static str,
    read: Box<dyn Fn() -> i64 + Send + Sync>,
}

impl fmt::Debug for Pulled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pulled").field(&self.name).finish()
    }
}

impl Collector for Pulled {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let gauge = ConstGauge::new((self.read)());
        let metric = encoder.encode_descriptor(self.name, self.help, None, gauge.metric_type())?;
        gauge.encode(metric)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn the_text_holds_counts_durations_and_gauges() {
        let metrics = Metrics::new();
        metrics.gauge("rollbook_password_queue_depth", "Passwords waiting", || 3);
        let hot = metrics.route("GET", "/v1/users/{id}");
        hot.record(StatusCode::OK, Duration::from_micros(90));
        hot.record(StatusCode::NOT_FOUND, Duration::from_mins(1));
        metrics.record("POST", "/v1/users", StatusCode::OK, Duration::from_millis(2));
        let response = metrics.render().unwrap();
        assert_eq!(response.headers()[CONTENT_TYPE], OPENMETRICS);
        let text = response.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(text.to_vec()).unwrap();
        for line in [
            r#"rollbook_http_requests_total{method="GET",route="/v1/users/{id}",status="2xx"} 1"#,
            r#"rollbook_http_requests_total{method="GET",route="/v1/users/{id}",status="4xx"} 1"#,
            r#"rollbook_http_requests_total{method="POST",route="/v1/users",status="2xx"} 1"#,
            r#"rollbook_http_request_duration_seconds_bucket{le="0.0001",method="GET",route="/v1/users/{id}"} 1"#,
            r#"rollbook_http_request_duration_seconds_bucket{le="10.0",method="GET",route="/v1/users/{id}"} 1"#,
            r#"rollbook_http_request_duration_seconds_bucket{le="+Inf",method="GET",route="/v1/users/{id}"} 2"#,
            r#"rollbook_http_request_duration_seconds_count{method="GET",route="/v1/users/{id}"} 2"#,
            "rollbook_password_queue_depth 3",
        ] {
            assert!(text.contains(line), "{line}\nis not in\n{text}");
        }
    }
}
