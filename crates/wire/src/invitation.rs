//! Invitations to the application, and the waitlist of those who want one.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// An invitation to the application.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invitation {
    /// Always `invitation`.
    pub object: String,
    /// `inv_…`
    pub id: String,
    /// Whom it invites.
    pub email_address: String,
    /// The user's, once there is one.
    pub public_metadata: Box<RawValue>,
    /// Whether it was taken back.
    pub revoked: bool,
    /// `pending`, `accepted`, `revoked` or `expired`.
    pub status: String,
    /// The link that the invited follows.
    pub url: String,
    /// Milliseconds.
    pub expires_at: Option<i64>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Someone who wants to be invited.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WaitlistEntry {
    /// Always `waitlist_entry`.
    pub object: String,
    /// `wle_…`
    pub id: String,
    /// Who waits.
    pub email_address: String,
    /// `pending`, `invited`, `rejected` or `completed`.
    pub status: String,
    /// Always `false`: nothing works on entries in the background.
    pub is_locked: bool,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
    /// The latest, if there was one.
    pub invitation: Option<Invitation>,
}
