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

mod auth;
mod client;
mod decode;
mod error;
mod id;
mod model;
mod page;
mod params;
mod request;
mod retry;
mod send;
mod users;

pub use auth::Secret;
pub use client::{Builder, Clerk};
pub use error::{ApiError, Error, Result};
pub use id::{
    EmailAddressId, ExternalAccountId, ImageId, OrganizationId, PasskeyId, PhoneNumberId, UserId,
    Web3WalletId,
};
pub use model::{
    DeletedObject, EmailAddress, ExternalAccount, IdentificationLink, Metadata, OAuthAccessToken,
    Organization, OrganizationInvitation, OrganizationInvitationStatus, OrganizationMembership,
    Paginated, Passkey, PhoneNumber, PublicUserData, TotalCount, User, UserReference, Verification,
    VerificationStatus, VerifiedPassword, VerifiedTotp, Web3Wallet,
};
pub use page::{Page, Paged};
pub use params::{IntoPatch, Params};
pub use request::{CallOptions, Request};
pub use retry::{Backoff, RetryConfig};
pub use rollbook_wire::{Code, Patch};
pub use users::*;
