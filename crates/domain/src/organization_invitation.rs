//! An invitation to an organization, as it is kept.

use std::fmt;

use rollbook_wire::Id;

use crate::Metadata;

/// An invitation of whoever has an address.
#[derive(Debug, Clone, PartialEq)]
pub struct OrganizationInvitation {
    /// `orginv_…`
    pub id: Id,
    /// `org_…`
    pub organization_id: Id,
    /// Folded, as those of users are.
    pub email_address: String,
    /// The key of the role that the member will have.
    pub role: String,
    /// As it was set; see [`Self::status_at`].
    pub status: InvitationStatus,
    /// `user_…`; none when nobody in particular invited, or the inviter is gone.
    pub inviter_id: Option<Id>,
    /// Where the invited goes once the link has been followed.
    pub redirect_url: Option<String>,
    /// What the link proves itself by.
    pub ticket: Ticket,
    /// The membership's, once there is one.
    pub public_metadata: Metadata,
    /// The membership's, once there is one.
    pub private_metadata: Metadata,
    /// When it runs out unless it is accepted.
    pub expires_at: i64,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

impl OrganizationInvitation {
    /// The status at `now`: a pending one that has run out is expired.
    pub fn status_at(&self, now: i64) -> InvitationStatus {
        self.status.at(self.expires_at, now)
    }

    /// The link that is mailed; `public_url` has no trailing slash.
    pub fn url(&self, public_url: &str) -> String {
        format!("{public_url}/v1/tickets/accept?ticket={}", self.ticket.0)
    }
}

/// What has become of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvitationStatus {
    /// It can be accepted.
    Pending,
    /// The invited is a member.
    Accepted,
    /// Somebody took it back.
    Revoked,
    /// It ran out by the clock; never written down.
    Expired,
}

impl InvitationStatus {
    /// The status at `now` of an invitation that runs out at `expires_at`.
    #[must_use]
    pub const fn at(self, expires_at: i64, now: i64) -> Self {
        match self {
            Self::Pending if expires_at <= now => Self::Expired,
            Self::Pending | Self::Accepted | Self::Revoked | Self::Expired => self,
        }
    }

    /// The status as the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }

    /// The status that is spelled so.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Accepted, Self::Revoked, Self::Expired]
            .into_iter()
            .find(|status| status.as_str() == name)
    }
}

/// A secret in a link that was mailed; it is never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket(pub String);

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(…)")
    }
}
