//! Entities and their rules: pure functions over plain values.
//!
//! Knows nothing about async, I/O, SQL or HTTP; time and randomness are arguments.

mod access;
pub mod billing;
mod email;
mod external_id;
mod fields;
mod fold;
mod identification;
mod import;
mod index;
mod initials;
mod instance;
mod invitation;
mod jwt_template;
mod listing;
mod locale;
mod membership;
mod metadata;
mod name;
mod oauth_provider;
mod organization;
mod organization_invitation;
mod organization_listing;
mod organization_settings;
mod passkeys;
mod password_policy;
mod phone;
mod problem;
mod redirect_url;
mod render;
mod role;
mod session;
mod settings;
mod text;
mod time;
mod totp;
mod totp_secret;
mod tree;
mod user;
mod username;
mod waitlist_entry;
mod wallet;

pub use access::{AccessEntry, DOTLESS_EMAIL_KEY, EMAIL_BASE_KEY, Newcomer};
pub use email::EmailAddress;
pub use external_id::ExternalId;
pub use fields::{Fields, InvalidJson};
pub use fold::{fold, fold_accents};
pub use identification::{Identified, Identifying, Proof};
pub use import::{Import, ImportError, ImportPosition, ImportRefusal, ImportStatus};
pub use index::{IDENTIFICATION_KEY, Identifier, SearchMark, UserColumns, UserIndex};
pub use initials::initials;
pub use instance::Instance;
pub use invitation::Invitation;
pub use jwt_template::JwtTemplate;
pub use listing::{Order, OrderKey, Page, Range, Signed, UserFilter};
pub use locale::Locale;
pub use membership::Membership;
pub use metadata::Metadata;
pub use name::{PersonName, parse_name};
pub use oauth_provider::OauthProvider;
pub use organization::{Organization, parse_organization_name, parse_slug, slug_of};
pub use organization_invitation::{InvitationStatus, OrganizationInvitation, Ticket};
pub use organization_listing::{
    InvitationFilter, InvitationOrder, MembershipFilter, OrganizationFilter, OrganizationOrder,
    OrganizationQuery, Slice,
};
pub use organization_settings::{EnrollmentMode, OrganizationSettings};
pub use passkeys::{MAX_PASSKEYS, PasskeySettings, parse_passkey_name, too_many_passkeys};
pub use password_policy::{PasswordHasher, PasswordRules, check_hashable};
pub use phone::PhoneNumber;
pub use problem::Problem;
pub use redirect_url::parse_redirect_url;
pub use render::{
    InvitationView, MembershipView, OrganizationView, Rendering, logo_url,
    public_organization_data, render_email_address, render_invitation, render_membership,
    render_organization, render_phone_number, render_user,
};
pub use role::{ELEVATED_PERMISSIONS, Permission, Role, parse_permission_key, parse_role_key};
pub use session::{Session, SessionStatus};
pub use settings::{
    Actions, Attribute, Attributes, BillingSettings, Communication, CustomLimits, Environment,
    Frontend, OauthApplications, Profile, Protect, RateLimits, Restrictions, SessionSettings,
    Settings, SignUp, UserLockout,
};
pub use time::{Millis, not_in_future, parse_rfc3339};
pub use totp::{TOTP_DIGITS, looks_like_totp, oldest_totp_step};
pub use totp_secret::TotpSecret;
pub use user::{ExternalAccount, Lock, Passkey, User};
pub use username::{Username, UsernameRules};
pub use waitlist_entry::{WaitlistEntry, WaitlistStatus};
pub use wallet::Web3Wallet;
