//! `/images`: uploaded pictures and generated avatars, for anybody who knows their URL.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use hyper::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue, IF_NONE_MATCH,
};
use hyper::{HeaderMap, StatusCode};
use rollbook_ops::images::{self as ops, Served};
use rollbook_wire::Code;

use crate::{Api, PathIds, Query, Refusal};

type Answer = Result<Response, Refusal>;

pub(crate) async fn picture(
    State(api): State<Api>,
    PathIds([id]): PathIds<1>,
    query: Query,
    headers: HeaderMap,
) -> Answer {
    let served = ops::picture(&api.ctx, &id, query.pairs()).await?;
    let served = served
        .ok_or_else(|| Refusal::new(Code::ImageNotFound, format!("No image has the id {id}.")))?;
    Ok(answer(served, &headers))
}

pub(crate) async fn silhouette(
    State(api): State<Api>,
    PathIds([user]): PathIds<1>,
    query: Query,
    headers: HeaderMap,
) -> Answer {
    Ok(answer(ops::avatar(&api.ctx, user.as_str(), "", query.pairs()).await?, &headers))
}

pub(crate) async fn avatar(
    State(api): State<Api>,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
    query: Query,
    headers: HeaderMap,
) -> Answer {
    let Ok(Path((seed, initials))) = path else { return Err(Refusal::not_found()) };
    Ok(answer(ops::avatar(&api.ctx, &seed, &initials, query.pairs()).await?, &headers))
}

/// What a URL shows never changes, so it may be kept for a year; and nothing
/// in it may run as a script.
fn answer(served: Served, headers: &HeaderMap) -> Response {
    const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
    const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
    const INLINE: HeaderValue = HeaderValue::from_static("inline");
    const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
    let common = [
        (CACHE_CONTROL, FOREVER),
        (HeaderName::from_static("x-content-type-options"), NOSNIFF),
        (CONTENT_DISPOSITION, INLINE),
        (CONTENT_SECURITY_POLICY, NOTHING),
        (HeaderName::from_static("access-control-allow-origin"), HeaderValue::from_static("*")),
    ];
    let etag = HeaderValue::from_str(&served.etag).ok();
    let known = etag.is_some() && headers.get(IF_NONE_MATCH) == etag.as_ref();
    let mut response = if known {
        (StatusCode::NOT_MODIFIED, common).into_response()
    } else {
        let content_type = HeaderValue::from_static(served.content_type);
        (common, [(CONTENT_TYPE, content_type)], served.bytes).into_response()
    };
    if let Some(etag) = etag {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}
