//! A client of Clerk's Backend API, for Clerk itself and for Rollbook.
//!
//! ```no_run
//! # async fn example() -> Result<(), rollbook_sdk::Error> {
//! use rollbook_sdk::Clerk;
//!
//! let clerk = Clerk::builder()
//!     .bearer_auth("sk_test_…")
//!     .server_url("http://127.0.0.1:4100") // leave it out to talk to Clerk
//!     .build()?;
//! let ada = clerk.users().create().email_address(["ada@example.com"]).first_name("Ada").send().await?;
//! for user in clerk.users().list().query("ada").limit(50).send().await? {
//!     println!("{} {:?}", user.id, user.first_name);
//! }
//! clerk.users().ban(&ada.id).send().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Operations
//!
//! A noun is a method of [`Clerk`], an operation a method of the noun that gives a [`Request`]: set
//! what it takes, then [`send`](Request::send) it, or [`stream`](Request::stream) it where it is a
//! list. Names are those of the reference; [`guide::from_python`] has all of them, and
//! `examples/tour` shows each at work.
//!
//! Instants are milliseconds since 1970 in answers and in filters, and RFC 3339 texts in bodies, as
//! on the wire; money is in minor units. A nullable field of an update takes a value,
//! [`Patch::Clear`], or an `Option` whose `None` clears; what is not named stays as it is.
//!
//! # Errors
//!
//! An answer that is not a success is an [`Error::Api`] with the codes of Clerk's catalogue,
//! [`Code`]: `error.code() == Some(Code::FormIdentifierExists)`. Calls are tried again where that is
//! safe; [`RetryConfig`] says when.
//!
//! # Session tokens and webhooks
//!
//! [`verify_session_token`] and [`WebhookVerifier`] do no I/O and take the time as an argument.
//! [`SessionVerifier`] fetches the keys and keeps them.
//!
//! # Features
//!
//! None is on by default.
//!
//! * `tower`: [`tower::AuthenticateLayer`] verifies the session token of each request.
//! * `axum`: besides, the extractor [`axum::SignedIn`].
//! * `testing`: [`testing::start`] gives a Rollbook in process, with an instance of its own for each
//!   test.

#![deny(missing_docs)]
#![cfg_attr(
    not(all(feature = "axum", feature = "testing")),
    expect(rustdoc::broken_intra_doc_links, reason = "the features above name their modules")
)]

mod access;
mod auth;
#[cfg(feature = "axum")]
pub mod axum;
mod billing;
mod client;
mod decode;
mod email_addresses;
mod error;
pub mod guide;
mod id;
mod instance_settings;
mod invitations;
mod model;
mod operations;
mod organization_invitations;
mod organization_memberships;
mod organization_roles;
mod organizations;
mod page;
mod params;
mod phone_numbers;
#[cfg(test)]
mod replies;
mod request;
mod retry;
mod send;
mod session_tokens;
mod sessions;
#[cfg(feature = "testing")]
pub mod testing;
mod tokens;
#[cfg(feature = "tower")]
pub mod tower;
mod users;
mod webhooks;

pub use access::*;
pub use auth::Secret;
pub use billing::*;
pub use client::{Builder, Clerk};
pub use email_addresses::*;
pub use error::{ApiError, Error, Result};
pub use id::*;
pub use instance_settings::*;
pub use invitations::*;
pub use model::*;
pub use organization_invitations::*;
pub use organization_memberships::*;
pub use organization_roles::*;
pub use organizations::*;
pub use page::{Page, Paged};
pub use params::{Bulk, IntoPatch, Paging, Params};
pub use phone_numbers::*;
pub use request::{CallOptions, Request};
pub use retry::{Backoff, RetryConfig};
pub use rollbook_wire::{Code, Patch};
pub use session_tokens::*;
pub use sessions::*;
pub use tokens::*;
pub use users::*;
pub use webhooks::{WebhookError, WebhookEvent, WebhookVerifier};
