//! Which date of the API a request speaks.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
use rollbook_wire::Code;

use crate::Refusal;

/// The header that chooses the version, and names it in the answer.
pub const CLERK_API_VERSION: HeaderName = HeaderName::from_static("clerk-api-version");

const PARAMETER: &[u8] = b"__clerk_api_version";

/// A version of the API, named by its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ApiVersion {
    /// 2021-02-05, which requests that name none are taken to mean.
    #[default]
    V20210205,
    /// 2024-10-01
    V20241001,
    /// 2025-03-12
    V20250312,
    /// 2025-04-10, the first with billing.
    V20250410,
    /// 2025-11-10, with the present shape of billing.
    V20251110,
    /// 2026-05-12, which refuses metadata in `PATCH /users/{id}`.
    V20260512,
}

impl ApiVersion {
    /// Every version, oldest first.
    pub const ALL: [Self; 6] = [
        Self::V20210205,
        Self::V20241001,
        Self::V20250312,
        Self::V20250410,
        Self::V20251110,
        Self::V20260512,
    ];

    /// The date as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V20210205 => "2021-02-05",
            Self::V20241001 => "2024-10-01",
            Self::V20250312 => "2025-03-12",
            Self::V20250410 => "2025-04-10",
            Self::V20251110 => "2025-11-10",
            Self::V20260512 => "2026-05-12",
        }
    }

    /// The version that a request asks for, by header or by query, never both.
    pub(crate) fn of(parts: &Parts) -> Result<Self, Refusal> {
        let mut headers = parts.headers.get_all(CLERK_API_VERSION).iter();
        let asked = headers.next().map(HeaderValue::as_bytes);
        let mut parameters = parts.uri.query().into_iter().flat_map(parameters);
        let asked_by_query = parameters.next();
        if headers.next().is_some()
            || parameters.next().is_some()
            || (asked.is_some() && asked_by_query.is_some())
        {
            return Err(Refusal::new(
                Code::ApiVersionInvalid,
                "The API version may be given once, by header or by query parameter.",
            ));
        }
        let Some(date) = asked.or(asked_by_query) else { return Ok(Self::default()) };
        let known = Self::ALL.into_iter().find(|version| version.as_str().as_bytes() == date);
        known.ok_or_else(|| {
            Refusal::new(Code::ApiVersionInvalid, "The API version does not name a known version.")
        })
    }

    pub(crate) fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.as_str())
    }
}

/// The raw values of the version's parameter: a date needs no decoding.
fn parameters(query: &str) -> impl Iterator<Item = &[u8]> {
    query.as_bytes().split(|byte| *byte == b'&').filter_map(|pair| {
        let rest = pair.strip_prefix(PARAMETER)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b"=") }
    })
}

impl<S: Sync> FromRequestParts<S> for ApiVersion {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(uri: &str, headers: &[&str]) -> Option<ApiVersion> {
        let mut request = hyper::Request::builder().uri(uri);
        for value in headers {
            request = request.header("Clerk-API-Version", *value);
        }
        match ApiVersion::of(&request.body(()).unwrap().into_parts().0) {
            Ok(version) => Some(version),
            Err(refusal) => {
                assert_eq!(
                    (refusal.code(), refusal.status().as_u16()),
                    (Code::ApiVersionInvalid, 400)
                );
                None
            }
        }
    }

    #[test]
    fn none_means_the_oldest() {
        assert_eq!(of("/v1/users?limit=1", &[]), Some(ApiVersion::V20210205));
    }

    #[test]
    fn each_date_is_known_by_header_and_by_query() {
        for version in ApiVersion::ALL {
            assert_eq!(of("/v1/users", &[version.as_str()]), Some(version));
            let uri = format!("/v1/users?a=b&__clerk_api_version={}", version.as_str());
            assert_eq!(of(&uri, &[]), Some(version));
        }
    }

    #[test]
    fn both_at_once_twice_or_unknown_is_invalid() {
        assert_eq!(of("/?__clerk_api_version=2021-02-05", &["2021-02-05"]), None);
        assert_eq!(
            of("/?__clerk_api_version=2021-02-05&__clerk_api_version=2021-02-05", &[]),
            None
        );
        assert_eq!(of("/", &["2021-02-05", "2021-02-05"]), None);
        assert_eq!(of("/", &["2021-02-06"]), None);
        assert_eq!(of("/?__clerk_api_version", &[]), None);
        assert_eq!(of("/", &[""]), None);
    }

    #[test]
    fn a_parameter_that_merely_starts_alike_is_another() {
        assert_eq!(of("/?__clerk_api_versions=1", &[]), Some(ApiVersion::V20210205));
    }
}
