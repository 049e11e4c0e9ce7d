//! `GET /v1/users/{id}` before the router sees it: the most frequent request by far.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::http::request::Parts;
use hyper::{Method, Response};
use rollbook_ops::{Tenant, users};
use rollbook_wire::Id;

use crate::{Api, Caller, HotPath, Json, Refusal};

/// What the claim proves: who calls, about whom, or why not.
pub struct GetUser(Result<(Arc<Tenant>, Id), Refusal>);

impl HotPath for Api {
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/v1/users/{id}";

    type Claim = GetUser;

    fn claim(&self, parts: &Parts) -> Option<GetUser> {
        if parts.method != Method::GET {
            return None;
        }
        let id = parts.uri.path().strip_prefix("/v1/users/")?;
        // Anything but a plain id is left to the router.
        if !id.starts_with("user_") || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return None;
        }
        let id = id.parse().ok()?;
        Some(GetUser(self.caller(&parts.headers).map(|Caller(tenant)| (tenant, id))))
    }

    async fn answer(&self, GetUser(claim): GetUser) -> Result<Response<Full<Bytes>>, Refusal> {
        let (tenant, id) = claim?;
        Ok(Json(users::body(&self.ctx, &tenant, &id).await?).into_answer())
    }
}
