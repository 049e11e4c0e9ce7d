//! Templates of tokens.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What tokens made by name say, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwtTemplate {
    /// Always `jwt_template`.
    pub object: String,
    /// `jtmp_…`
    pub id: String,
    /// Unique in the instance.
    pub name: String,
    /// JSON with shortcodes.
    pub claims: Map<String, Value>,
    /// Seconds.
    pub lifetime: i64,
    /// Seconds.
    pub allowed_clock_skew: i64,
    /// Whether it brings a key of its own, which is never shown.
    pub custom_signing_key: bool,
    /// Such as `RS256`.
    pub signing_algorithm: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}
