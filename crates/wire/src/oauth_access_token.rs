//! Tokens of connected accounts.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A token of a connected account; no `Debug`, since it is a secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct OAuthAccessToken<'a> {
    /// Always `oauth_access_token`.
    pub object: Cow<'a, str>,
    /// `eac_…`
    pub external_account_id: Cow<'a, str>,
    /// The provider's id of the user.
    pub provider_user_id: Cow<'a, str>,
    /// What opens the provider's resources.
    pub token: Cow<'a, str>,
    /// Milliseconds; null if it is not known to run out.
    pub expires_at: Option<i64>,
    /// Such as `oauth_google`.
    pub provider: Cow<'a, str>,
    /// That of the account.
    pub public_metadata: Cow<'a, RawValue>,
    /// That of the account.
    pub label: Option<Cow<'a, str>>,
    /// What the token is good for.
    pub scopes: Vec<Cow<'a, str>>,
    /// The provider's latest statement about the user, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Cow<'a, str>>,
}
