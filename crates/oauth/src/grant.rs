//! What a provider gives for a code or a refresh token.

use std::fmt;
use std::time::Duration;

use oauth2::basic::BasicTokenType;
use oauth2::{ExtraTokenFields, StandardTokenResponse, TokenResponse as _};
use serde::{Deserialize, Serialize};

/// Tokens, fresh from the provider.
#[derive(Clone)]
pub struct Grant {
    /// What opens the provider's resources.
    pub access_token: String,
    /// What it is renewed with; the one before stays good if there is none.
    pub refresh_token: Option<String>,
    /// Unproved until [`Application::claims`](crate::Application::claims) has looked at it.
    pub id_token: Option<String>,
    /// How long the access token is good, if it is known.
    pub expires_in: Option<Duration>,
    /// What the user agreed to, if it is not what was asked for.
    pub scopes: Option<Vec<String>>,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Grant(…)")
    }
}

/// The answer of a token endpoint, its ID token as it came.
pub(crate) type Response = StandardTokenResponse<IdTokenText, BasicTokenType>;

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct IdTokenText {
    id_token: Option<String>,
}

impl fmt::Debug for IdTokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdTokenText(…)")
    }
}

impl ExtraTokenFields for IdTokenText {}

impl From<Response> for Grant {
    fn from(response: Response) -> Self {
        // Separated by spaces (RFC 6749, 3.3), by commas at one provider.
        let scopes = response.scopes().map(|scopes| {
            let texts = scopes.iter().flat_map(|scope| scope.split(','));
            texts.filter(|text| !text.is_empty()).map(ToOwned::to_owned).collect()
        });
        Self {
            access_token: response.access_token().secret().clone(),
            refresh_token: response.refresh_token().map(|token| token.secret().clone()),
            id_token: response.extra_fields().id_token.clone(),
            expires_in: response.expires_in(),
            scopes,
        }
    }
}
