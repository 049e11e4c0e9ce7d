//! The page that a request speaks for, which becomes `azp` of tokens.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use hyper::header::ORIGIN;
use hyper::http::request::Parts;

use crate::Form;
use rollbook_wire::Code;

/// Longer ones are nobody's.
const MAX_BYTES: usize = 255;

/// The `Origin` header (RFC 6454, 7), if it names a web page's.
#[derive(Debug, Clone)]
pub(crate) struct WebOrigin(pub(crate) Option<String>);

impl<S: Sync> FromRequestParts<S> for WebOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let value = parts.headers.get(ORIGIN).and_then(|value| value.to_str().ok());
        Ok(Self(value.filter(|text| is_origin(text)).map(ToOwned::to_owned)))
    }
}

impl WebOrigin {
    /// The parameter `origin` in place of the header, if it is given.
    pub(crate) fn or_parameter(self, form: &mut Form) -> Option<String> {
        let Some(text) = form.string("origin").set() else { return self.0 };
        if !is_origin(&text) {
            let why = "origin must be such as https://app.example.com.";
            form.deny("origin", Code::FormParamFormatInvalid, why);
        }
        Some(text)
    }
}

/// `http` or `https`, a host and perhaps a port; no path.
fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    text.len() <= MAX_BYTES
        && rest.is_some_and(|rest| {
            !rest.is_empty()
                && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_a_scheme_and_a_host_and_no_path() {
        for good in ["https://app.example.com", "http://localhost:3000", "http://[::1]:80"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in ["null", "", "https://", "app.example.com", "https://a/b", "javascript:x"] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
