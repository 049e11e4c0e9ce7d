//! Where a provider is asked for what.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The addresses of a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// What its ID tokens say who made them; none if it makes no ID tokens.
    pub issuer: Option<String>,
    /// Where the user's browser goes.
    pub authorization_url: String,
    /// Where codes and refresh tokens become access tokens.
    pub token_url: String,
    /// What tells who the user is.
    pub userinfo_url: Option<String>,
    /// The keys of its ID tokens.
    pub jwks_url: Option<String>,
    /// Where tokens are given back (RFC 7009).
    pub revocation_url: Option<String>,
}

impl Endpoints {
    /// The name of the first address that is none, or that secrets may not be sent to.
    pub fn wrong(&self) -> Option<&'static str> {
        let all = [
            ("authorization_url", Some(&self.authorization_url)),
            ("token_url", Some(&self.token_url)),
            ("userinfo_url", self.userinfo_url.as_ref()),
            ("jwks_url", self.jwks_url.as_ref()),
            ("revocation_url", self.revocation_url.as_ref()),
        ];
        let good = |text: &String| Url::parse(text).is_ok_and(|url| is_allowed(&url));
        all.into_iter().find(|(_, url)| url.is_some_and(|url| !good(url))).map(|(name, _)| name)
    }
}

/// Whether secrets may be sent there: over TLS, or to this machine.
pub fn is_allowed(url: &Url) -> bool {
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return false;
    }
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tls_and_this_machine_are_allowed() {
        for (text, allowed) in [
            ("https://op.example.com/token", true),
            ("http://localhost:3000/", true),
            ("http://127.0.0.1:3000/", true),
            ("http://[::1]:3000/", true),
            ("http://op.example.com/", false),
            ("http://localhost.example.com/", false),
            ("https://a:b@op.example.com/", false),
            ("https://op.example.com/#f", false),
            ("file:///etc/passwd", false),
        ] {
            let url = Url::parse(text).expect("a URL");
            assert_eq!(is_allowed(&url), allowed, "{text}");
        }
    }
}
