//! Reading a JSON body whole, within its limits.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::Body as _;
use hyper::header::CONTENT_TYPE;
use rollbook_wire::Code;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::incoming::timed_out;
use crate::{HttpSettings, Refusal};

/// What extractors may read, put into every request by [`Front`](crate::Front).
#[derive(Debug, Clone)]
pub(crate) struct BodyLimits {
    pub(crate) max_body_bytes: usize,
    pub(crate) max_upload_bytes: usize,
    pub(crate) uploads: Arc<Semaphore>,
}

impl BodyLimits {
    pub(crate) fn new(settings: &HttpSettings) -> Self {
        Self {
            max_body_bytes: settings.max_body_bytes,
            max_upload_bytes: settings.max_upload_bytes,
            uploads: Arc::new(Semaphore::new(settings.max_uploads)),
        }
    }

    /// The limits of a request; the defaults for one that passed no front.
    pub(crate) fn of(request: &Request) -> Arc<Self> {
        let limits = request.extensions().get::<Arc<Self>>();
        limits.map_or_else(|| Arc::new(Self::new(&HttpSettings::default())), Arc::clone)
    }
}

/// The body of a request to a JSON endpoint, empty if there is none.
///
/// Official clients send no body without a content type, an empty body as
/// `application/json`, and the body `null`; any other type needs an empty body.
/// The bytes are wiped when dropped, since they may hold a password.
pub(crate) async fn read_json(request: Request) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let limit = BodyLimits::of(&request).max_body_bytes;
    let is_json = is_json(request.headers());
    let body = read(request.into_body(), limit).await?;
    if body.is_empty() || is_json {
        return Ok(body);
    }
    Err(Refusal::new(Code::UnsupportedContentType, "The content type must be application/json."))
}

async fn read(mut body: Body, limit: usize) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let declared = body.size_hint().lower();
    if declared > limit as u64 {
        return Err(too_large(limit));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(declared).unwrap_or(0)));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| broken(&error))?;
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > limit - bytes.len() {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// `application/json`, with no charset or that of JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json")
        && parts.filter(|part| !part.is_empty()).all(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim().trim_matches('"');
            !name.trim().eq_ignore_ascii_case("charset")
                || value.eq_ignore_ascii_case("utf-8")
                || value.eq_ignore_ascii_case("utf8")
        })
}

fn too_large(limit: usize) -> Refusal {
    let message = format!("The request body must not be larger than {limit} bytes.");
    Refusal::new(Code::RequestBodyTooLarge, message)
}

/// What a body that could not be read to its end is answered with.
pub(crate) fn broken(error: &(dyn std::error::Error + 'static)) -> Refusal {
    if timed_out(error) {
        return Refusal::new(Code::RequestTimeout, "The request body came too slowly.");
    }
    Refusal::new(Code::RequestBodyInvalid, "The request body broke off before its end.")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_as(content_type: Option<&str>, body: &'static str) -> Result<String, Code> {
        let mut request = hyper::Request::builder().uri("/");
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        match read_json(request.body(Body::from(body)).unwrap()).await {
            Ok(body) => Ok(String::from_utf8(body.to_vec()).unwrap()),
            Err(refusal) => Err(refusal.code()),
        }
    }

    #[tokio::test]
    async fn what_official_clients_send_is_read() {
        assert_eq!(read_as(None, "").await.unwrap(), "");
        for content_type in [
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON;charset=\"UTF-8\"",
        ] {
            assert_eq!(read_as(Some(content_type), "").await.unwrap(), "");
            assert_eq!(read_as(Some(content_type), "null").await.unwrap(), "null");
            assert_eq!(read_as(Some(content_type), "{}").await.unwrap(), "{}");
        }
        assert_eq!(read_as(Some("text/plain"), "").await.unwrap(), "");
    }

    #[tokio::test]
    async fn another_content_type_with_a_body_is_unsupported() {
        for content_type in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("application/json; charset=latin1"),
            Some("application/jsonp"),
        ] {
            assert_eq!(read_as(content_type, "{}").await, Err(Code::UnsupportedContentType));
        }
    }

    #[tokio::test]
    async fn a_body_at_the_limit_is_read_and_one_byte_more_refused() {
        assert!(read(Body::from("abc"), 3).await.is_ok());
        let refusal = read(Body::from("abcd"), 3).await.unwrap_err();
        assert_eq!((refusal.code(), refusal.status().as_u16()), (Code::RequestBodyTooLarge, 413));
    }

    #[tokio::test]
    async fn a_body_of_unknown_length_is_refused_once_it_passes_the_limit() {
        let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>("ab"));
        let refusal = read(Body::from_stream(chunks), 3).await.unwrap_err();
        assert_eq!(refusal.code(), Code::RequestBodyTooLarge);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_invalid() {
        let chunks = futures_util::stream::iter([Ok("{"), Err(std::io::Error::other("reset"))]);
        let refusal = read(Body::from_stream(chunks), 30).await.unwrap_err();
        assert_eq!(refusal.code(), Code::RequestBodyInvalid);
    }
}
