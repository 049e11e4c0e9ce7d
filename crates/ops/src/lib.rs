//! What the server can do: one file per operation, each with its rules, its
//! transaction and its events.
//!
//! Knows nothing about HTTP, status codes, SQL text or bodies.

pub mod access_identifiers;
mod backoff;
pub mod billing;
mod bodies;
mod catalog;
pub mod clients;
mod clock;
mod ctx;
pub mod domains;
mod entropy;
mod error;
mod events;
pub mod external_accounts;
pub mod identifications;
pub mod images;
pub mod imports;
pub mod instances;
pub mod invitations;
pub mod jwt_templates;
mod label;
mod links;
pub mod listing;
pub mod mailbox;
pub mod memberships;
pub mod metadata;
mod oauth;
pub mod oauth_access_tokens;
pub mod oauth_providers;
pub mod organization_invitations;
pub mod organizations;
pub mod passkeys;
pub mod permissions;
pub mod redirect_urls;
pub mod roles;
pub mod sessions;
pub mod signing_keys;
pub mod testing_tokens;
pub mod tickets;
pub mod transfer;
pub mod users;
pub mod waitlist_entries;
pub mod webhooks;

pub use backoff::backoff_ms;
pub use bodies::{Bodies, Ticket};
pub use catalog::{Catalog, Tenant, operator_hash, operator_matches};
pub use clock::Clock;
pub use ctx::{Ctx, Parts};
pub use entropy::Entropy;
pub use error::{Error, Result};
pub use oauth::Oauth;
pub use signing_keys::SigningKeys;
