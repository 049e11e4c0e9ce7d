//! Answers that are no resource of their own.

use serde::{Deserialize, Serialize};

use super::Metadata;
use crate::{ExternalAccountId, UserId};

/// A page of a list that says how long the whole is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Paginated<T> {
    /// What is on the page.
    pub data: Vec<T>,
    /// How many there are on all pages.
    pub total_count: i64,
}

/// How many there are, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TotalCount {
    /// How many there are.
    pub total_count: i64,
}

/// What was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeletedObject {
    /// Its id.
    pub id: String,
    /// What it was, such as `user`.
    #[serde(default)]
    pub object: String,
    /// Always true.
    #[serde(default)]
    pub deleted: bool,
    /// The caller's own id of it, if it had one.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// The user whose second factors were changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserReference {
    /// The user.
    pub user_id: UserId,
}

/// The password is right; a wrong one is an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerifiedPassword {
    /// Always true.
    pub verified: bool,
}

/// The code is right; a wrong one is an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerifiedTotp {
    /// Always true.
    pub verified: bool,
    /// `totp`, or `backup_code`, which is spent.
    #[serde(default)]
    pub code_type: String,
}

/// A token with which to speak to the provider of a connected account.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OAuthAccessToken {
    /// The account at the provider.
    pub external_account_id: ExternalAccountId,
    /// The provider's id of the user.
    #[serde(default)]
    pub provider_user_id: String,
    /// The token itself.
    pub token: String,
    /// Milliseconds; none if it does not end.
    #[serde(default)]
    pub expires_at: Option<i64>,
    /// Such as `oauth_google`.
    #[serde(default)]
    pub provider: String,
    /// Of the account.
    #[serde(default)]
    pub public_metadata: Metadata,
    /// A free label.
    #[serde(default)]
    pub label: Option<String>,
    /// What the token allows.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// The `OpenID` Connect id token, if there is one.
    #[serde(default)]
    pub id_token: Option<String>,
    /// The secret of an OAuth 1 token.
    #[serde(default)]
    pub token_secret: Option<String>,
}

impl std::fmt::Debug for OAuthAccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OAuthAccessToken")
            .field("external_account_id", &self.external_account_id)
            .field("provider", &self.provider)
            .field("expires_at", &self.expires_at)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
