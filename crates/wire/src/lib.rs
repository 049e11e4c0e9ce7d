//! The public API as Rust types: resources as they travel, error codes, ids.
//!
//! Knows nothing about tokio, SQL, HTTP or clocks. The server renders these
//! types and the client reads them, so a field is spelled once.

pub mod billing;
mod code;
mod error;
mod id;
mod jwt_template;
mod list;
mod oauth_access_token;
mod organization;
mod patch;
mod session;
mod ticket;
mod user;
mod verification;

pub use code::Code;
pub use error::{ErrorBody, ErrorItem};
pub use id::{Id, InvalidId, Prefix};
pub use jwt_template::JwtTemplate;
pub use list::{
    DeletedObject, Paginated, TotalCount, UserReference, VerifiedPassword, VerifiedTotp,
};
pub use oauth_access_token::OAuthAccessToken;
pub use organization::{
    InviterData, MembershipUserData, Organization, OrganizationInvitation, OrganizationMembership,
    PublicOrganizationData,
};
pub use patch::Patch;
pub use session::{Client, Session, Token};
pub use ticket::{ActorToken, SignInToken, TestingToken};
pub use user::{
    EmailAddress, EnterpriseAccount, ExternalAccount, IdentificationLink, Passkey, PhoneNumber,
    SamlAccount, Scim, User, Verification, Web3Wallet,
};
pub use verification::PreparedVerification;
