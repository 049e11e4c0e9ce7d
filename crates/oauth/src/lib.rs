//! OAuth 2.0 and OpenID Connect as a client: what providers are asked, and what of their answers counts.
//!
//! Knows neither users nor SQL. Every answer of a provider is untrusted: short,
//! in time, never a redirect, and what it says of itself is proved.

mod application;
mod claims;
mod discovery;
mod endpoints;
mod error;
mod grant;
mod http;
mod presets;
mod profile;

pub use application::{Application, Ask, ClientAuth};
pub use discovery::discover;
pub use endpoints::{Endpoints, is_allowed};
pub use error::Error;
pub use grant::Grant;
pub use http::Http;
pub use presets::{Preset, preset};
pub use profile::Profile;

/// What a provider answers, or why it does not.
pub type Result<T, E = Error> = std::result::Result<T, E>;
