//! Any multipart body holds a file within the limits or is refused.

#![no_main]

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use futures_util::{FutureExt, stream};
use libfuzzer_sys::fuzz_target;
use rollbook_http::Upload;

fuzz_target!(|input: (&str, Vec<Vec<u8>>)| {
    let (boundary, chunks) = input;
    let content_type = format!("multipart/form-data; boundary={boundary}");
    let Ok(request) = Request::builder().header("content-type", content_type).body(()) else {
        return;
    };
    let sent: usize = chunks.iter().map(Vec::len).sum();
    let body = Body::from_stream(stream::iter(chunks.into_iter().map(Ok::<_, std::io::Error>)));
    // All of the body is there, so there is nothing to wait for.
    let read = Upload::from_request(request.map(|()| body), &()).now_or_never();
    if let Ok(upload) = read.expect("it never waits") {
        assert!(upload.bytes.len() <= sent);
    }
});
