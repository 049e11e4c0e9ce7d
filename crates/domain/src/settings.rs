//! What an instance allows and requires (`behaviour`: instance settings).

mod attributes;
mod billing;
mod clients;
mod environment;
mod lockout;
mod patch;
mod rate_limits;
mod restrictions;
mod sessions;
mod sign_up;

use serde::{Deserialize, Serialize};

pub use self::attributes::{Attribute, Attributes};
pub use self::billing::BillingSettings;
pub use self::clients::{Communication, Frontend, OauthApplications, Protect};
pub use self::environment::{Environment, Profile};
pub use self::lockout::UserLockout;
pub use self::rate_limits::{CustomLimits, RateLimits};
pub use self::restrictions::Restrictions;
pub use self::sessions::SessionSettings;
pub use self::sign_up::{Actions, SignUp};
use crate::{OrganizationSettings, PasskeySettings, PasswordRules, UsernameRules};

/// All settings of one instance; the names are those of the environment resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Which identifiers and credentials users may and must have.
    pub attributes: Attributes,
    /// What a plain password must look like.
    pub password_settings: PasswordRules,
    /// What a username must look like.
    pub username_settings: UsernameRules,
    /// For whom passkeys are made.
    pub passkeys: PasskeySettings,
    /// When too many failed attempts lock a user.
    pub user_lockout: UserLockout,
    /// What new users may do.
    pub actions: Actions,
    /// Sign-up rules that also hold for creation through the API.
    pub sign_up: SignUp,
    /// Organizations.
    pub organizations: OrganizationSettings,
    /// Sessions and their tokens.
    pub sessions: SessionSettings,
    /// Billing.
    pub billing: BillingSettings,
    /// Whether test addresses and fictional numbers are admitted.
    pub test_mode: bool,
    /// The greatest number of users; null is unlimited.
    pub user_limit: Option<u32>,
    /// How many requests are answered.
    pub rate_limits: RateLimits,
    /// Who may come in.
    pub restrictions: Restrictions,
    /// What pages are told.
    pub frontend: Frontend,
    /// Text messages.
    pub communication: Communication,
    /// Protection by Clerk's service.
    pub protect: Protect,
    /// Applications that sign in with this instance.
    pub oauth_applications: OauthApplications,
    /// The local part of the address that mail comes from.
    pub from_email_address: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            attributes: Attributes::default(),
            password_settings: PasswordRules::default(),
            username_settings: UsernameRules::default(),
            passkeys: PasskeySettings::default(),
            user_lockout: UserLockout::default(),
            actions: Actions::default(),
            sign_up: SignUp::default(),
            organizations: OrganizationSettings::default(),
            sessions: SessionSettings::default(),
            billing: BillingSettings::default(),
            test_mode: true,
            user_limit: None,
            rate_limits: RateLimits::Off,
            restrictions: Restrictions::default(),
            frontend: Frontend::default(),
            communication: Communication::default(),
            protect: Protect::default(),
            oauth_applications: OauthApplications::default(),
            from_email_address: "notifications".to_owned(),
        }
    }
}

impl Settings {
    /// The settings a new instance starts with.
    pub fn of(profile: Profile, environment: Environment) -> Self {
        let development = environment == Environment::Development;
        match profile {
            Profile::Permissive => Self { test_mode: development, ..Self::default() },
            Profile::Clerk => Self {
                attributes: Attributes {
                    email_address: Attribute::REQUIRED,
                    phone_number: Attribute::OFF,
                    username: Attribute::OFF,
                    web3_wallet: Attribute::OFF,
                    authenticator_app: Attribute::OFF,
                    backup_code: Attribute::OFF,
                    passkey: Attribute::OFF,
                    ..Attributes::default()
                },
                organizations: OrganizationSettings::of_a_new_application(),
                test_mode: development,
                user_limit: development.then_some(100),
                rate_limits: RateLimits::Clerk,
                ..Self::default()
            },
        }
    }
}
