//! The one file of a `multipart/form-data` body.

use std::error::Error;

use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::Body as _;
use hyper::header::CONTENT_TYPE;
use multer::{Constraints, Multipart, SizeLimit};
use rollbook_domain::Problem;
use rollbook_wire::Code;
use tokio::sync::OwnedSemaphorePermit;

use crate::Refusal;
use crate::body::{BodyLimits, broken};

/// The name of the part that holds the file.
const PART: &str = "file";
/// What boundaries, headers and other parts may add to the file's own size.
const SLACK: usize = 64 << 10;

/// An uploaded file, whole. Its declared type and name are not kept: what it is
/// shows in its bytes alone.
#[derive(Debug)]
pub struct Upload {
    /// The file's contents.
    pub bytes: Bytes,
    /// Bounds how many uploads are in memory; held as long as the file is.
    _permit: Option<OwnedSemaphorePermit>,
}

impl<S: Sync> FromRequest<S> for Upload {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let limits = BodyLimits::of(&request);
        let limit = limits.max_upload_bytes;
        let content_type =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let Some(Ok(boundary)) = content_type.map(multer::parse_boundary) else {
            let is_multipart =
                content_type.is_some_and(|value| value.starts_with("multipart/form-data"));
            return Err(without_boundary(request, is_multipart).await);
        };
        let body = request.into_body();
        if body.size_hint().lower() > (limit + SLACK) as u64 {
            return Err(too_large(limit));
        }
        // Fails only if the semaphore is closed, which nobody does.
        let permit = limits.uploads.clone().acquire_owned().await.ok();
        let sizes = SizeLimit::new().whole_stream((limit + SLACK) as u64);
        let constraints = Constraints::new().size_limit(sizes);
        let stream = body.into_data_stream();
        let multipart = Multipart::with_constraints(stream, boundary, constraints);
        let bytes = file(multipart, limit).await?.ok_or_else(missing)?;
        Ok(Self { bytes, _permit: permit })
    }
}

/// The first part named `file`, after reading the body to its end.
async fn file(mut multipart: Multipart<'_>, limit: usize) -> Result<Option<Bytes>, Refusal> {
    let mut file = None;
    while let Some(mut part) =
        multipart.next_field().await.map_err(|error| invalid(&error, limit))?
    {
        if part.name() != Some(PART) || file.is_some() {
            continue;
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = part.chunk().await.map_err(|error| invalid(&error, limit))? {
            if chunk.len() > limit - bytes.len() {
                return Err(too_large(limit));
            }
            bytes.extend_from_slice(&chunk);
        }
        file = Some(bytes.freeze());
    }
    Ok(file)
}

/// The Python client sends neither body nor content type for a missing file.
async fn without_boundary(request: Request, is_multipart: bool) -> Refusal {
    let mut body = request.into_body();
    let is_empty = loop {
        match body.frame().await {
            None => break true,
            Some(Ok(frame)) if frame.data_ref().is_none_or(Bytes::is_empty) => {}
            Some(Ok(_)) => break false,
            Some(Err(error)) => return broken(&error),
        }
    };
    if is_empty {
        return missing();
    }
    if is_multipart {
        return Refusal::new(Code::RequestBodyInvalid, "The multipart body has no boundary.");
    }
    Refusal::new(Code::UnsupportedContentType, "The content type must be multipart/form-data.")
}

fn missing() -> Refusal {
    // The usual status of the code is 422; for a missing image it is 400.
    let problem = Problem::param(Code::FormParamMissing, PART, "file must be included.");
    Refusal::from(problem).with_status(StatusCode::BAD_REQUEST)
}

fn too_large(limit: usize) -> Refusal {
    let message = format!("The image must not be larger than {limit} bytes.");
    Refusal::new(Code::ImageTooLarge, message)
}

fn invalid(error: &multer::Error, limit: usize) -> Refusal {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            too_large(limit)
        }
        multer::Error::StreamReadFailed(error) => {
            let error: &(dyn Error + 'static) = error.as_ref();
            broken(error)
        }
        _ => Refusal::new(Code::RequestBodyInvalid, "The multipart body is malformed."),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::Body;

    use super::*;
    use crate::HttpSettings;

    const MULTIPART: Option<&str> = Some("multipart/form-data; boundary=XX");

    async fn upload(content_type: Option<&str>, body: impl Into<Body>) -> Result<Bytes, Refusal> {
        let settings = HttpSettings { max_upload_bytes: 100, ..HttpSettings::default() };
        let mut request = hyper::Request::builder().uri("/");
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let mut request = request.body(body.into()).unwrap();
        request.extensions_mut().insert(Arc::new(BodyLimits::new(&settings)));
        Upload::from_request(request, &()).await.map(|upload| upload.bytes)
    }

    async fn refused(content_type: Option<&str>, body: impl Into<Body>) -> (u16, Code) {
        let refusal = upload(content_type, body).await.unwrap_err();
        (refusal.status().as_u16(), refusal.code())
    }

    fn part(name: &str, content: &str) -> String {
        format!(
            "--XX\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n{content}\r\n"
        )
    }

    #[tokio::test]
    async fn the_part_named_file_is_read_among_others() {
        let body = format!("{}{}{}--XX--\r\n", part("a", "1"), part("file", "2"), part("b", "3"));
        assert_eq!(upload(MULTIPART, body).await.unwrap(), "2");
    }

    #[tokio::test]
    async fn no_file_is_a_missing_parameter_with_status_400() {
        let missing = (400, Code::FormParamMissing);
        let refusal = upload(None, "").await.unwrap_err();
        assert_eq!(refusal.problems()[0].meta["param_name"], "file");
        assert_eq!(refused(None, "").await, missing);
        assert_eq!(refused(MULTIPART, format!("{}--XX--\r\n", part("image", "1"))).await, missing);
        assert_eq!(refused(MULTIPART, "--XX--\r\n").await, missing);
    }

    #[tokio::test]
    async fn what_is_not_multipart_is_unsupported() {
        let unsupported = (415, Code::UnsupportedContentType);
        assert_eq!(refused(None, "x").await, unsupported);
        assert_eq!(refused(Some("image/png"), "x").await, unsupported);
        assert_eq!(refused(Some("application/json"), "{}").await, unsupported);
    }

    #[tokio::test]
    async fn what_is_broken_is_invalid() {
        let invalid = (400, Code::RequestBodyInvalid);
        assert_eq!(refused(MULTIPART, "nonsense").await, invalid);
        assert_eq!(refused(MULTIPART, part("file", "cut")).await, invalid);
        assert_eq!(refused(Some("multipart/form-data"), "x").await, invalid);
        let cut = futures_util::stream::iter([
            Ok(part("file", "x")),
            Err(std::io::Error::other("connection reset")),
        ]);
        assert_eq!(refused(MULTIPART, Body::from_stream(cut)).await, invalid);
    }

    #[tokio::test]
    async fn the_file_may_have_its_limit_and_not_a_byte_more() {
        let body = |n: usize| format!("{}--XX--\r\n", part("file", &"x".repeat(n)));
        assert_eq!(upload(MULTIPART, body(100)).await.unwrap().len(), 100);
        assert_eq!(refused(MULTIPART, body(101)).await, (413, Code::ImageTooLarge));
        assert_eq!(refused(MULTIPART, body(SLACK * 2)).await, (413, Code::ImageTooLarge));
        let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>("--XX\r\n"));
        assert_eq!(refused(MULTIPART, Body::from_stream(endless)).await.0 / 100, 4);
    }
}
