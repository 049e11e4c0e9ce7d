//! An entry of the waitlist, as it is kept.

use rollbook_wire::{self as wire, Id};

use crate::Invitation;

/// Someone who wants to be invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitlistEntry {
    /// `wle_…`
    pub id: Id,
    /// Folded, as those of users are; unique in the instance.
    pub email_address: String,
    /// What has become of it.
    pub status: WaitlistStatus,
    /// `inv_…`, the latest.
    pub invitation_id: Option<Id>,
    /// When it was last invited.
    pub invited_at: Option<i64>,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

/// What has become of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaitlistStatus {
    /// It waits.
    Pending,
    /// It was invited.
    Invited,
    /// It was turned down.
    Rejected,
    /// It is a user now.
    Completed,
}

impl WaitlistStatus {
    /// The status as the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Invited => "invited",
            Self::Rejected => "rejected",
            Self::Completed => "completed",
        }
    }

    /// The status that is spelled so.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Invited, Self::Rejected, Self::Completed]
            .into_iter()
            .find(|status| status.as_str() == name)
    }
}

impl WaitlistEntry {
    /// As the API shows it at `now`, with its latest invitation.
    pub fn body(
        &self,
        invitation: Option<&Invitation>,
        public_url: &str,
        now: i64,
    ) -> wire::WaitlistEntry {
        wire::WaitlistEntry {
            object: "waitlist_entry".to_owned(),
            id: self.id.to_string(),
            email_address: self.email_address.clone(),
            status: self.status.as_str().to_owned(),
            is_locked: false,
            created_at: self.created_at,
            updated_at: self.updated_at,
            invitation: invitation.map(|invitation| invitation.body(public_url, now)),
        }
    }
}
