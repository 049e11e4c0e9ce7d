//! HTTP: routes, extractors, errors to bodies, limits.
//!
//! Knows nothing about SQL and holds no rules. A connection is served by
//! [`serve`], a request passes [`Front`], which gives it to the [`HotPath`] or
//! to a router made with [`complete`]. Handlers read a [`Form`], a [`Query`],
//! an [`Upload`] and [`PathIds`], and answer [`Json`] or a [`Refusal`].
//!
//! An extractor that proves who calls comes first in a handler's arguments:
//! bodies are read, and may cost memory, only for those who may send them.

mod access_identifiers;
mod admin;
mod api;
mod billing;
mod body;
mod clients;
mod contract;
mod domains;
mod email_addresses;
mod exports;
mod external_accounts;
mod failure;
mod form;
mod forms;
mod front;
mod gate;
mod health;
mod hot;
mod identifications;
mod images;
mod imports;
mod incoming;
mod instance;
mod invitations;
mod io;
mod json;
mod jwt_templates;
mod latency;
mod metadata;
mod metrics;
mod multipart;
mod oauth_access_tokens;
mod oauth_providers;
mod organization_invitations;
mod organization_memberships;
mod organization_permissions;
mod organization_roles;
mod organizations;
mod origin;
mod page;
mod passkeys;
mod phone_numbers;
mod problem;
mod query;
mod rate;
mod redirect_urls;
mod routes;
mod server;
mod sessions;
mod settings;
mod signing_keys;
mod testing_tokens;
mod tickets;
mod trace;
mod users;
mod version;
mod waitlist_entries;
mod web3_wallets;
mod web_origin;
mod webhooks;

pub use api::Api;
pub use contract::openapi;
pub use form::Form;
pub use forms::Forms;
pub use front::{Answer, Front, HotPath};
pub use gate::{Caller, Operator, OrganizationCaller};
pub use hot::GetUser;
pub use json::Json;
pub use metrics::Metrics;
pub use multipart::Upload;
pub use problem::Refusal;
pub use query::{Query, Sign};
pub use rate::{Limit, RateLimiter, RetryAfter};
pub use routes::{PathIds, complete};
pub use server::serve;
pub use settings::HttpSettings;
pub use trace::{CLERK_TRACE_ID, TraceId, TraceIds};
pub use version::{ApiVersion, CLERK_API_VERSION};
