//! A client of Clerk's Backend API, for Clerk itself and for Rollbook.
//!
//! ```no_run
//! # async fn example() -> Result<(), rollbook_sdk::Error> {
//! use rollbook_sdk::Clerk;
//!
//! let clerk = Clerk::builder()
//!     .bearer_auth("sk_test_…")
//!     .server_url("http://127.0.0.1:4100")
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
//! Every operation is a method that gives a [`Request`]: set what it takes,
//! then [`send`](Request::send) it, or [`stream`](Request::stream) it where it
//! is a list. Names are those of the reference; the README has the table.
//!
//! An answer that is not a success is an [`Error::Api`] with the codes of
//! Clerk's catalogue, [`Code`]. Instants are milliseconds since 1970 in
//! answers and in filters, and RFC 3339 texts in bodies, as on the wire.

mod access;
mod auth;
mod billing;
mod client;
mod decode;
mod email_addresses;
mod error;
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
mod request;
mod retry;
mod send;
mod sessions;
mod tokens;
mod users;

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
pub use sessions::*;
pub use tokens::*;
pub use users::*;
