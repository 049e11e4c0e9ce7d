//! Redirect URLs and domains of an instance.

use serde::{Deserialize, Serialize};

/// An address that a sign-in may lead back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedirectUrl {
    /// Always `redirect_url`.
    pub object: String,
    /// `ru_…`
    pub id: String,
    /// The address.
    pub url: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// A domain that an instance is served under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// Always `domain`.
    pub object: String,
    /// `dmn_…`
    pub id: String,
    /// The host, with its port unless that is the usual one.
    pub name: String,
    /// Whether it is not the primary one.
    pub is_satellite: bool,
    /// Where the instance's browser API would be.
    pub frontend_api_url: String,
    /// Where the instance's own pages would be.
    pub accounts_portal_url: Option<String>,
    /// The proxy in front of it.
    pub proxy_url: Option<String>,
    /// Where an application under development runs.
    pub development_origin: String,
    /// DNS records that it needs.
    pub cname_targets: Option<Vec<CnameTarget>>,
}

/// A DNS record that a domain needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CnameTarget {
    /// Its name.
    pub host: String,
    /// What it points to.
    pub value: String,
    /// Whether nothing works without it.
    pub required: bool,
}
