//! What an instance tells those who talk to browsers; kept and handed back.

use serde::{Deserialize, Serialize};

/// What pages and Clerk's components are told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Frontend {
    /// Where users get help.
    pub support_email: Option<String>,
    /// The version of Clerk's browser library.
    pub clerk_js_version: Option<String>,
    /// Where the application runs in development.
    pub development_origin: Option<String>,
    /// Origins of extensions and of applications that are not served.
    pub allowed_origins: Vec<String>,
    /// Whether sessions of development travel in addresses.
    pub url_based_session_syncing: bool,
    /// `password` or `otp`, where a password is required.
    pub preferred_sign_in_strategy_when_password_required: Option<String>,
    /// Whether a sign-up may be completed step by step.
    pub progressive_sign_up: bool,
}

/// Text messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Communication {
    /// Countries whose numbers get no codes, by ISO 3166-1 alpha-2.
    pub blocked_country_codes: Vec<String>,
}

/// Protection against abuse by Clerk's service; kept and handed back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Protect {
    /// Whether its rules are on.
    pub rules_enabled: bool,
    /// Whether its bot detection is on.
    pub specter_enabled: bool,
}

/// Applications that sign in with this instance; kept and handed back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "switches, named as the API names them")]
pub struct OauthApplications {
    /// Whether clients may register themselves (RFC 7591).
    pub dynamic_oauth_client_registration: bool,
    /// Scopes of an application that names none.
    pub default_scopes: Vec<String>,
    /// Whether access tokens are JWTs.
    pub oauth_jwt_access_tokens: bool,
    /// Whether Client ID Metadata Documents are announced.
    pub client_id_metadata_documents_advertised: bool,
    /// Whether only clients that are known already may use them.
    pub client_id_metadata_documents_only_allow_pre_registered_clients: bool,
    /// Whether clients that were let in without being named are shut out.
    pub client_id_metadata_documents_block_implicitly_allowed_clients: bool,
}

impl Default for OauthApplications {
    fn default() -> Self {
        Self {
            dynamic_oauth_client_registration: false,
            default_scopes: ["profile", "email"].map(ToOwned::to_owned).to_vec(),
            oauth_jwt_access_tokens: false,
            client_id_metadata_documents_advertised: false,
            client_id_metadata_documents_only_allow_pre_registered_clients: false,
            client_id_metadata_documents_block_implicitly_allowed_clients: false,
        }
    }
}
