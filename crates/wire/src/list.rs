//! Small answers that are not a resource.

use serde::{Deserialize, Serialize};

/// The answer of a count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalCount {
    /// Always `total_count`.
    pub object: String,
    /// How many there are, exactly.
    pub total_count: i64,
}

/// A page of a list that says how long it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paginated<T> {
    /// The page.
    pub data: Vec<T>,
    /// How many there are in all, exactly.
    pub total_count: i64,
}

/// The answer of a deletion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedObject {
    /// What was deleted, such as `user`.
    pub object: String,
    /// Its id.
    pub id: String,
    /// Always `true`.
    pub deleted: bool,
    /// The external id the user had, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

/// The answer to a right code; a wrong one is an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedTotp {
    /// Always `true`.
    pub verified: bool,
    /// `totp` or `backup_code`, which is consumed.
    pub code_type: String,
}

/// The answer of what changes a user's second factors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserReference {
    /// `user_…`
    pub user_id: String,
}

/// The answer to a right password; a wrong one is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedPassword {
    /// Always `true`.
    pub verified: bool,
}
