//! The URL of an endpoint.

use std::net::IpAddr;

use url::{Host, Url};

use crate::Reach;

const MAX_BYTES: usize = 2048;

/// A URL that webhooks can be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(Url);

/// Why webhooks cannot be sent to a URL, in words that follow "the URL".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTarget {
    /// No URL with a host.
    #[error("must be an absolute http or https URL")]
    Malformed,
    /// More than 2048 bytes.
    #[error("must not be longer than 2048 bytes")]
    TooLong,
    /// They would lie in logs.
    #[error("must not hold a user name or password")]
    Credentials,
    /// The host is an address within reach of the server alone.
    #[error("must not lead to a private, local or otherwise special address")]
    NotPublic,
}

impl Target {
    /// Reads a URL. What a name in it resolves to is only known when it is sent to.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, InvalidTarget> {
        if text.len() > MAX_BYTES {
            return Err(InvalidTarget::TooLong);
        }
        let url = Url::parse(text).map_err(|_| InvalidTarget::Malformed)?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(InvalidTarget::Malformed);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidTarget::Credentials);
        }
        let target = Self(url);
        if target.is_within(reach) { Ok(target) } else { Err(InvalidTarget::NotPublic) }
    }

    /// The URL as it is requested.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// False if the host is an address, or a name that always stands for one, out of reach.
    pub(crate) fn is_within(&self, reach: Reach) -> bool {
        match self.0.host() {
            Some(Host::Ipv4(address)) => reach.allows(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => reach.allows(IpAddr::V6(address)),
            // RFC 6761: the whole of this domain is the loopback.
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                let is_local = name == "localhost" || name.ends_with(".localhost");
                reach == Reach::Anywhere || !is_local
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<InvalidTarget> {
        Target::parse(text, Reach::Public).err()
    }

    #[test]
    fn http_and_https_urls_are_targets() {
        for text in ["https://example.com/hooks?a=b", "http://example.com:8080", "https://1.1.1.1/"]
        {
            assert_eq!(refused(text), None, "{text}");
        }
    }

    #[test]
    fn other_schemes_credentials_and_long_urls_are_refused() {
        for text in ["", "example.com", "/hooks", "ftp://example.com", "file:///etc/passwd"] {
            assert_eq!(refused(text), Some(InvalidTarget::Malformed), "{text}");
        }
        for text in ["https://ada@example.com", "https://ada:pw@example.com", "https://:pw@a.com"] {
            assert_eq!(refused(text), Some(InvalidTarget::Credentials), "{text}");
        }
        let long = format!("https://example.com/{}", "a".repeat(MAX_BYTES));
        assert_eq!(refused(&long), Some(InvalidTarget::TooLong));
    }

    #[test]
    fn an_address_is_judged_however_it_is_written() {
        for text in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://localhost/",
            "http://a.LOCALHOST./",
            "http://169.254.169.254/latest/meta-data/",
        ] {
            assert_eq!(refused(text), Some(InvalidTarget::NotPublic), "{text}");
            assert!(Target::parse(text, Reach::Anywhere).is_ok(), "{text}");
        }
    }
}
