//! Where a request comes from, for the events that it causes.

use std::net::IpAddr;

use hyper::header::USER_AGENT;
use hyper::http::request::Parts;
use rollbook_store::Origin;

/// More of it says no more.
const MAX_USER_AGENT: usize = 512;

/// The other end of the connection: the client, or the proxy before us.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The origin of a request that may change something.
pub(crate) fn origin(parts: &Parts) -> Option<Origin> {
    if parts.method.is_safe() {
        return None;
    }
    let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Some(Origin {
        client_ip: parts.extensions.get::<Peer>().map(|peer| peer.0.to_string()),
        user_agent: user_agent.map(|text| text.chars().take(MAX_USER_AGENT).collect()),
    })
}
