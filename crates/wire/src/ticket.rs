//! Tokens that are good for one sign-in, and testing tokens.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A token that signs its user in once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInToken {
    /// Always `sign_in_token`.
    pub object: String,
    /// `sit_…`
    pub id: String,
    /// `user_…`
    pub user_id: String,
    /// The token itself; only in the answer of its creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// `pending`, `accepted` or `revoked`.
    pub status: String,
    /// The application's page that accepts it; null if the instance names none.
    pub url: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// A token that lets somebody act as a user once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorToken {
    /// Always `actor_token`.
    pub object: String,
    /// `act_…`
    pub id: String,
    /// `pending`, `accepted` or `revoked`.
    pub status: String,
    /// Who is acted as.
    pub user_id: String,
    /// Who acts; goes into the session's tokens as it is.
    pub actor: Map<String, Value>,
    /// The token itself; only in the answer of its creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The application's page that accepts it, if the instance names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// What lets a test past the protection against bots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestingToken {
    /// Always `testing_token`.
    pub object: String,
    /// Opaque.
    pub token: String,
    /// Seconds since 1970.
    pub expires_at: i64,
}
