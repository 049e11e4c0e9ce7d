//! Templates of tokens as they are kept.

use rollbook_wire as wire;
use rollbook_wire::Id;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A template; its own key, if it has one, is kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwtTemplate {
    /// `jtmp_…`
    pub id: Id,
    /// Unique in the instance.
    pub name: String,
    /// JSON with shortcodes.
    pub claims: Map<String, Value>,
    /// Seconds.
    pub lifetime: i64,
    /// Seconds.
    pub allowed_clock_skew: i64,
    /// The algorithm of its own key; none if it signs with the instance's.
    pub signing_algorithm: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

impl JwtTemplate {
    /// The template as the API shows it.
    pub fn render(&self) -> wire::JwtTemplate {
        wire::JwtTemplate {
            object: "jwt_template".to_owned(),
            id: self.id.to_string(),
            name: self.name.clone(),
            claims: self.claims.clone(),
            lifetime: self.lifetime,
            allowed_clock_skew: self.allowed_clock_skew,
            custom_signing_key: self.signing_algorithm.is_some(),
            signing_algorithm: self.signing_algorithm.as_deref().unwrap_or("RS256").to_owned(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}
